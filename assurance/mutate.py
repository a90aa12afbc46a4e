"""Change the policy in one place at a time; see that a conformance case notices.

    make mutate AREAS=unpaid-work

Every comparison, connective, gate, figure, word, function and date of a rules file is changed, the
area built anew and its conformance cases asked of the engine `python`. A mutant is *caught* by a
case, *refused* by the loader, the *same* where the trees that engines run come out the same, or
*survives*. One that survives because it means the same is listed in `equivalent.toml` with the
reason; any other is a missing case, and the exit code is 1. A reason that no mutant needs any more
fails too. Left alone are the first and last day that may be asked about, since a day outside them
is no case (`test_conformance.py` holds them), and the ranges of computed facts, since no caller
says one.
"""

from __future__ import annotations

import argparse
import ast
import copy
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from time import perf_counter
from typing import Any

import attrs

import probation_rules as pr
from probation_rules import cases as readers
from probation_rules.conformance import Case, differences, library, load_cases
from probation_rules.rulebook.book import Rulebook
from probation_rules.rulebook.model import Area
from probation_rules.rulebook.read import document_from, parse_toml

HERE = Path(__file__).resolve().parent

Place = tuple[str | int, ...]
Mutant = tuple[Place, str, Any]  # the place, the change, and the new text there

_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}
_RECKONED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
}
_CALLED = {
    "min": "max",
    "max": "min",
    "divide_down": "divide_up",
    "divide_up": "divide_down",
    "round_half_up": "divide_down",
    "add_months": "last_day",
    "last_day": "add_months",
}
_FIGURES = {0: (1,), 1: (0,), 7: (24,), 24: (7,), 60: (100,), 100: (60,)}
_SIGNS = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.In: "in",
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
}
_CONDITIONS = {
    "derived": ("is",),
    "stages": ("when",),
    "assume": ("that",),
    "rules": ("applies", "must", "should"),
    "due": ("while",),
}


# --- Conditions ---------------------------------------------------------------------------------


def written(node: ast.expr) -> str:
    """Return a condition as text, every part of it in brackets where the language may want them."""
    match node:
        case ast.BoolOp():
            word = " and " if isinstance(node.op, ast.And) else " or "
            return word.join(map(_bracketed, node.values))
        case ast.UnaryOp():
            return f"not {_bracketed(node.operand)}"
        case ast.Compare():
            parts = [_bracketed(node.left)]
            for sign, right in zip(node.ops, node.comparators, strict=True):
                words = ast.unparse(right) if isinstance(sign, ast.In) else _bracketed(right)
                parts += [_SIGNS[type(sign)], words]
            return " ".join(parts)
        case ast.BinOp():
            return f"{_bracketed(node.left)} {_SIGNS[type(node.op)]} {_bracketed(node.right)}"
        case ast.IfExp():
            parts = [_bracketed(part) for part in (node.body, node.test, node.orelse)]
            return f"{parts[0]} if {parts[1]} else {parts[2]}"
        case ast.Call():
            return f"{ast.unparse(node.func)}({', '.join(map(written, node.args))})"
    return ast.unparse(node)


def _bracketed(node: ast.expr) -> str:
    plain = isinstance(node, ast.Name | ast.Constant | ast.Call)
    return written(node) if plain else f"({written(node)})"


def changed_texts(text: str, words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what is done to a condition, and the condition then.

    Args:
        text: The condition.
        words: A list of code words: a word of it becomes the next one.
    """
    tree = ast.parse(" ".join(text.split()), mode="eval").body
    for place, node in enumerate(ast.walk(tree)):
        for what, new in _changed(node, words):
            whole = copy.deepcopy(tree)
            yield (
                f"{what} at {node.col_offset if isinstance(node, ast.expr) else 0}",
                written(_with(whole, place, new)),
            )
    if not isinstance(tree, ast.Name | ast.UnaryOp) and _is_condition(tree):
        yield "negated", f"not ({text})"


def _is_condition(tree: ast.expr) -> bool:
    return isinstance(tree, ast.BoolOp | ast.Compare)


def _with(tree: ast.expr, place: int, new: ast.expr) -> ast.expr:
    """Return a tree with another node in the place, counted as `ast.walk` counts."""
    old = list(ast.walk(tree))[place]
    if old is tree:
        return new
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list):
                setattr(parent, name, [new if item is old else item for item in value])
    return tree


def _changed(node: ast.AST, words: Sequence[str]) -> Iterator[tuple[str, ast.expr]]:
    """Yield every change of one node."""
    match node:
        case ast.Compare(ops=[ast.In()], comparators=[ast.Tuple(elts=found)]):
            for word in found:
                left = ast.Tuple([one for one in found if one is not word])
                yield f"without {ast.unparse(word)}", ast.Compare(node.left, node.ops, [left])
        case ast.Compare():
            for place, sign in enumerate(node.ops):
                for other in _COMPARED.get(type(sign), ()):
                    ops = [*node.ops[:place], other(), *node.ops[place + 1 :]]
                    what = f"{_SIGNS[type(sign)]} to {_SIGNS[other]}"
                    yield what, ast.Compare(node.left, ops, node.comparators)
        case ast.BoolOp(op=op):
            other_op: ast.boolop = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield "and / or", ast.BoolOp(other_op, node.values)
            for value in node.values:
                left_over = [one for one in node.values if one is not value]
                kept = left_over[0] if len(left_over) == 1 else ast.BoolOp(op, left_over)
                yield f"without {ast.unparse(value)}", kept
        case ast.UnaryOp():
            yield "without not", node.operand
        case ast.BinOp(op=reckoned):
            new = _RECKONED[type(reckoned)]
            yield (
                f"{_SIGNS[type(reckoned)]} to {_SIGNS[new]}",
                ast.BinOp(node.left, new(), node.right),
            )
        case ast.IfExp():
            yield "branches swapped", ast.IfExp(node.test, node.orelse, node.body)
        case ast.Call(func=ast.Name(id=name)) if name in _CALLED:
            yield f"{name} to {_CALLED[name]}", ast.Call(ast.Name(_CALLED[name]), node.args, [])
        case ast.Constant(value=value):
            yield from _changed_constant(value, words)


def _changed_constant(value: object, words: Sequence[str]) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(value, int):
        for other in _FIGURES.get(value, ()):
            yield f"{value} to {other}", ast.Constant(other)
    elif value in words:
        word = words[(words.index(str(value)) + 1) % len(words)]
        yield f"{value} to {word}", ast.Constant(word)


# --- Rules files --------------------------------------------------------------------------------


def content_of(area: str) -> dict[str, Any]:
    """Return the TOML of an area's rules file."""
    path = files("probation_rules.areas") / area.replace("-", "_") / "rules.toml"
    return parse_toml(path.read_text(encoding="utf-8"), path.name)


def mutants(content: dict[str, Any]) -> Iterator[Mutant]:
    """Yield every mutant of a rules file."""
    lists = [fact.get("values", ()) for fact in _facts(content)]
    lists += [one.get("words", ()) for one in content.get("parameters", {}).values()]
    for section in _CONDITIONS:
        for name, entry in content.get(section, {}).items():
            wordings = entry if isinstance(entry, list) else [entry]
            for number, found in enumerate(wordings):
                at: Place = (section, name, number) if isinstance(entry, list) else (section, name)
                yield from _of_entry(at, found, lists)
    for name, due in content.get("due", {}).items():
        yield from _neighbours(("due", name, "rule"), due["rule"], list(content["rules"]))
    for name, entry in content.get("parameters", {}).items():
        for number, dated in enumerate(entry["values"]):
            at = ("parameters", name, "values", number)
            yield from _neighbours((*at, "from"), dated["from"])
            yield from _neighbours((*at, "value"), dated["value"], entry.get("words", ()))
    for section in ("facts", "members.facts"):
        path = tuple(section.split("."))
        for name, fact in _at(content, path, {}).items():
            for key in ("min", "max", "default"):
                if key in fact and name != "on" and "computed_from" not in fact:
                    yield from _neighbours((*path, name, key), fact[key])


def _of_entry(at: Place, found: dict[str, Any], lists: list[Sequence[str]]) -> Iterator[Mutant]:
    for key in _CONDITIONS[str(at[0])]:
        if key in found:
            yield from _of_condition((*at, key), found[key], lists)
    yield from _of_choice((*at, "first"), found.get("first", []), lists)
    for key in ("applies", "only_if"):
        if key in found:
            yield (*at, key), "dropped", None
    if "in_force" in found:
        yield from _of_force(at, found["in_force"])


def _of_choice(
    at: Place, lines: list[dict[str, str]], lists: list[Sequence[str]]
) -> Iterator[Mutant]:
    """Yield the mutants of an ordered choice: of each line's texts, without a line, out of order."""
    for number, line in enumerate(lines):
        for key, text in line.items():
            yield from _of_condition((*at, number, key), text, lists)
    for number in range(len(lines) - 1):
        before, (one, following), after = (
            lines[:number],
            lines[number : number + 2],
            lines[number + 2 :],
        )
        if before or len(lines) > 2:  # noqa: PLR2004 (one condition and the default have to stay)
            yield at, f"without line {number}", [*before, following, *after]
        if after:
            yield at, f"lines {number} and {number + 1} swapped", [*before, following, one, *after]


def _of_condition(place: Place, text: str, lists: list[Sequence[str]]) -> Iterator[Mutant]:
    seen = {written(ast.parse(" ".join(text.split()), mode="eval").body)}
    for words in [*lists, ()]:
        for what, new in changed_texts(text, words):
            if new not in seen:
                seen.add(new)
                yield place, what, new


def _of_force(at: Place, found: dict[str, Any]) -> Iterator[Mutant]:
    for key in ("from", "to"):
        if key in found:
            yield from _neighbours((*at, "in_force", key), found[key])
    if "to" in found:
        yield (*at, "in_force", "to"), "dropped", None
    if "by" in found:
        yield (*at, "in_force", "by"), "dropped", None


def _neighbours(place: Place, value: Any, words: Sequence[str] = ()) -> Iterator[Mutant]:
    """Yield the values on both sides of one."""
    near: list[Any] = []
    if type(value) is date:
        near = [value - timedelta(days=1), value + timedelta(days=1)]
    elif isinstance(value, bool):
        near = [not value]
    elif isinstance(value, int | Decimal):
        step = Decimal(1).scaleb(value.as_tuple().exponent) if isinstance(value, Decimal) else 1  # type: ignore[arg-type]
        near = [value - step, value + step]
    elif value in words:
        near = [words[(words.index(value) + 1) % len(words)]]
    for new in near:
        yield place, f"{value} to {new}", new


def _facts(content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from content["facts"].values()
    yield from _at(content, ("members", "facts"), {}).values()


def _at(content: Any, place: Place, missing: Any) -> Any:
    for key in place:
        if isinstance(content, dict) and key not in content:
            return missing
        content = content[key]
    return content


def apply(content: dict[str, Any], mutant: Mutant) -> dict[str, Any]:
    """Return a rules file's content with a mutant in it."""
    place, _, new = mutant
    content = copy.deepcopy(content)
    holder = _at(content, place[:-1], None)
    if new is None:
        del holder[place[-1]]
    else:
        holder[place[-1]] = new
    return content


# --- Cases --------------------------------------------------------------------------------------


def holds(case: Case, book: Rulebook) -> bool:
    """Whether a conformance case gets what it expects of a rulebook."""
    return not any(differences(case, library(rulebook=book)(case)))


def fate(area: str, mutant: Mutant) -> str:
    """Return `refused`, `same` or `survived`, or the case that catches a mutant."""
    shipped = pr.rulebook()
    try:
        document = document_from(apply(content_of(area), mutant), area)
        book = attrs.evolve(shipped, documents={**shipped.documents, area: document})
        book.area(area)
    except pr.ProbationRulesError:
        return "refused"
    if run(book.area(area)) == run(shipped.area(area)):
        return "same"
    # The facts of a case are read from the rules too, so the mutant is there as well.
    readers.shipped = lambda: book  # type: ignore[attr-defined]
    caught = (case.name for case in load_cases_of(area) if not holds(case, book))
    return next(caught, "survived")


def run(area: Area) -> tuple[Any, ...]:
    """Return all that decides an outcome: two areas with equal parts answer alike."""
    return (
        area.facts,
        area.members,
        area.definitions,
        [one.lowered for one in area.assumptions],
        [(name, one.condition) for name, one in area.stages.items()],
        [(rule.id, rule.gate, rule.lowered_condition) for rule in area.rules],
        [(one.fact, one.lowered) for one in area.due_days],
    )


def load_cases_of(area: str) -> list[Case]:
    """Return the cases of an area, read once a process."""
    if area not in _CASES:
        _CASES.update({area: [case for case in load_cases() if case.area == area]})
    return _CASES[area]


_CASES: dict[str, list[Case]] = {}


def named(area: str, mutant: Mutant) -> str:
    """Return what `equivalent.toml` calls a mutant."""
    place, what, _ = mutant
    return f"{area}: {'.'.join(map(str, place))}: {what}"


def main() -> int:
    """Run the mutants of the areas asked for; return 1 if one survives without a reason."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("areas", nargs="*", help="areas; all that have cases, if none is named")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    asked = parser.parse_args()
    known = tomllib.loads((HERE / "equivalent.toml").read_text(encoding="utf-8"))
    unexplained = 0
    with ProcessPoolExecutor(asked.jobs) as pool:
        for area in asked.areas or pr.rulebook().areas:
            began = perf_counter()
            every = list(mutants(content_of(area)))
            fates = list(pool.map(fate, [area] * len(every), every, chunksize=4))
            counts: Counter[str] = Counter()
            survivors = set()
            for mutant, end in zip(every, fates, strict=True):
                name = named(area, mutant)
                kind = end if end in ("refused", "same", "survived") else "caught"
                if kind == "survived":
                    survivors.add(name)
                if kind == "survived" and name in known.get(area, {}):
                    kind = "equivalent"
                elif kind == "survived":
                    print(f"  survived  {name}  ->  {mutant[2]}")
                counts[kind] += 1
            for name in sorted(set(known.get(area, {})) - survivors):
                print(f"  no longer needed in equivalent.toml: {name}")
                unexplained += 1
            unexplained += counts["survived"]
            shown = ", ".join(f"{counts[kind]} {kind}" for kind in sorted(counts))
            seconds = perf_counter() - began
            print(f"{area}: {len(every)} mutants, {shown}, {seconds:.0f} s", flush=True)
    return int(unexplained > 0)


if __name__ == "__main__":
    sys.exit(main())
