"""What the documents say: their pages, blocks, commands, links and figures, and what is wrong there."""

from __future__ import annotations

import importlib.util
import re
import shlex
import tomllib
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import click

from probation_rules.cli.program import root as program
from probation_rules.language.tree import Type
from probation_rules.language.units import unit_text
from probation_rules.language.words import say
from probation_rules.rulebook.model import Area, Parameter

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "[bet]*/*.md", "tests/*/*.md")
    for path in ROOT.glob(pattern)
)
FENCED = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# A shell block and, right after it, what its last command prints.
SHELL = re.compile(r"^```sh\n(.*?)^```\n(?:\n```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(probation-rules [^`]+|--[a-z][^`]*)`")
LINK = re.compile(r"\]\(([^()\s]+)\)")
_DAY = Type("date")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def anchor(heading: str) -> str:
    """The fragment that a heading is reached by."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def dead_links(page: Path) -> Iterator[str]:
    """Yield each link inside the project that leads nowhere."""
    for link in LINK.findall(FENCED.sub("", page.read_text(encoding="utf-8"))):
        if link.startswith(("https://", "http://")):
            continue
        place, _, fragment = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        if not target.exists():
            yield link
        elif fragment:
            headings = HEADING.findall(target.read_text(encoding="utf-8"))
            if fragment not in map(anchor, headings):
                yield link


def page_of(area: str) -> str:
    return (ROOT / "docs" / f"{area}.md").read_text(encoding="utf-8")


def missing_from(area: Area, page: str) -> Iterator[str]:
    """Yield what an area's page does not say of its rules file, and rules that it invents."""
    text = " ".join(page.split())
    for rule in area.rules:
        if (head := f"### `{rule.id}` **{rule.title}.**") not in text:
            yield head
    for name, figure in area.parameters.items():
        rows = [
            f"| `{name}` | {say(one.value, figure.type)} | {say(one.from_, _DAY)} | {figure.basis} |"
            for one in figure.values
        ] or [f"| `{name}` | not set | | {figure.basis} |"]
        yield from (row for row in rows if row not in text)
    said = set(re.findall(r"`([\w.\-]+)`", page))
    for names in (
        area.wordings, area.stages, area.parameters, area.facts, area.derived, area.sources,
    ):  # fmt: skip
        yield from (f"`{name}`" for name in names if name not in said)
    prefix = next(iter(area.wordings)).partition(".")[0]
    for name in sorted(said - area.wordings.keys()):
        if name.startswith(f"{prefix}."):
            yield f"no such rule: `{name}`"


# --- Commands -----------------------------------------------------------------------------------


def commands(block: str) -> Iterator[list[str]]:
    """Yield the words of each command of a shell block; a comment is none."""
    for line in block.replace("\\\n", " ").splitlines():
        if words := shlex.split(line, comments=True):
            yield words


def wrong_with(words: list[str]) -> str | None:
    """Say what is wrong with a command that is not run here; ``None`` if it can be done."""
    head, *rest = (words[0].removeprefix(".venv/bin/"), *words[1:])
    match head, rest:
        case "make", [*targets]:
            text = (ROOT / "Makefile").read_text(encoding="utf-8")
            for one in targets:
                variable, assigned, _ = one.partition("=")
                if not re.search(
                    rf"^{re.escape(variable)}{' [?]=' if assigned else ':'}", text, re.MULTILINE
                ):
                    return f"the Makefile has no `{variable}`"
            return None
        case "pip", ["install", *things]:
            extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
            known = extras["project"]["optional-dependencies"]
            for extra in ",".join(re.findall(r"\[(.+?)\]", " ".join(things))).split(","):
                if extra and extra not in known:
                    return f"there is no extra `{extra}`"
            return None
        case "python3", ["-m", "venv", ".venv"]:
            return None
        case "python", []:
            return None
        case "python" | "python3", ["-m", module, *_] if importlib.util.find_spec(module):
            return None
        case "python" | "python3", [script, *_] if (ROOT / script).is_file():
            return None
        case "pytest", [path, *_] if (ROOT / path).exists():
            return None
        case ("git", ["clone", *_]) | ("cd", [_]):
            return None
    return f"no test knows this command: {shlex.join(words)}"


def unknown_words(command: str) -> Iterator[str]:
    """Yield the subcommands and options of an inline command that the program does not have."""
    if command.startswith("--"):
        option = command.split(maxsplit=1)[0].partition("=")[0]
        if option not in _options(program):
            yield option
        return
    here: click.Command = program
    for word in command.split()[1:]:
        if isinstance(here, click.Group):
            if word not in here.commands:
                yield word
                return
            here = here.commands[word]
        elif word.startswith("--") and word.partition("=")[0] not in _options(here):
            yield word


def _options(command: click.Command) -> set[str]:
    found = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        found |= _options(inner)
    return found


# --- Figures ------------------------------------------------------------------------------------

_WORDS = {
    word: number
    for number, word in enumerate(
        [
            "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
            "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen",
        ],
        1,
    )
}  # fmt: skip
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_DATE = re.compile(
    rf"\b(\d{{1,2}})\s+({'|'.join(one[:3] for one in _MONTHS)})([a-z]*)\s+(\d{{4}})\b"
)
_QUANTITY = re.compile(
    rf"(?<![\w.:(-])(\d[\d,]*\b(?:\.\d+)?|\b(?:{'|'.join(_WORDS)})\b)(?!:)"
    r"(?:[ \n-](hour|day|week|month|year|point|per cent)s?\b| ?(%))?",
    re.IGNORECASE,
)
_NOT_PROSE = re.compile(r"`[^`]*`|\]\([^()]*\)")
_SECTION = re.compile(r"^### `([\w.\-]+)`\n(.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)
# Where something stands in a source is no figure, nor is a month: `para 9(4)`, `June 2022`.
_PLACE = re.compile(
    r"\b(?:paras?|paragraph|principles?|section|phase|version) [\dA-Z()]+"
    rf"|\b(?:{'|'.join(_MONTHS)}) \d{{4}}"
)


def unknown_figures(area: Area, page: str) -> Iterator[str]:
    """Yield each quantity of an area's page that no figure has.

    Under a rule it has to be a figure that this rule uses, and a bare number is a quantity too;
    elsewhere a figure of the area.
    """
    for id_, body in _SECTION.findall(page):
        used = {
            name
            for rule in area.rules
            if rule.id == id_
            for name in (*rule.figures, *(one.parameter for one in rule.lookups))
        }
        known = [figure for name, figure in area.parameters.items() if name in used]
        for text, value, unit in _quantities(body):
            if (unit or text[0].isdigit()) and not _is_said(known, value, unit):
                yield f"{id_}: {text}"
    for text, value, unit in _quantities(_SECTION.sub("", page)):
        if unit and not _is_said(area.parameters.values(), value, unit):
            yield text


def unknown_dates(area: Area, page: str) -> Iterator[str]:
    """Yield each full date of an area's page that its rules file does not hold."""
    said = _every_text(area)
    known = {date.fromisoformat(one) for one in re.findall(r"\d{4}-\d\d-\d\d", said)}
    known |= set(_dates(said))
    for one in _dates(_prose_of(page)):
        if one not in known:
            yield one.isoformat()


def _every_text(area: Area) -> str:
    name = area.name.replace("-", "_")
    folder = ROOT / "src" / "probation_rules" / "areas" / name
    return (folder / "rules.toml").read_text(encoding="utf-8")


def _prose_of(page: str) -> str:
    """Return a page without its code, the targets of its links and its tables of names."""
    lines = FENCED.sub("", page).splitlines()
    kept = "\n".join(line for line in lines if not line.startswith("| `"))
    return _NOT_PROSE.sub(" ", kept)


def _quantities(page: str) -> Iterator[tuple[str, Decimal, str | None]]:
    """Yield each number of the prose as written, its value, and its unit if it has one."""
    prose = _PLACE.sub(" ", _DATE.sub(" ", _prose_of(page)))
    for found in _QUANTITY.finditer(prose):
        number, word, sign = found.groups()
        value = Decimal(_WORDS.get(number.lower()) or number.replace(",", ""))
        unit = "per cent" if sign else word and word.lower()
        text = " ".join(found[0].split())
        yield (text, value * 12, "month") if unit == "year" else (text, value, unit)


def _dates(text: str) -> Iterator[date]:
    months = [one[:3] for one in _MONTHS]
    for day, month, _, year in _DATE.findall(text):
        yield date(int(year), months.index(month) + 1, int(day))


def _is_said(figures: Iterable[Parameter], value: Decimal, unit: str | None) -> bool:
    """Whether a figure has the value on some day; an age in years is held in months."""
    for figure in figures:
        kind = unit_text(figure.type.unit or ())
        for one in figure.values:
            if isinstance(one.value, int):
                held = Decimal(one.value).scaleb(-figure.type.places)
                if unit in (None, kind) and held == value:
                    return True
                if unit is None and kind == "month" and held == value * 12:
                    return True
    return False
