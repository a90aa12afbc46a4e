"""The service describes itself, and answers as it describes."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

import probation_rules as pr
from probation_rules import web
from probation_rules.web.limits import Limits

AREAS = sorted(pr.rulebook().areas)


@pytest.fixture(scope="module")
def described(client: TestClient) -> dict[str, Any]:
    answer = client.get("/openapi.json")
    assert "ETag" in answer.headers
    found: dict[str, Any] = answer.json()
    return found


def conforms(described: dict[str, Any], schema: dict[str, Any], content: object) -> None:
    """Check content against a schema that refers to the description's own."""
    Draft202012Validator({**schema, "components": described["components"]}).validate(content)


def test_every_reference_leads_to_a_schema_that_is_used(described: dict[str, Any]) -> None:
    text = json.dumps(described)
    assert described["openapi"] == "3.1.0"
    refs = set(re.findall(r'"#/components/schemas/([\w-]+)"', text))
    assert refs == described["components"]["schemas"].keys()
    assert "$defs" not in text
    field = described["components"]["schemas"]["unpaid-work"]["properties"]["adjustment_minutes"]
    assert field["description"].endswith(" If it is missing, it is 0.")
    assert "default" not in field
    for one in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(one)


def test_every_operation_has_its_own_name_and_its_problems(described: dict[str, Any]) -> None:
    operations = [one for methods in described["paths"].values() for one in methods.values()]
    names = [one["operationId"] for one in operations]
    assert len(set(names)) == len(names) == len(AREAS) + 6
    for one in operations:
        for status, answer in one["responses"].items():
            if status not in ("200", "304"):
                assert [*answer["content"]] == ["application/problem+json"]


@pytest.mark.parametrize("area", AREAS)
def test_the_example_of_an_area_is_answered_as_shown(
    client: TestClient, described: dict[str, Any], area: str
) -> None:
    operation = described["paths"][f"/v1/check/{area}"]["post"]
    body = operation["requestBody"]["content"]["application/json"]
    given = body["examples"]["one"]["value"]
    conforms(described, body["schema"], given)
    on = operation["parameters"][0]["example"]
    answer = client.post(f"/v1/check/{area}", params={"on": on, "strict": "false"}, json=given)
    shown = operation["responses"]["200"]["content"]["application/json"]
    assert answer.json() == shown["examples"]["one"]["value"]
    conforms(described, shown["schema"], answer.json())


def test_other_answers_are_as_described(client: TestClient, described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    conforms(described, schemas["rules"], client.get("/v1/rules").json())
    for id_ in pr.rulebook().rules:
        explained = client.get(f"/v1/rules/{id_}", params={"on": "2026-11-21"}).json()
        conforms(described, schemas["explanation"], explained)
    conforms(described, schemas["problem"], client.get("/v1/rules/none").json())
    health = described["paths"]["/health"]["get"]["responses"]["200"]["content"]
    conforms(described, health["application/json"]["schema"], client.get("/health").json())
    order = {"reference": "A", "order_type": "community_order", "sentence_date": "2025-03-03"}
    before = {
        "area": "unpaid-work",
        "on": "2025-04-01",
        "cases": [order, {**order, "reference": "B"}],
    }
    changed = {**order, "extended": "no", "reference": "B"}
    after = {
        "area": "unpaid-work",
        "on": "2026-05-15",
        "cases": [order, {**order, "reference": "C"}, changed],
    }
    body = {"before": before, "after": after}
    path = described["paths"]["/v1/compare"]["post"]
    conforms(described, path["requestBody"]["content"]["application/json"]["schema"], body)
    found = client.post("/v1/compare", json=body).json()
    assert found["counts"] == {"new": 1, "gone": 0, "changed": 1, "unchanged": 0, "invalid": 1}
    conforms(described, schemas["comparison"], found)


def test_names_and_limits_of_a_service_are_in_its_description() -> None:
    books = {"north": pr.rulebook(), "west": pr.rulebook()}
    client = TestClient(web.app(books, limits=Limits(cases=7)))
    text = client.get("/openapi.json").text
    assert '"enum": ["north", "west"], "default": "north"' in text
    assert '"maxItems": 7' in text
