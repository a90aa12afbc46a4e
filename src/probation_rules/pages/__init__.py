"""One page of HTML about a file of cases: what a manager opens in the morning meeting.

The page is one file that needs nothing else: no network, no script, no font. Its words are in
`templates/`, and its content in `content`. An area's `page` adds a part of its own.
Jinja2 is imported here only; it comes with the extra `cli`.
"""

from __future__ import annotations

from probation_rules.cli.answer import Answer
from probation_rules.pages.content import content
from probation_rules.pages.render import render


def html_page(found: Answer, file: str) -> str:
    """Return the page about the cases of a file, every one of them on its list.

    Args:
        found: The answers on the file.
        file: What to call the file.
    """
    spec, parts = found.question.area.spec, content(found, file)
    if spec.page is None:
        return render("page.html", page=parts)
    return render(f"{spec.folder}/page.html", page=parts, own=spec.load(spec.page)(found))
