"""JSON text of documents: what `json.dumps` writes of the same document as values."""

from __future__ import annotations

import json
from random import Random

import pytest

import probation_rules as pr
from probation_rules.json_text import json_text
from probation_rules.report import Report, shaped
from probation_rules.rulebook.model import Area
from support.generate import question

AREAS = list(pr.rulebook().areas.values())


def reports(area: Area, seed: int, wanted: int) -> list[Report]:
    """Return the reports on some random cases, all asked about one day."""
    random, found = Random(seed), list[Report]()
    _, on = question(random, area)
    while len(found) < wanted:
        case, _ = question(random, area, unknown=0.3)
        try:
            found.append(pr.check(case, on=on))
        except pr.CaseError:
            continue
    return found


@pytest.mark.parametrize("area", AREAS, ids=lambda area: area.name)
@pytest.mark.parametrize("indent", [None, 0, 2])
def test_a_report_is_the_text_that_json_dumps_writes(area: Area, indent: int | None) -> None:
    for report in reports(area, 1, 8):
        text = json.dumps(report.to_dict(), indent=indent, ensure_ascii=False)
        assert report.to_json(indent=indent) == text


def test_text_in_ascii_escapes_what_json_dumps_escapes() -> None:
    report = pr.check(pr.UnpaidWorkOrder(reference="Zoë"), on=AREAS[0].rules[0].from_)
    document = shaped(report.on, report.engine, report.book, [report])
    assert json_text(document, ascii_only=True) == json.dumps(report.to_dict())
    assert "Zo\\u00eb" in json_text(document, ascii_only=True)


def test_an_assumption_is_not_kept_for_reports_without_it() -> None:
    order = pr.UnpaidWorkOrder(order_type="community_order")
    day = AREAS[0].rules[0].from_
    assumed = {"required_minutes": 6000, "ete_minutes": 0}
    with_, without = (pr.check(order, on=day, assuming=some) for some in (assumed, None))
    for report in (without, with_, without):
        assert report.to_json(indent=None) == json.dumps(report.to_dict(), ensure_ascii=False)
    assert with_.finding("upw.ete-allowance").entry().assumed == ("ete_minutes", "required_minutes")
