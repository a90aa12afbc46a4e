"""Every page is inert, sealed, navigable and complete, and agrees with the report."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

from probation_rules.areas import AREAS
from probation_rules.caseload.answered import IN_WORDS
from probation_rules.cli import output
from support.command_line import Orders, Run
from support.html_page import Element, parsed, require_inert, require_navigable, require_sealed

DEMO = files("probation_rules") / "demo"
UNPAID_WORK = str(DEMO / "unpaid-work.csv")
PODS = str(DEMO / "pods.csv")
LATER = ("--on", "2026-11-21")
SET = ("--set", "earned_reduction_from=2026-11-22")

EMPTY = '{"reference": "EX-1"}'


def page(run: Run, area: str, file: str, *options: str, stdin: str | None = None) -> Element:
    result = run("check", area, file, *LATER, *options, "--format", "html", stdin=stdin)
    assert result.exit_code == 0, result.stderr
    found = parsed(result.stdout)
    require_inert(found)
    require_sealed(found)
    require_navigable(found)
    return found


def listed(found: Element) -> list[str]:
    return [row[0] for table in found.all("table", class_="list") for row in table.rows()]


# --- Every area ---------------------------------------------------------------------------------


@pytest.mark.parametrize("area", AREAS)
def test_every_area_has_a_page_that_is_inert_sealed_and_navigable(run: Run, area: str) -> None:
    found = page(run, area, "-", stdin=EMPTY)
    assert listed(found)[0].startswith("EX-1")
    missing = found.one("section", **{"aria-labelledby": "missing"}).one("table").rows()
    assert missing
    assert all(fact and about and cases == "1" for fact, about, cases in missing)


@pytest.mark.parametrize("area", AREAS)
def test_a_file_without_cases_has_a_page_too(run: Run, area: str) -> None:
    found = page(run, area, "-", stdin="[]")
    assert listed(found) == []
    assert "There are no " in found.one("section", **{"aria-labelledby": "list"}).text


# --- The figures are the report's ---------------------------------------------------------------


@pytest.mark.parametrize(("area", "file"), [("unpaid-work", UNPAID_WORK), ("pod", PODS)])
def test_every_case_is_listed_once_and_every_count_is_the_report_s(
    run: Run, area: str, file: str
) -> None:
    report = json.loads(run("check", area, file, *LATER, "--format", "json").stdout)
    found = page(run, area, file)
    references = [one.split()[0] for one in listed(found)]
    assert sorted(references) == sorted(one["reference"] for one in report["reports"])
    table = found.one("section", **{"aria-labelledby": "rules"}).one("table")
    outcomes = [one.text.replace(" ", "_") for one in table.one("thead").all("th")[2:]]
    rules = [one.attributes["href"].removeprefix("#rule-") for one in table.one("tbody").all("a")]
    counts = {
        rule: dict(zip(outcomes, map(int, numbers), strict=True))
        for rule, (_, _, *numbers) in zip(rules, table.rows(), strict=True)
    }
    assert counts == {
        rule: {outcome: numbers.get(outcome, 0) for outcome in outcomes}
        for rule, numbers in report["summary"].items()
    }
    tiles = found.one("ul", class_="tiles").all("b")
    assert sum(int(one.text) for one in tiles) == len(references)


def test_a_row_gives_each_reason_with_its_rule_and_its_sources(run: Run) -> None:
    report = json.loads(
        run("check", "unpaid-work", UNPAID_WORK, *LATER, *SET, "--format", "json").stdout
    )
    found = page(run, "unpaid-work", UNPAID_WORK, *SET)
    rows = {
        row.all("bdi")[0].text: row
        for table in found.all("table", class_="list")
        for row in table.all("tr")[1:]
    }
    for one in report["reports"]:
        row = rows[one["reference"]]
        for finding in one["findings"]:
            if finding["outcome"] == "not_met":
                href = f"#rule-{finding['rule']}"
                (reason,) = [p for p in row.all("p") if p.all("a")[0].attributes["href"] == href]
                assert finding["message"] in reason.text
                assert reason.all("b")[0].text == IN_WORDS[finding["severity"]]
                cited = [a for a in reason.all("a") if "cite" in a.attributes.get("class", "")]
                citations = report["rules"][finding["rule"]][finding["wording"]]["citations"]
                assert len(cited) == len(citations)
                for link, citation in zip(cited, citations, strict=True):
                    source = found.one("li", id=link.attributes["href"][1:])
                    assert " ".join(citation["source"].split()) in source.text
                    if citation["address"]:
                        assert source.one("a").attributes["href"] == citation["address"]
                        assert "noreferrer" in source.one("a").attributes["rel"]


def test_the_list_is_in_the_order_of_the_terminal(run: Run) -> None:
    shown = run("check", "unpaid-work", UNPAID_WORK, *LATER, *SET, "--all").stdout
    expected = re.findall(r"^ ?(EX-\d{4})\b", shown, re.MULTILINE)
    found = page(run, "unpaid-work", UNPAID_WORK, *SET)
    assert [one.split()[0] for one in listed(found)] == expected
    captions = [table.one("caption").text for table in found.all("table", class_="list")]
    starts = [link.text for link in found.one("p", class_="jump").all("a")]
    assert starts == ["1", "101", "201"]
    assert captions == [
        f"Orders {first} to {first + 99}, the most urgent first" for first in (1, 101, 201)
    ]


def test_missing_facts_are_counted_over_the_cases_that_wait_for_them(
    run: Run, orders: Orders
) -> None:
    file = orders(
        {"reference": "A", "ete_minutes": ""},
        {"reference": "B", "ete_minutes": "", "completed_minutes": ""},
        {"reference": "C"},
    )
    found = page(run, "unpaid-work", file, *SET)
    section = found.one("section", **{"aria-labelledby": "missing"})
    rows = {row[0]: row[1:] for row in section.one("table").rows()}
    assert rows["Minutes of education, training and employment"] == [
        "Minutes credited for education, training and employment.", "2",
    ]  # fmt: skip
    assert rows["Minutes completed"][1] == "1"


def test_a_fact_of_members_is_counted_once_for_a_pod(run: Run) -> None:
    case = {"reference": "P", "members": [{"reference": f"M{one}"} for one in range(5)]}
    found = page(run, "pod", "-", stdin=json.dumps(case))
    section = found.one("section", **{"aria-labelledby": "missing"})
    assert ("Grade", "1") in [(row[0], row[2]) for row in section.one("table").rows()]


def test_stages_are_counted_by_their_most_serious_finding(run: Run) -> None:
    found = page(run, "unpaid-work", UNPAID_WORK, *SET)
    table = next(
        one for one in found.all("table") if one.one("caption").attributes["id"] == "stage-table"
    )
    rows = table.rows()
    assert rows[0] == ["past twelve months", "7", "23", "0", "0", "30"]
    assert rows[-1][0] == "cannot tell"
    assert sum(int(row[-1]) for row in rows) == 300
    for place, tile in enumerate(found.one("ul", class_="tiles").all("b"), 1):
        assert sum(int(row[place]) for row in rows) == int(tile.text)


# --- What was asked -----------------------------------------------------------------------------


def test_the_basis_names_day_rules_settings_assumptions_and_local_rulebooks(
    run: Run, orders: Orders, north: str
) -> None:
    file = orders({"reference": "A", "extended": ""})
    found = page(run, "unpaid-work", file, *SET, "--rulebook", north, "--assume", "extended=false")
    basis = found.one("section", **{"aria-labelledby": "basis"}).text
    report = json.loads(
        run(
            *("check", "unpaid-work", file, *LATER, *SET, "--rulebook", north),
            *("--assume", "extended=false", "--format", "json"),
        ).stdout
    )
    assert report["rulebook"]["digest"] in basis
    assert f"version {report['rulebook']['version']}" in basis
    for text in (
        "21 Nov 2026",
        "Local rulebook: North (made up), Pace of our own, 3",
        "Local rule: upw.north-pace-6 replaces upw.pace-6",
        "Set by the caller: earned_reduction_from is 22 Nov 2026",
        "Assumed by the caller: extended is no, for 1 without a value",
    ):
        assert text in basis


def test_what_the_policy_leaves_open_is_said_with_what_settles_it(run: Run) -> None:
    found = page(run, "pod", PODS)
    message = found.one("div", id="open-1").text
    assert re.search(r"Not settled by policy: needed for \d+ of \d+ PODs", message)
    assert "--set" not in message
    basis = found.one("section", **{"aria-labelledby": "basis"}).text
    assert "To settle figure 1 --set ratio_measure=headcount|full_time_equivalent" in basis
    assert "#open-1" in {one.attributes["href"] for one in found.all("a")}


def test_the_notes_on_the_file_are_on_the_page_too(run: Run) -> None:
    result = run(
        *("check", "unpaid-work", "-", *LATER, "--assume", "extended=false", "--format", "html"),
        stdin='{"extended": false}',
    )
    assert (
        "the value assumed for extended was not used"
        in parsed(result.stdout).one("ul", class_="notes").text
    )
    assert "note: the value assumed for extended was not used" in result.stderr


# --- Hostile text -------------------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "=HYPERLINK(1)",
    "{{ 7 * 7 }}",
    "&lt;b&gt;",
    "</style><style>*{display:none}",
    "אבג 123",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_reference_is_shown_as_it_is_and_does_nothing(run: Run, text: str) -> None:
    found = page(run, "unpaid-work", "-", stdin=json.dumps({"reference": text}))
    (table,) = found.all("table", class_="list")
    assert table.all("bdi")[0].text == text  # by itself: its direction ends with it


def test_characters_that_nobody_would_see_are_named(run: Run, orders: Orders) -> None:
    # In ASCII, for file systems that know no more; test_notebook.py has other characters.
    file = orders({"reference": "A"}, name="gnp\x7f\x01x\x1b[31m.csv")
    found = page(run, "unpaid-work", file)
    shown = found.one("header").one("bdi").text
    assert shown == "gnp[U+007F][U+0001]x[U+001B][31m.csv"


def test_a_local_rulebook_cannot_bring_a_link_that_runs(
    run: Run, orders: Orders, north: str, tmp_path: Path
) -> None:
    book = tmp_path / north
    text = book.read_text(encoding="utf-8").replace('source = "house"', 'source = "own"')
    own = '\n[sources.own]\ntitle = "<b>Own"\npublisher = "Own"\naddress = "javascript:alert(1)"\n'
    book.write_text(text + own, encoding="utf-8")
    file = orders({"reference": "A"})
    found = page(run, "unpaid-work", file, "--rulebook", north)
    (source,) = [one for one in found.all("li") if one.text.startswith("<b>Own. Own.")]
    assert source.all("a") == []


# --- Writing ------------------------------------------------------------------------------------


def test_a_page_is_written_whole_or_not_at_all(
    run: Run, orders: Orders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = orders({"reference": "A"})
    arguments = ("check", "unpaid-work", file, *LATER, "--format", "html", "--output", "p.html")
    result = run(*arguments)
    assert result.exit_code == 0
    assert result.stdout == ""
    assert result.stderr.splitlines()[-1] == "written to p.html"
    before = (tmp_path / "p.html").read_bytes()
    assert parsed(before.decode()).one("h1").text == "1 order on 21 Nov 2026"

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert run(*arguments).exit_code == 2
    assert (tmp_path / "p.html").read_bytes() == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["orders.csv", "p.html"]


def test_without_jinja2_the_message_says_what_to_install(
    run: Run, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: str) -> None:
        raise ModuleNotFoundError("no", name="jinja2")

    monkeypatch.setattr(output, "import_module", missing)
    result = run("check", "unpaid-work", orders({}), *LATER, "--format", "html")
    assert result.exit_code == 2
    message = (
        "error: an HTML page needs jinja2, which is not installed here; install the extra `cli`: "
    )
    assert result.stderr.endswith(f"{message}pip install 'probation-rules[cli]'\n")
