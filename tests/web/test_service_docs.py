"""The page of the service names every limit with its figure, and every status."""

from __future__ import annotations

import re

import attrs

from probation_rules.web.limits import Limits
from probation_rules.web.problems import KINDS
from support.documents import ROOT

PAGE = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")


def test_every_limit_is_on_the_page_with_its_figure() -> None:
    limits = attrs.asdict(Limits())
    rows = [
        f"| `{name}` | {value if isinstance(value, str) else f'{value:,.0f}'} |"
        for name, value in limits.items()
    ]
    assert [row for row in rows if row not in PAGE] == []


def test_every_status_of_a_problem_is_on_the_page() -> None:
    rows = re.findall(r"^\| (\d{3}(?:, \d{3})*) \|", PAGE, re.MULTILINE)
    assert {int(one) for row in rows for one in row.split(",")} == {*KINDS}
