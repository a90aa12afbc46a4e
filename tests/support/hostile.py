"""Hostile input of every kind that is read, each made from a seed, its kind and a number alone.

Valid things are changed: trees of values in a few places, texts and bytes anywhere, with what has
broken programs before. An input must be answered or refused; `tried` says which.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from random import Random
from sys import addaudithook
from typing import Any

LONG = "x" * 5_000
MANY = 300
NUMBERS: tuple[Any, ...] = (
    0, 1, -1, 2**31, 2**53 + 1, 2**63, -(2**63), 2**64, 10**39, 10**40, 10**4_500, -(10**4_500),
    True, False, 0.0, -0.0, 0.5, 1e308, float("inf"), float("nan"), Decimal("NaN"),
    Decimal("Infinity"), Decimal("-0"), Decimal("1E+999999"), Decimal("1E-999999"),
    Decimal("0." + "1" * 60),
)  # fmt: skip
DAYS: tuple[Any, ...] = (
    date.min, date.max, date(2024, 2, 29), datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 12),  # noqa: DTZ001 (it is what people give)
    time(1), time(1, 2, 3)
)  # fmt: skip
TEXTS = (
    "", " ", "\t", "\n", "a\nb", "\0", "\x1b[31mred", "\x1b]8;;http://example.org\x07", "\x7f",
    "\u202eabc", "\u2066abc\u2069", "\u200b", "\ufeff", "\ud800", "\udfff", "\U0010ffff", "\ufb01",
    "\u0130", "\u01c5", "e\u0301" * 50, "\U0001d41a", "\uff41", "\uff45val", "\u0663", "\uff11\uff12", "\u00b2", "=1+1", "+1", "-1+1", "@SUM(1)",
    "=cmd|'/c calc'!A0", "\t=1", "a;=1+1", "a\t=1", "\uff1d1", "%0d%0a", "[red]x[/red]", "[link=http://example.org]",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "'", '"', "''';", '";--', "' OR 1=1 --", "\\", "\\'", "`", "${x}",
    "{on}", "{on.year}", "{0}", "{", "}}", "{{mustache}}", "%s", "%n", "__class__", "__proto__",
    "constructor", "on", "case", "None", "null", "NaN", "nan", "Infinity", "true", "yes", "1e999999",
    "1e99999999999999999999", "0x10", "1_000", "9" * 4_400, "2024-02-30", "0000-01-01", "9999-12-31",
    "10000-01-01", "2024-01-01T00:00:00Z", "0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00",
    "24:00", "23:59:60", "http://example.org/x.csv", "s3://a/b.parquet", "*", "[a]", "?", "~", "..",
    "../../x", LONG, "\u00e9" * 300, "a." * 300, "." * 300, "-" * 300, "(" * 300, " " * 300,
)  # fmt: skip
# What does harm where it is shown as it is: on a terminal, in a spreadsheet, on a page.
HARMFUL = (
    "\x1b]8;;http://example.org\x07", "\u202eabc", "\x7f", "a\nb", "=1+1", "@SUM(1)", "a;=1+1", "\uff1d1",
    "=cmd|'/c calc'!A0", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</style>",
    "\" onclick=\"alert(1)", "<!-- ",
)  # fmt: skip
CODE = (
    "__import__('os').system('false')", "().__class__.__bases__[0].__subclasses__()", "lambda: on",
    "[x for x in (1,)]", "{x for x in (1,)}", "(x for x in (1,))", "f'{on}'", "(x := 1)", "*visits",
    "10**10**10", "9**9**9**9", "1 << 99999", "visits.real", "visits[0]", "visits if", "yield visits",
    "await visits", "visits; visits", "visits = 1", "eval('1')", "exec('1')", "open('x')", "print(1)",
    "getattr(visits, 'real')", "visits.__add__(1)", "b'x'", "r'\\'", "'\\d'", "1j", "1.5", "1e400", "...",
    "None", "True", "not not not ended", "visits is 1", "visits in visits", "visits < 1 > 1",
    "min()", "min(*visits)", "min(visits)", "max(visits, key=visits)", "count(members)",
    "count(members, count(members, settled))", "total(members, grade, settled)",
    "add_months(on, 1)", "add_months(on, visits)", "add_days(on, visits * visits * visits)",
    "days_between(on, 1)", "divide_down(visits, 0)", "divide_up(1, visits - visits)", "visits // 0",
    "0x10", "0b1", "1_0", "01", "1if ended else 0", "\uff56isits > 0", "v\u0456sits > 0", "visits\u202e > 0",
    "visits > 0 # x", "visits >\n0", "visits > 0\\", "\0", "((((((((((visits))))))))))", "import os",
    "members", "sid", "_", "__debug__", "visits == kind", "kind == 'light' 'heavy'", "kind in ()",
    "kind in ('light')", "kind in ('light', 'heavy', 'other')", "kind < 'light'", "kind == 'x' * 99",
)  # fmt: skip


def deep(depth: int = 3_000) -> list[Any]:
    """A list in a list in a list."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def odd(random: Random) -> Any:
    """A value that no field wants."""
    match random.randrange(8):
        case 0 | 1:
            return random.choice(NUMBERS)
        case 2 | 3 | 4:
            return random.choice(TEXTS)
        case 5:
            return random.choice((None, [], {}, [None], [[]], {"": None}, (), "x", b"x", set()))
        case 6:
            return random.choice(DAYS)
    return random.choice(
        (deep(), deep(40), {"a": {"b": {}}}, [1] * 300, dict.fromkeys("abc"), object())
    )


# --- Trees of values ------------------------------------------------------------------------------


def places(value: Any) -> list[tuple[Any, Any]]:
    """Yield every place in a tree: its container and its key there."""
    found, left = [], [value]
    while left:
        held = left.pop()
        keys = list(held) if isinstance(held, dict) else range(len(held))
        for key in keys:
            found.append((held, key))
            if isinstance(held[key], dict | list):
                left.append(held[key])
    return found


def _copy(value: Any) -> Any:
    """A copy, as far as Python can follow it."""
    try:
        return copy.deepcopy(value)
    except RecursionError:
        return deep()


def mutated(random: Random, value: Any, odd: Callable[[Random], Any] = odd) -> Any:
    """A copy of a tree of dicts and lists that is changed in one to four places."""
    value = _copy(value)
    for _ in range(random.choice((1, 1, 1, 2, 3, 4))):
        found = places(value)
        if not found:
            return odd(random)
        holder, key = random.choice(found)
        match random.randrange(7):
            case 0 | 1 | 2:
                holder[key] = odd(random)
            case 3:  # something else's value
                other, there = random.choice(found)
                if other is not holder and (
                    there in other if isinstance(other, dict) else there < len(other)
                ):
                    holder[key] = _copy(other[there])
            case 4:
                del holder[key]
            case 5 if isinstance(holder, dict):
                name = random.choice((*TEXTS, f"{key}x", str(key).upper()))
                holder[name] = holder.pop(key)
            case _ if isinstance(holder, list):
                # Not again and again, or the input alone would fill the memory.
                holder[key:key] = [holder[key]] * random.choice(
                    (1, 2, 150 if len(found) < MANY else 1)
                )
            case _:
                holder[key] = [holder[key]]
    return value


# --- Texts and bytes ------------------------------------------------------------------------------

TOKENS = [
    *(text.encode("utf-8", "surrogatepass") for text in TEXTS), *(text.encode() for text in CODE),
    b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3", b"\xed\xa0\x80", b"\r", b"\r\n", b",", b";", b'"', b'""',
    b"[", b"]", b"{", b"}", b"{}", b"[]", b":", b"[" * 2_000, b'{"a":' * 2_000, b"," * 10_000,
    b"a," * 10_000, b"NaN", b"-Infinity", b"1e999999999", b"-0", b"1" * 5_000, b"\\ud800", b"\\u0000",
    b"/*", b"#", b"=", b".", b"a.b.c", b"[[a]]", b"[a]\n", b'"""', b"'''", b"inf", b"0x" + b"f" * 5_000,
    b"1979-05-27T07:32:00Z", b"\\", b"z" * 200_000,
]  # fmt: skip


def garbled(random: Random, data: bytes) -> bytes:
    """Bytes that are changed in one to five places."""
    found = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 3, 5))):
        at = random.randrange(len(found) + 1)
        end = at + random.choice((0, 1, 1, 2, 8, 60))
        match random.randrange(6):
            case 0:
                found[at:end] = random.randbytes(end - at)
            case 1 | 2 | 3:
                found[at:end] = random.choice(TOKENS)
            case 4:
                found[at:at] = found[at:end] * random.choice((1, 2, 500))
            case _:
                del found[at : random.choice((end, len(found)))]
    return bytes(found)


def as_json(value: Any) -> bytes:
    """JSON text of a tree, odd leaves as what comes nearest to them."""
    try:
        return json.dumps(value, default=str, ensure_ascii=False).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError, TypeError):
        return b"[" * 100_000


def as_csv(rows: list[dict[str, Any]], separator: str = ",") -> bytes:
    """CSV text of rows, not always quoted where it should be."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [separator.join(names)]
    for row in rows:
        cells = ("" if row.get(name) is None else str(row[name]) for name in names)
        lines.append(separator.join(cells))
    return "\n".join(lines).encode("utf-8", "surrogatepass")


# --- Conditions -----------------------------------------------------------------------------------

_ATOMS = {
    "bool": ("ended", "asked"),
    "int": ("visits", "most_visits", "0", "1", "60", "learners", "helpers", "spread", "double", "half",
            "count(members, {bool})", "count(members, settled)", "count(members, grade == 'lead')"),
    "decimal": ("slack", "work_share", "slack_now", "total(members, share, settled)", "1", "0"),
    "date": ("on", "started_on", "ended_on", "turning_day", "closing_day", "due_on", "last", "later"),
    "code": ("kind", "'light'", "'heavy'", "reading", "'calendar'", "'x'"),
}  # fmt: skip
_FORMS = {
    "bool": ("{bool} and {bool}", "({bool}) or ({bool})", "not ({bool})", "{int} <= {int}",
             "{date} < {date}", "{code} == {code}", "{code} in ({code}, {code})", "{decimal} > {decimal}",
             "({bool}) if {bool} else ({bool})", "{int} < {int} < {int}", "{date} <= {date} < {date}"),
    "int": ("{int} + {int}", "({int}) * ({int})", "{int} - {int}", "min({int}, {int})", "max({int}, {int}, {int})",
            "({int}) if {bool} else ({int})", "days_between({date}, {date})",
            "divide_down({int}, max(1, {int}))", "divide_up({int}, {int})", "round_half_up({int}, max(1, {int}))"),
    "decimal": ("{decimal} + {decimal}", "min({decimal}, {decimal})", "({decimal}) if {bool} else ({decimal})",
                "{decimal} - {decimal}"),
    "date": ("add_months({date}, months_allowed)", "last_day({date}, months_allowed)", "min({date}, {date})",
             "({date}) if {bool} else ({date})", "add_days({date}, {int})"),
    "code": ("({code}) if {bool} else ({code})",),
}  # fmt: skip


def condition(random: Random, kind: str = "bool", depth: int | None = None) -> str:
    """A condition over the made-up area of `toy`, mostly well formed; now and then very large."""
    depth = random.choice((1, 2, 2, 3, 3, 4, 8)) if depth is None else depth
    if random.random() < 0.03:
        return random.choice(CODE)
    form = random.choice(_FORMS[kind] if depth > 0 else _ATOMS[kind])
    while "{" in form:
        start, end = form.index("{"), form.index("}")
        inner = condition(random, form[start + 1 : end], depth - 1)
        form = f"{form[:start]}{inner if '{' not in inner else 'visits'}{form[end + 1 :]}"
    return form


def condition_text(random: Random) -> str:
    """A condition, or something made of one."""
    text = condition(random)
    match random.randrange(10):
        case 0:
            return garbled(random, text.encode()).decode("utf-8", "replace")
        case 1:
            words = [*text.split(), random.choice(CODE), random.choice(TEXTS)]
            random.shuffle(words)
            return " ".join(words)
        case 2:
            word = random.choice(
                ("ended and ", "ended or ", "not ", "-", "(", "visits + ", "1 if ended else ")
            )
            return word * random.choice((5, 40, 99, 120, 400)) + text
        case 3:
            return random.choice(CODE)
    return text


# --- Nothing is run -------------------------------------------------------------------------------

FORBIDDEN = ("os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess.Popen", "socket.connect",
             "socket.getaddrinfo", "urllib.Request", "ctypes.dlopen", "pickle.find_class", "os.remove_forbidden")  # fmt: skip


class Ran(BaseException):
    """Something was run, or reached for, that no input may make this library run or reach."""


def forbid_running() -> None:
    """From now on, raise `Ran` where a process is started or the network is used."""

    def look(event: str, _: object) -> None:
        if event in FORBIDDEN:
            raise Ran(event)

    addaudithook(look)
