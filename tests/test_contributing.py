"""The worked path in CONTRIBUTING.md, followed word for word on a copy of the library."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
import tomllib
from datetime import date
from pathlib import Path

import pytest

import probation_rules as pr
from support.rulebooks import content_of, shipped_with

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
CASES, RULES = (
    textwrap.dedent(block)
    for block in re.findall(r"^   ```toml\n(.*?)^   ```$", PAGE, re.MULTILINE | re.DOTALL)
)
(FIGURE,) = re.findall(r"^```toml\n(\[parameters.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
FIELD = "three_month_review_done: bool | None = None"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the library, and a folder for its cases."""
    source = Path(pr.__file__).parent
    shutil.copytree(
        source, tmp_path / "probation_rules", ignore=shutil.ignore_patterns("__pycache__")
    )
    (tmp_path / "cases" / "unpaid-work").mkdir(parents=True)
    return tmp_path


def command(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "probation_rules", *arguments],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def conformance(copy: Path) -> subprocess.CompletedProcess[str]:
    return command(copy, "conformance", "unpaid-work", "--cases", "cases")


def laid_in(rules: str, addition: str) -> str:
    """The rules file with each part of an addition under its heading, or at the end."""
    for part in re.split(r"^(?=\[)", addition, flags=re.MULTILINE):
        heading, _, body = part.partition("\n")
        if heading and f"\n{heading}\n" in rules:
            rules = rules.replace(f"\n{heading}\n", f"\n{heading}\n{body}", 1)
        else:
            rules += f"\n{part}"
    return rules


def test_a_rule_is_added_as_the_page_says(copy: Path) -> None:
    area = copy / "probation_rules" / "areas" / "unpaid_work"
    (copy / "cases" / "unpaid-work" / "three-month-review.cases.toml").write_text(CASES, "utf-8")
    before = conformance(copy)
    assert before.returncode != 0
    assert "Traceback" not in before.stderr

    rules, case = area / "rules.toml", area / "case.py"
    rules.write_text(laid_in(rules.read_text("utf-8"), RULES), "utf-8")
    assert f"`{FIELD}`" in PAGE
    case.write_text(f"{case.read_text('utf-8').rstrip()}\n    {FIELD}\n", "utf-8")

    shown = command(copy, "rules", "show", "upw.review-3")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith("upw.review-3: The review at the three-month point is recorded")
    after = conformance(copy)
    assert after.returncode == 0, after.stdout + after.stderr
    assert "6 of 6" in after.stdout


def test_a_slip_is_named_with_its_place_and_the_nearest_word(copy: Path) -> None:
    rules = copy / "probation_rules" / "areas" / "unpaid_work" / "rules.toml"
    slip = RULES.replace("three_month_point)", "three_month_pint)")
    rules.write_text(laid_in(rules.read_text("utf-8"), slip), "utf-8")
    shown = command(copy, "rules", "show", "upw.review-3")
    assert shown.returncode == 2
    assert "did you mean `three_month_point`?" in shown.stderr
    assert "Traceback" not in shown.stderr


def test_a_field_that_was_forgotten_is_named() -> None:
    text = (Path(pr.__file__).parent / "areas" / "unpaid_work" / "rules.toml").read_text("utf-8")
    book = shipped_with(tomllib.loads(laid_in(text, RULES)))
    with pytest.raises(pr.RulebookError) as caught:
        pr.check(pr.UnpaidWorkOrder(), on=date(2027, 4, 5), rulebook=book)
    assert str(caught.value) == (
        "`UnpaidWorkOrder` has no such field; add it to the area's case.py "
        "@ unpaid-work: facts.three_month_review_done"
    )


@pytest.mark.parametrize(
    ("sentenced", "outcome"),
    [(date(2026, 1, 15), "not_met"), (date(2027, 3, 31), "not_met"), (date(2027, 4, 1), "met")],
)
@pytest.mark.parametrize("on", [date(2027, 4, 1), date(2027, 4, 2), date(2028, 1, 1)])
def test_a_figure_changed_from_a_day_leaves_orders_sentenced_before_it_alone(
    sentenced: date, on: date, outcome: str
) -> None:
    content = content_of("unpaid-work")
    (name, changed), *_ = tomllib.loads(FIGURE)["parameters"].items()
    content["sources"]["made-up-note"] = {"title": "A made-up note", "publisher": "Nobody"}
    content["parameters"][name] |= changed
    book = shipped_with(content)
    order = pr.UnpaidWorkOrder(
        order_type="community_order",
        sentence_date=sentenced,
        required_minutes=35 * 60,
        imposed_on_breach=False,
    )

    report = pr.check(order, on=on, rulebook=book)

    assert report.outcome("upw.hours-range").value == outcome
