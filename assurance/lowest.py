"""Print the lowest version of each package that pyproject.toml allows, as constraints for pip.

    make test CONSTRAINTS=build/lowest.txt

A bound has to name a version that was published. What the packages themselves need is not bound.
"""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parent.parent
BOUND = re.compile(r"(?P<name>[\w-]+)(>=|==)(?P<version>[\w.]+)[^;]*(?P<marker>;.*)?")


def lowest(project: dict[str, Any]) -> list[str]:
    """Return a constraint for each package that the project or one of its extras needs."""
    needed = chain(project["dependencies"], *project["optional-dependencies"].values())
    bounds = [BOUND.fullmatch(one) for one in dict.fromkeys(needed) if "[" not in one]
    return [f"{one['name']}=={one['version']}{one['marker'] or ''}" for one in bounds]


if __name__ == "__main__":
    content = tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))
    print("\n".join(lowest(content["project"])))
