"""Make the PODs that come with the library: obviously synthetic, always the same.

Run it from the project's folder: `python benchmarks/make_pods.py`.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from random import Random
from typing import Any

from probation_rules.cases import column_names

FILE = Path(__file__).parents[1] / "src" / "probation_rules" / "demo" / "pods.csv"
NUMBER = 36

# How many of each grade: most near two to three to one, some a long way off, a few without a grade.
MIXES = [
    (2, 3, 1),
    (2, 3, 1),
    (4, 6, 2),
    (4, 5, 2),
    (3, 4, 1),
    (3, 3, 1),
    (5, 4, 2),
    (2, 5, 1),
    (2, 4, 0),
]
ATTESTED = (
    "case_knowledge_shared",
    "case_administrator_enables_team",
    "structure_in_induction",
    "equalities_in_allocation",
    "equalities_in_staffing",
    "lived_experience_considered",
)
UNKNOWN, YES, NO = "", "yes", "no"


def rows() -> list[dict[str, str]]:
    """Return the members of every POD, a row each; an empty cell is unknown."""
    random = Random(20261121)  # noqa: S311 (made-up PODs, no secrets)
    found: list[dict[str, str]] = []
    for number in range(1, NUMBER + 1):
        pod = {"pod": f"POD-{number:02d}", **_own(random)}
        for place, member in enumerate(_members(random)):
            # Facts of the POD itself are in its first row only.
            stated = pod if place == 0 else {"pod": pod["pod"]}
            found.append({**stated, "reference": f"M-{len(found) + 1:03d}", **member})
    return found


def text() -> str:
    """Return the PODs as CSV."""
    out = io.StringIO()
    found = rows()
    named = {name for row in found for name in row}
    names = [name for name in column_names("pod") if name in named]
    writer = csv.DictWriter(out, names, restval=UNKNOWN, lineterminator="\n")
    writer.writeheader()
    writer.writerows(found)
    return out.getvalue()


def _own(random: Random) -> dict[str, str]:
    stated = {name: random.choices([YES, NO, UNKNOWN], [86, 4, 10])[0] for name in ATTESTED}
    return {
        "manager_grade": random.choices(["SPO", "PO", UNKNOWN], [93, 3, 4])[0],
        "work_allocated_by_grade": random.choices(["SPO", "PO", UNKNOWN], [88, 5, 7])[0],
        **stated,
        "local_variation_recorded": random.choices([YES, NO, UNKNOWN], [20, 70, 10])[0],
        "no_experienced_officer_recorded": random.choices([YES, NO, UNKNOWN], [10, 80, 10])[0],
    }


def _members(random: Random) -> list[dict[str, str]]:
    officers, services_officers, administrators = random.choice(MIXES)
    learners = random.choices([0, 1, 2, 3], [40, 30, 20, 10])[0]
    seasoned = random.choices([0.75, 0.4, 0.0], [75, 15, 10])[0]
    members = [_member(random, "PO", _passed(random, seasoned)) for _ in range(officers)]
    members += [_member(random, "PSO") for _ in range(services_officers)]
    members += [_member(random, "CA") for _ in range(administrators)]
    return members + [_member(random, "PQiP") for _ in range(learners)]


def _passed(random: Random, share: float) -> str:
    if random.random() < 0.08:
        return UNKNOWN
    return YES if random.random() < share else NO


def _member(random: Random, grade: str, nqo_completed: str = UNKNOWN) -> dict[str, Any]:
    fte = random.choices(["1.0", "0.8", "0.6", "0.5", UNKNOWN], [72, 12, 8, 5, 3])[0]
    known = random.random() >= 0.01
    return {"grade": grade if known else UNKNOWN, "fte": fte, "nqo_completed": nqo_completed}


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8", newline="\n")
    print(f"{FILE}: {NUMBER} PODs, {len(rows())} members")
