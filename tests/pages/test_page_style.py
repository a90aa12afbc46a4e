"""The style: what is read and what is drawn stands out enough (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

STYLE = (files("probation_rules.caseload") / "templates" / "page.css").read_text(encoding="utf-8")
NAMED = dict(re.findall(r"--(\w+): (#\w+);", STYLE))
RULES = re.findall(r"([^{}]+)\{([^{}]*)\}", STYLE)
WHITE, PAPER = "#fff", "#f6f1ea"  # the page, and what the policy leaves open


def plain(colour: str) -> str:
    """A colour of the style as #rrggbb."""
    colour = NAMED[colour[6:-1]] if colour.startswith("var(") else colour
    return colour if len(colour) == 7 else "#" + "".join(2 * digit for digit in colour[1:])


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    parts = [int(plain(colour)[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_measured_as_wcag_does() -> None:
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#777", "#fff") == pytest.approx(4.48, abs=0.01)


def texts() -> list[tuple[str, str, str]]:
    found = []
    for selector, body in RULES:
        stated: dict[str, str] = dict(re.findall(r"(?<![\w-])([\w-]+): ?([^;]+)", body))
        colour = stated.get("color", "")
        if colour.startswith(("#", "var(")):
            paper = stated.get("background") or stated.get("background-color") or WHITE
            found.append((selector.strip(), colour, paper))
    return found


@pytest.mark.parametrize(("selector", "colour", "paper"), texts())
def test_text_stands_out_from_what_it_stands_on(selector: str, colour: str, paper: str) -> None:
    assert contrast(colour, paper) >= 4.5, selector


def test_text_and_links_stand_out_where_the_policy_is_open() -> None:
    assert f"background: {PAPER}" in STYLE
    assert contrast(NAMED["ink"], PAPER) >= 4.5
    assert contrast(NAMED["link"], PAPER) >= 4.5


@pytest.mark.parametrize("name", ["breach", "advisory", "unknown", "nothing", "quiet", "ink"])
def test_what_is_drawn_stands_out_from_the_page(name: str) -> None:
    assert contrast(NAMED[name], WHITE) >= 3


def test_the_focus_stands_out_from_the_page_and_from_its_own_ground() -> None:
    (focus,) = (body for selector, body in RULES if selector.strip() == ":focus-visible")
    assert "outline: 3px solid var(--ink)" in focus
    assert contrast(NAMED["ink"], "#ffdd00") >= 4.5
