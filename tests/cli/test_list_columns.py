"""The plain lines of a list are those that rich would lay out, whatever is in its cells."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, RenderableType

from probation_rules.caseload.columns import Columns, Piece

TEXTS = st.text(alphabet="ab ,-字é\n", max_size=30)


def shown(part: RenderableType, width: int, *, colours: bool = False) -> list[str]:
    console = Console(
        width=width, color_system="standard" if colours else None, force_terminal=colours,
        highlight=False, markup=False, emoji=False,
    )  # fmt: skip
    with console.capture() as capture:
        console.print(part)
    return [line.rstrip() for line in capture.get().splitlines()]


def columns(titles: Sequence[str], right: Sequence[bool], *rows: Sequence[str]) -> Columns:
    return Columns(titles, right, [[[Piece(text)] for text in row] for row in rows], leading=1)


@given(
    st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=4),
    st.tuples(st.booleans(), st.booleans(), st.booleans()),
    st.integers(30, 90),
)
def test_plain_lines_are_those_of_the_table(
    rows: list[tuple[str, str, str]], right: tuple[bool, bool, bool], width: int
) -> None:
    found = columns(["reference\nstage", "days left", "not met\nmissing"], right, *rows)

    assert shown(found, width) == shown(found.table(), width)


def test_a_list_has_colours_on_a_terminal_only() -> None:
    found = Columns(["rule"], [False], [[[Piece("one", "red"), Piece(", two")]]])

    assert shown(found, 80) == ["", " rule", " ────────", " one, two", ""]
    assert shown(found, 80, colours=True)[3] == " \x1b[31mone\x1b[0m, two"


@pytest.mark.parametrize("width", [20, 24, 40])
def test_long_words_and_lines_are_folded(width: int) -> None:
    found = columns(["a", "b"], [False, True], ["x" * 60, "y y " * 20], ["", "字" * 30])

    assert shown(found, width) == shown(found.table(), width)
    assert max(map(len, shown(found, width))) <= width
