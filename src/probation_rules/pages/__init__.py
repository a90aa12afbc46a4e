"""One page of HTML about a file of cases: what a manager opens in the morning meeting.

The page is one file that needs nothing else: no network, no script, no font. Its words stand in
`templates/`, what it says of any area in `content`, and what only some areas show in a module each.
Jinja2 is imported here only; it comes with the extra `cli`.
"""

from __future__ import annotations

from collections.abc import Callable

from probation_rules.cli.answer import Answer
from probation_rules.pages import curfew_variation, pod, unpaid_work
from probation_rules.pages.content import content
from probation_rules.pages.render import render

# What an area shows beside the parts of every page, in the template of its name.
_OWN: dict[str, Callable[[Answer], object]] = {
    "curfew-variation": curfew_variation.variations,
    "pod": pod.grid,
    "unpaid-work": unpaid_work.pictures,
}


def html_page(found: Answer, file: str) -> str:
    """Return the page about the cases of a file, every one of them on its list.

    Args:
        found: The answers on the file.
        file: What to call the file.
    """
    area = found.question.area.name
    parts = content(found, file)
    if area not in _OWN:
        return render("page.html", page=parts)
    return render(f"{area}.html", page=parts, own=_OWN[area](found))
