"""The programs in `examples/` do what their page says, from the shell and over HTTP."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from runpy import run_path
from typing import Any
from unittest.mock import patch

import pytest
from attrs import define
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

import probation_rules as pr
from probation_rules import schema
from service import MOST_BYTES, service

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
ON = {"on": "2026-11-21"}
PODS = json.loads((EXAMPLES / "pods.json").read_text(encoding="utf-8"))
ORDER = {"reference": "UPW-1", "order_type": "community_order", "sentence_date": "2025-03-03"}


# --- Programs -----------------------------------------------------------------------------------


@define
class Ran:
    """The output of a program."""

    stdout: str
    stderr: str


def ran(program: str, *arguments: str, cwd: Path, expected: int = 0) -> Ran:
    """Run a program of the examples in this process, as the shell would."""
    out, err, code = StringIO(), StringIO(), 0
    argv = [program, *arguments]
    with chdir(cwd), redirect_stdout(out), redirect_stderr(err), patch.object(sys, "argv", argv):
        try:
            run_path(str(EXAMPLES / program), run_name="__main__")
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(bool(end.code))
            if isinstance(end.code, str):
                err.write(f"{end.code}\n")
    assert code == expected, err.getvalue()
    return Ran(out.getvalue(), err.getvalue())


def test_an_import_says_what_the_feed_lacks_and_what_it_assumed(tmp_path: Path) -> None:
    text = ran("import_convictions.py", cwd=tmp_path).stdout
    assert "note: 1 ended requirement was left out" in text
    assert "the feed never says: adjustment_minutes, ete_minutes" in text
    assert "701: the stage is not known" in text
    text = ran("import_convictions.py", "--not-extended", cwd=tmp_path).stdout
    assert "701: backlog" in text
    assert "breach: 75 h outstanding after the last day (assumed: extended)" in text


def test_pods_are_validated_and_the_smallest_change_is_named(tmp_path: Path) -> None:
    text = ran("validate_pods.py", "--ratio", "headcount", cwd=tmp_path, expected=1).stdout
    assert text.splitlines()[0] == "North 1: keeps all"
    assert "pod.8 breach: 2 learners, but 1 POs past the newly-qualified period" in text
    assert "put right by: one learner fewer" in text
    assert "pod.10-not-only-new cannot tell: needs members[0].nqo_completed" in text
    (tmp_path / "good.json").write_text(json.dumps(PODS[:1]), encoding="utf-8")
    ran("validate_pods.py", "good.json", cwd=tmp_path)


def test_a_caseload_is_flagged_and_written(tmp_path: Path) -> None:
    arguments = ("--output", "outcomes.csv")
    lines = ran("flag_caseload.py", *arguments, cwd=tmp_path).stdout.splitlines()
    assert lines[0].startswith("300 orders on 2026-11-21, ")
    assert lines[1].startswith("  EX-0292, -221 days: lapsed: upw.")
    assert lines[-1] == "written to outcomes.csv"
    written = (tmp_path / "outcomes.csv").read_text(encoding="utf-8").splitlines()
    assert len(written) == 301
    early = ran("flag_caseload.py", "--on", "2026-01-15", cwd=tmp_path).stdout
    assert "cannot be judged; the first, EX-0003: the sentence date is after" in early


@pytest.mark.parametrize(
    "program", ["import_convictions.py", "validate_pods.py", "flag_caseload.py"]
)
def test_a_file_that_cannot_be_read_is_one_line(program: str, tmp_path: Path) -> None:
    done = ran(program, "missing.csv", cwd=tmp_path, expected=2)
    assert "missing.csv" in done.stderr


# --- The service --------------------------------------------------------------------------------


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(service()) as found:
        yield found


def problems(client: TestClient, path: str, status: int, **question: Any) -> list[str]:
    answer = client.post(path, **question)
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"problems"}
    found: list[str] = answer.json()["problems"]
    return found


def test_pods_go_in_and_a_report_comes_out(client: TestClient) -> None:
    answer = client.post("/check/pod", params=ON, json=PODS)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    document = answer.json()
    Draft202012Validator(schema.report_schema()).validate(document)
    assert [one["reference"] for one in document["reports"]] == ["North 1", "North 2", "South 1"]
    assert document["reports"][1]["place"] == "$[1]"
    assert document["summary"]["pod.8"] == {"met": 2, "not_met": 1}


def test_orders_are_checked_one_or_many(client: TestClient) -> None:
    for body in (ORDER, [ORDER]):
        (one,) = client.post("/check/unpaid-work", params=ON, json=body).json()["reports"]
        assert one["case"] == ORDER
        assert one["stage"] is None


def test_an_exact_share_stays_exact(client: TestClient) -> None:
    body = '[{"members": [{"grade": "PO", "fte": 0.6}]}]'
    answer = client.post(
        "/check/pod", params=ON, content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.json()["reports"][0]["case"]["members"][0]["fte"] == "0.6"


def test_settings_of_the_service_count() -> None:
    book = pr.rulebook().with_settings({"ratio_measure": "headcount"})
    with TestClient(service(book)) as client:
        answer = client.post("/check/pod", params=ON, json=PODS[:1]).json()
    assert answer["rulebook"]["settings"] == {"ratio_measure": "headcount"}


def test_the_day_has_to_be_given(client: TestClient) -> None:
    for query in ({}, {"on": "today"}, {"on": "21/11/2026"}):
        (text,) = problems(client, "/check/pod", 400, params=query, json=PODS)
        assert text == "give the day asked about, as YYYY-MM-DD @ query on"


def test_cases_that_cannot_be_judged_come_back_with_every_problem(client: TestClient) -> None:
    body = [
        {"reference": "Jo Secret", "order_type": "community"},
        {**ORDER, "sentence_date": "2025-02-30", "extended": "no"},
    ]
    found = problems(client, "/check/unpaid-work", 422, params=ON, json=body)
    assert [text.rpartition(" @ ")[2] for text in found] == [
        "$[0].order_type",
        "$[1].sentence_date",
        "$[1].extended",
    ]
    assert "Secret" not in "".join(found)
    # What only shows when it is asked about has its place too.
    late = [ORDER, {**ORDER, "reference": "UPW-2", "sentence_date": "2026-12-01"}]
    found = problems(client, "/check/unpaid-work", 422, params=ON, json=late)
    assert found == ["the sentence date is after the day asked about @ $[1].sentence_date"]
    early = {"on": "2001-01-01"}
    assert "cover days from" in problems(client, "/check/pod", 422, params=early, json=PODS)[0]
    assert problems(client, "/check/pod", 422, params=ON, json=[])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"reference\nA\n", 400),
        (b'"text"', 400),
        (b"[{", 422),
        (b'[{"reference": NaN}]', 422),
        (b"[" * 100_000, 422),
        (b"[" + b" " * MOST_BYTES, 413),
        (b'{"reference": "\xff"}', 422),
    ],
)
def test_a_body_that_is_no_json_is_refused(client: TestClient, body: bytes, status: int) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    assert problems(client, "/check/pod", status, params=ON, content=body, headers=headers)


def test_other_requests_are_refused(client: TestClient) -> None:
    plain = {"Content-Type": "text/plain"}
    assert problems(client, "/check/pod", 415, params=ON, content=b"[]", headers=plain)
    (text,) = problems(client, "/check/pood", 404, params=ON, json=PODS)
    assert text.startswith("there is no area of that name; known are allocation,")
    assert client.get("/check/pod", params=ON).status_code == 405
    assert client.get("/elsewhere").status_code == 404


def test_nothing_of_a_case_is_logged(
    client: TestClient, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(0)
    for body in (
        [{**ORDER, "reference": "Jo Secret"}],
        [{"reference": "Jo Secret", "extended": 1}],
    ):
        client.post("/check/unpaid-work", params=ON, json=body)
    assert "Secret" not in caplog.text + "".join(capfd.readouterr())


def test_the_service_describes_itself(client: TestClient) -> None:
    description = client.get("/openapi.json").json()
    assert description["openapi"] == "3.1.0"
    assert set(description["paths"]) == {f"/check/{area}" for area in pr.rulebook().areas}
    schemas = description["components"]["schemas"]
    assert schemas["pod"].items() < json.loads(json.dumps(schema.case_schema("pod"))).items()
    assert schemas["report"]["required"] == schema.report_schema()["required"]
    refs = set(re.findall(r'"#/components/schemas/([\w-]+)"', json.dumps(description)))
    assert refs == schemas.keys()
    assert "$defs" not in json.dumps(description)
    for path, methods in description["paths"].items():
        (on,) = methods["post"]["parameters"]
        assert (on["name"], on["required"]) == ("on", True)
        body = methods["post"]["requestBody"]["content"]["application/json"]["schema"]
        name = body["oneOf"][1]["$ref"].rpartition("/")[2]
        assert name == path.rpartition("/")[2]
        assert name in schemas


def test_the_page_is_plain_and_loads_nothing(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
    for area in pr.rulebook().areas:
        assert f"POST /check/{area}?on=YYYY-MM-DD" in answer.text
    assert "<code>work_allocated_by_grade</code>" in answer.text
    for word in ("<script", "src=", "http:", "https:", "url("):
        assert word not in answer.text


def test_the_requirements_have_exact_versions_as_the_project_pins_them() -> None:
    pinned = set((ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines())
    lines = (EXAMPLES / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if not line.startswith("#")]
    assert all("==" in line for line in wanted)
    assert set(wanted) - pinned <= {"uvicorn==0.54.0"}  # only running the service needs it


def test_every_program_is_on_the_page_of_examples() -> None:
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for path in EXAMPLES.glob("*.py"):
        assert f"]({path.name})" in page
