"""Every error of the library as a problem, with its place as precisely as it is known."""

from __future__ import annotations

import pytest

import probation_rules as pr
from probation_rules.errors import ProbationRulesError, Problem
from probation_rules.web.limits import TooSlow
from probation_rules.web.problems import located, refused

FAULT = Problem("wrong", "$[3].members[0].grade")


@pytest.mark.parametrize(
    ("error", "status", "place"),
    [
        (pr.CaseError([FAULT]), 422, {"pointer": "#/3/members/0/grade"}),
        (pr.RulebookError([FAULT]), 422, {"pointer": "#/3/members/0/grade"}),
        (pr.InputError([Problem("wrong", "on")]), 422, {"parameter": "on"}),
        (pr.NotInForce("wrong"), 422, {"parameter": "on"}),
        (pr.UnknownRule("wrong"), 404, {"place": "path"}),
        (pr.MissingExtra("wrong", "excel"), 501, {"place": "the service"}),
        (TooSlow("wrong"), 503, {"place": "body"}),
        (pr.EngineDisagreement("wrong"), 422, {"place": "body"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_of_the_library_is_a_problem(
    error: ProbationRulesError, status: int, place: dict[str, str]
) -> None:
    found = refused(error)
    assert found.status == status
    (fault,) = map(located, found.problems)
    assert fault["detail"].startswith("wrong")
    assert fault == {"detail": fault["detail"], **place}


def test_a_pointer_names_any_field() -> None:
    assert located(Problem("x", "$"))["pointer"] == "#"
    assert located(Problem("x", "$.a/b~c"))["pointer"] == "#/a~1b~0c"
    assert located(Problem("x", "after: $.reports[1]"))["pointer"] == "#/after/reports/1"
    assert len(located(Problem("x" * 5_000))["detail"]) == 1_004
    assert located(Problem("x\x1b[31m", "row 7, column grade")) == {
        "detail": "x[31m",
        "place": "row 7, column grade",
    }
