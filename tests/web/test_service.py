"""The end points for cases, comparisons and rules."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from httpx2 import Response
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

import probation_rules as pr
from probation_rules import schema, web
from probation_rules.web.limits import Limits
from support.documents import ROOT

ON = {"on": "2026-11-21"}
PODS = json.loads((ROOT / "examples" / "pods.json").read_text(encoding="utf-8"))
ORDER = {"reference": "UPW-1", "order_type": "community_order", "sentence_date": "2025-03-03"}
ORDERS = "/v1/check/unpaid-work"
PROBLEM = {"type", "title", "status", "detail", "instance", "errors"}


def errors(answer: Response, status: int) -> list[dict[str, str]]:
    """Return the faults that a problem lists."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    content = answer.json()
    assert content.keys() == PROBLEM
    assert content["status"] == status
    assert content["instance"] == f"urn:uuid:{answer.headers['X-Request-ID']}"
    found: list[dict[str, str]] = content["errors"]
    return found


# --- Cases --------------------------------------------------------------------------------------


def test_pods_go_in_and_a_report_comes_out(client: TestClient) -> None:
    answer = client.post("/v1/check/pod", params=ON, json=PODS)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    document = answer.json()
    Draft202012Validator(schema.report_schema()).validate(document)
    assert [one["reference"] for one in document["reports"]] == ["North 1", "North 2", "South 1"]
    assert document["reports"][1]["place"] == "$[1]"
    assert document["summary"]["pod.8"] == {"met": 2, "not_met": 1}


def test_the_report_is_the_librarys(client: TestClient) -> None:
    answer = client.post(ORDERS, params=ON, json=ORDER).json()
    report = pr.check(pr.case_from("unpaid-work", ORDER), on=date(2026, 11, 21))
    report.place = "$"
    assert answer == report.to_dict()


def test_an_exact_share_stays_exact(client: TestClient) -> None:
    body = '[{"members": [{"grade": "PO", "fte": 0.6}]}]'
    headers = {"Content-Type": "application/json; charset=utf-8"}
    answer = client.post("/v1/check/pod", params=ON, content=body, headers=headers)
    assert answer.json()["reports"][0]["case"]["members"][0]["fte"] == "0.6"


def test_a_request_chooses_a_rulebook() -> None:
    north = pr.rulebook().with_settings({"ratio_measure": "headcount"})
    client = TestClient(web.app({"national": pr.rulebook(), "north": north}))

    def settings(**query: str) -> Any:
        answer = client.post("/v1/check/pod", params={**ON, **query}, json=PODS[:1])
        return answer.json()["rulebook"]["settings"]

    assert settings() == {}
    assert settings(rulebook="north") == {"ratio_measure": "headcount"}
    (fault,) = errors(client.get("/v1/rules", params={"rulebook": "nroth"}), 400)
    text = "`nroth` is not a rulebook; did you mean `north`?"
    assert fault == {"detail": text, "parameter": "rulebook"}


def test_every_problem_has_its_place(client: TestClient) -> None:
    body = [
        {"reference": "Jo Secret", "order_type": "community"},
        {**ORDER, "sentence_date": "2025-02-30", "extended": "no"},
    ]
    answer = client.post(ORDERS, params=ON, json=body)
    found = errors(answer, 422)
    places = [one["pointer"] for one in found]
    assert places == ["#/0/order_type", "#/1/sentence_date", "#/1/extended"]
    assert answer.json()["detail"] == "3 problems; `errors` lists them"
    assert "Secret" not in answer.text
    late = [ORDER, {**ORDER, "reference": "UPW-2", "sentence_date": "2026-12-01"}]
    (fault,) = errors(client.post(ORDERS, params=ON, json=late), 422)
    text = "the sentence date is after the day asked about"
    assert fault == {"detail": text, "pointer": "#/1/sentence_date"}


def test_other_cases_are_answered_if_the_caller_wants_it(client: TestClient) -> None:
    late = {**ORDER, "reference": "UPW-2", "sentence_date": "2026-12-01"}
    wrong = {**ORDER, "reference": "UPW-3", "extended": "no"}
    query = {**ON, "strict": "false"}
    answer = client.post(ORDERS, params=query, json=[ORDER, late, wrong])
    document = answer.json()
    Draft202012Validator(schema.report_schema()).validate(document)
    assert [one["place"] for one in document["reports"]] == ["$[0]"]
    assert [(one["place"], one["reference"]) for one in document["invalid"]] == [
        ("$[1]", "UPW-2"),
        ("$[2]", "UPW-3"),
    ]
    assert document["invalid"][1]["reasons"] == ["must be true or false @ extended"]


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        (b"", 400, "give a JSON list of cases, or one case"),
        (b"reference\nA\n", 400, "give a JSON list of cases, or one case"),
        (b'"text"', 400, "give a JSON list of cases, or one case"),
        (b'{"extended": true}\n{"extended": true}\n', 400, "JSON lines are for the end point"),
        (b"[{", 422, "the JSON ends too early"),
        (b'[{"reference": NaN}]', 422, "`NaN` is not a number"),
        (b"[" * 100_000, 422, "nested too deeply"),
        (b'{"reference": "\xff"}', 422, "UTF-8"),
        (b"[]", 422, "give at least one case"),
        (b"[{}]", 422, "give at least one case"),
        (b"[" + b" " * Limits().body_bytes, 413, "more than 2,000,000 bytes"),
        (b'[{"extended": true}' + b',{"extended": true}' * 2_000 + b"]", 413, "2,000 cases"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_body_that_is_not_a_list_of_cases_is_refused(
    client: TestClient, body: bytes, status: int, detail: str
) -> None:
    headers = {"Content-Type": "application/json"}
    (fault,) = errors(client.post(ORDERS, params=ON, content=body, headers=headers), status)
    assert detail in fault["detail"]


@pytest.mark.parametrize(
    ("path", "query", "status", "fault"),
    [
        (ORDERS, {}, 400, {"parameter": "on", "detail": "give the day asked about, as YYYY-MM-DD"}),
        (ORDERS, {"on": "2026-02-30"}, 400, {"parameter": "on", "detail": "`2026-02-30` is not a day; give it as YYYY-MM-DD"}),
        (ORDERS, {"on": "Jo Secret"}, 400, {"parameter": "on", "detail": "this text is not a day; give it as YYYY-MM-DD"}),
        (ORDERS, {"on": ["2026-01-01", "2026-01-02"]}, 400, {"parameter": "on", "detail": "give this parameter once"}),
        (ORDERS, {**ON, "strict": "yes"}, 400, {"parameter": "strict", "detail": "give true or false"}),
        (ORDERS, {**ON, "strct": "true"}, 400, {"parameter": "strct", "detail": "`strct` is not a parameter; did you mean `strict`?"}),
        (ORDERS, {**ON, "Jo Secret": "x"}, 400, {"place": "query", "detail": "this name is not a parameter; known are rulebook, on, strict"}),
        (ORDERS, {"on": "2001-01-01"}, 422, {"parameter": "on", "detail": "2001-01-01 is too early: the rules of unpaid-work cover days from 2017-02-15"}),
        ("/v1/check/unpaid-wrk", ON, 404, {"place": "path", "detail": "`unpaid-wrk` is not an area; did you mean `unpaid-work`?"}),
    ],
)  # fmt: skip
def test_a_wrong_question_is_refused(
    client: TestClient, path: str, query: dict[str, Any], status: int, fault: dict[str, str]
) -> None:
    assert errors(client.post(path, params=query, json=[ORDER]), status) == [fault]


def test_other_requests_are_refused(client: TestClient) -> None:
    plain = {"Content-Type": "text/plain"}
    (fault,) = errors(client.post(ORDERS, params=ON, content=b"[]", headers=plain), 415)
    assert fault == {"detail": "send application/json", "header": "Content-Type"}
    wrong = client.get(ORDERS, params=ON)
    assert errors(wrong, 405) == []
    assert wrong.headers["Allow"] == "POST"
    assert wrong.json()["detail"] == "This address does not have this method"
    assert errors(client.get("/v1/elsewhere"), 404) == []


def test_the_answer_stops_when_its_time_is_over() -> None:
    client = TestClient(web.app(limits=Limits(seconds=1e-9)))
    answer = client.post(ORDERS, params=ON, json=[ORDER])
    assert answer.status_code in (408, 503)
    assert "takes too long" in answer.text or "did not arrive" in answer.text


# --- Comparison ---------------------------------------------------------------------------------


def test_reports_and_cases_are_compared(client: TestClient) -> None:
    query = {"on": "2026-01-15"}
    before = client.post(ORDERS, params=query, json=[ORDER]).json()
    after = {"area": "unpaid-work", "on": "2026-05-15", "cases": [ORDER]}
    found = client.post("/v1/compare", json={"before": before, "after": after})
    assert found.status_code == 200
    assert found.json()["counts"]["changed"] == 1
    (change,) = found.json()["changed"]
    assert change["cause"]["text"] == "the day changed from 2026-01-15 to 2026-05-15"


def test_what_cannot_be_compared_is_refused_with_its_place(client: TestClient) -> None:
    def refused(body: object, status: int) -> list[dict[str, str]]:
        return errors(client.post("/v1/compare", json=body), status)

    (fault,) = refused([], 400)
    assert "give an object with `before` and `after`" in fault["detail"]
    side = {"area": "unpaid-wrk", "on": "today", "cases": []}
    found = refused({"before": side, "after": side}, 422)
    assert [one["pointer"] for one in found] == ["#/before/area", "#/before/on"]
    (fault,) = refused({"before": {**side, "area": [], "on": "2026-01-01"}, "after": side}, 422)
    assert fault["pointer"] == "#/before/area"
    found = refused({"before": {"on": 1}, "after": 1}, 422)
    assert {"pointer": "#/before/engine"}.items() <= found[1].items()
    twice = {"area": "unpaid-work", "on": "2026-01-15", "cases": [ORDER, ORDER]}
    (fault,) = refused({"before": twice, "after": twice}, 422)[:1]
    assert fault["pointer"] == "#/before/cases/1"
    headers = {"Content-Type": "application/json"}
    answer = client.post("/v1/compare", content=b"{", headers=headers)
    assert errors(answer, 400) == [{"detail": "the body is not JSON", "pointer": "#"}]


# --- Rules --------------------------------------------------------------------------------------


def test_the_rules_are_listed_by_area_and_day(client: TestClient) -> None:
    every = client.get("/v1/rules").json()
    assert {one["id"] for one in every["rules"]} == {*pr.rulebook().rules}
    assert every["rulebook"]["digest"] == pr.rulebook().digest
    pods = client.get("/v1/rules", params={"area": "pod", **ON}).json()["rules"]
    assert {one["area"] for one in pods} == {"pod"}
    assert pods[0].keys() == {"id", "area", "title", "severity", "basis", "in_force"}
    (fault,) = errors(client.get("/v1/rules", params={"area": "pdo"}), 400)
    assert fault["parameter"] == "area"


def test_a_rule_is_explained(client: TestClient) -> None:
    found = client.get("/v1/rules/pod.8", params=ON).json()
    assert found["asks"].startswith("the number of PQiP learners is at most")
    assert found["on"] == "2026-11-21"
    (fault,) = errors(client.get("/v1/rules/pod.88"), 404)
    assert fault["detail"] == "this name is not a rule; /v1/rules lists the rules"


def test_the_schema_of_an_area_is_the_librarys(client: TestClient) -> None:
    answer = client.get("/v1/areas/pod/schema")
    assert answer.headers["Content-Type"] == "application/schema+json"
    assert answer.json() == json.loads(json.dumps(schema.case_schema("pod")))
    assert errors(client.get("/v1/areas/pdo/schema"), 404)


def test_what_depends_on_the_rules_alone_is_sent_once(client: TestClient) -> None:
    for path in ("/v1/rules", "/v1/rules/pod.8", "/v1/areas/pod/schema"):
        first = client.get(path)
        tag = first.headers["ETag"]
        assert pr.rulebook().digest in tag
        assert first.headers["Cache-Control"] == "no-cache"
        for known in (tag, f'"another", W/{tag}', "*"):
            again = client.get(path, headers={"If-None-Match": known})
            assert (again.status_code, again.content) == (304, b"")
        assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
