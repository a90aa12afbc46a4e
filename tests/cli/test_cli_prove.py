from __future__ import annotations

from pathlib import Path

import pytest

from support.command_line import Run

LOCAL = """
area = "allocation"

[local]
region = "North (made up)"
title = "A matrix"
version = "1"
effective_from = 2024-01-01
approved_by = "Nobody (made up)"

[sources.note]
title = "A made-up note"
publisher = "Nobody"

[rules."alloc.north-one"]
title = "One"
basis = "local"
in_force = { from = 2024-01-01 }
must = "MUST"
not_met = "no"
remedy = "Mend it."
cites = [{ source = "note", checked = 2026-11-21 }]
"""


@pytest.mark.parametrize(
    ("must", "code", "says"),
    [
        ("needs_visor", 0, "statements hold"),
        (
            "not (decided_by_grade == 'SPO')",
            1,
            "alloc.decided-by-spo and alloc.north-one can be met",
        ),
    ],
)
def test_a_local_rulebook_is_proved_on_request(
    run: Run, tmp_path: Path, must: str, code: int, says: str
) -> None:
    (tmp_path / "north.toml").write_text(LOCAL.replace("MUST", must), encoding="utf-8")
    result = run("rules", "check", "north.toml", "--prove")
    assert result.exit_code == code
    assert says in result.stdout
    assert result.stdout.startswith("north.toml is good")
