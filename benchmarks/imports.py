"""How long `import probation_rules` takes over bare Python, in fresh processes.

Also the first decision, which loads and checks the rulebook and compiles the area's function.
"""

from __future__ import annotations

import subprocess
import sys
from statistics import median
from time import perf_counter

import machine

PROCESSES = 15
TARGET = 60  # milliseconds over bare Python

FIRST_DECISION = (
    "import probation_rules as pr; from datetime import date;"
    " pr.check(pr.UnpaidWorkOrder(), on=date(2026, 3, 2))"
)
PROGRAMS = {
    "bare Python": "pass",
    "import attrs, cattrs": "import attrs, cattrs",
    "import probation_rules": "import probation_rules",
    "import probation_rules, first decision": FIRST_DECISION,
}


def milliseconds(program: str) -> float:
    start = perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True)  # noqa: S603 (the programs above)
    return (perf_counter() - start) * 1000


def main() -> None:
    times: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for number in range(PROCESSES + 1):
        for name, program in PROGRAMS.items():
            spent = milliseconds(program)
            if number:  # the first writes the caches
                times[name].append(spent)
    found = {name: median(spent) for name, spent in times.items()}
    bare = found["bare Python"]
    print(f"{machine.described('attrs', 'cattrs')}; median of {PROCESSES} fresh processes each.\n")
    print("| what | milliseconds | over bare Python |\n|---|---:|---:|")
    for name, spent in found.items():
        print(f"| {name} | {spent:.0f} | {spent - bare:.0f} |")
    over = found["import probation_rules"] - bare
    print(
        f"\nTarget: at most {TARGET} over bare Python; reached: {'yes' if over <= TARGET else 'no'}"
    )


if __name__ == "__main__":
    main()
