"""The documents: their pages, blocks, commands and links, and the faults in them."""

from __future__ import annotations

import importlib.util
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click

from probation_rules.cli.program import root as program
from probation_rules.language.english import say
from probation_rules.language.tree import Type
from probation_rules.rulebook.model import Area

ROOT = Path(__file__).resolve().parents[2]
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
    """Yield rows of a rules file that its page lacks, and rules that only the page has."""
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
    days = (f"| `{day.fact}` | {day.label} |" for day in area.due_days)
    yield from (row for row in days if row not in text)
    stated = set(re.findall(r"`([\w.\-]+)`", page))
    for names in (
        area.wordings, area.stages, area.parameters, area.facts, area.derived, area.sources,
    ):  # fmt: skip
        yield from (f"`{name}`" for name in names if name not in stated)
    prefix = next(iter(area.wordings)).partition(".")[0]
    for name in sorted(stated - area.wordings.keys()):
        if name.startswith(f"{prefix}."):
            yield f"no such rule: `{name}`"


# --- Commands -----------------------------------------------------------------------------------


def commands(block: str) -> Iterator[list[str]]:
    """Yield the words of each command of a shell block, without comments."""
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
                    return f"`{extra}` is not an extra"
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
            found = here.get_command(click.Context(here), word)
            if found is None:
                yield word
                return
            here = found
        elif word.startswith("--") and word.partition("=")[0] not in _options(here):
            yield word


def _options(command: click.Command) -> set[str]:
    found = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            found |= _options(inner)
    return found
