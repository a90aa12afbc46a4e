"""Make the pages that `check.mjs` opens: of the demos, of a curfew, of 5,000 orders, of what changed.

    python assurance/browser/pages.py FOLDER

All cases are made up. The 5,000 orders are the demo's over and over, each with its own reference.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from itertools import cycle, islice
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "src" / "probation_rules" / "demo"
ON = "2026-11-21"
A_WEEK_BEFORE = "2026-11-14"
MANY, FEW = 5_000, 60
HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "=1+1", "אבג (RTL)"]


def periods(*days: str, start: str, place: str) -> list[dict[str, object]]:
    """Return periods of twelve hours."""
    return [{"day": day, "start": start, "minutes": 720, "place": place} for day in days]


DAYS = ("monday", "tuesday", "thursday", "saturday")
CURFEWS = [
    {
        "reference": "EX-C1", "order_type": "community_order", "adult": True,
        "convicted_on": "2026-03-02", "order_made_on": "2026-03-20", "order_in_force": True,
        "has_curfew_requirement": True, "first_effect_on": "2026-03-23",
        "curfew_ends_on": "2027-01-20", "circumstances_changed": True, "person_consents": True,
        "boundary_changes": False, "has_monitoring_requirement": True,
        "monitoring_would_differ": False, "consent_evidence_sent": True,
        "current": periods(*DAYS, start="19:00", place="address A"),
        "proposed": periods(*DAYS, start="21:00", place="address B"),
        "place_information_considered": True, "safeguarding_checked": True,
        "domestic_abuse_checked": True, "householder_consents": True,
        "residence_requirement_conflicts": False,
        "steps": {
            "form": {"done": True, "on": "2026-11-02"},
            "spo_triage": {"done": True, "on": "2026-11-04"},
            "pdu_head_approval": {"done": True, "on": "2026-11-09"},
            "court_notice": {"done": True, "on": "2026-11-10"}, "police_notice": {"done": False},
        },
    },
    {
        "reference": "EX-C2", "order_type": "suspended_sentence_order", "adult": True,
        "convicted_on": "2026-05-11", "person_consents": False,
        "current": periods("tuesday", start="20:00", place="address C"),
    },
    {"reference": "EX-C3"},
]  # fmt: skip


def write_orders(file: Path, number: int) -> None:
    """Write this many orders; the first have references that try to do harm."""
    with (DEMO / "unpaid-work.csv").open(encoding="utf-8", newline="") as made:
        reader = csv.DictReader(made)
        rows = list(reader)
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, reader.fieldnames or [])
        writer.writeheader()
        for place, row in enumerate(islice(cycle(rows), number)):
            reference = HOSTILE[place] if place < len(HOSTILE) else f"EX-{place:05}"
            writer.writerow({**row, "reference": reference})


def page(folder: Path, name: str, area: str, file: Path, *options: str) -> None:
    """Have the command make a page."""
    output = folder / f"{name}.html"
    command = [sys.executable, "-m", "probation_rules", "check", area, str(file), "--on", ON]
    asked = [*options, "--format", "html", "--output", str(output)]
    subprocess.run([*command, *asked], check=True, capture_output=True, cwd=ROOT)  # noqa: S603
    print(f"{output.name}: {output.stat().st_size / 1e6:.2f} MB")


def main() -> None:
    """Make the pages."""
    folder = Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.html"):
        old.unlink()
    orders, curfews, cases = (
        folder / "orders.csv",
        folder / "curfews.json",
        folder / "allocations.json",
    )
    last, now = folder / "last.csv", folder / "now.csv"
    write_orders(orders, MANY)
    write_orders(last, FEW + 20)
    write_orders(now, FEW)
    curfews.write_text(json.dumps(CURFEWS), encoding="utf-8")
    cases.write_text(
        json.dumps([{"reference": text, "holder_grade": "PSO"} for text in HOSTILE]),
        encoding="utf-8",
    )
    page(folder, "unpaid-work", "unpaid-work", DEMO / "unpaid-work.csv")
    page(folder, "pod", "pod", DEMO / "pods.csv")
    page(folder, "curfew-variation", "curfew-variation", curfews)
    page(folder, "allocation", "allocation", cases)
    page(folder, "many", "unpaid-work", orders)
    page(folder, "since", "unpaid-work", now, "--since", str(last), "--since-on", A_WEEK_BEFORE)


if __name__ == "__main__":
    main()
