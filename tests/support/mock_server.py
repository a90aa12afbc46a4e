"""Test data of other systems: what a mock server would answer with, as the real system answers."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

from probation_rules import readers
from probation_rules.readers import Reading


def read_answer(area: str, path: Path, *, shape: str, on: date | None = None) -> Reading:
    """Read the records in a file of a mock server's answers."""
    data = json.loads(path.read_text("utf-8"), object_hook=without_templates)
    if isinstance(data, dict) and "mappings" in data:
        data = [body(one) for one in data["mappings"]]
    stdin = io.BytesIO(json.dumps(body(data)).encode())
    return readers.read(area, "-", shape=shape, on=on, stdin=stdin)


def body(answer: Any) -> Any:
    """Return the record in an answer; any other value as it is."""
    response = answer.get("response", {}) if isinstance(answer, dict) else {}
    return response.get("jsonBody", answer)


def without_templates(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record with nothing where a template would make up a value."""
    return {
        name: None if isinstance(value, str) and value.startswith("{") else value
        for name, value in record.items()
    }
