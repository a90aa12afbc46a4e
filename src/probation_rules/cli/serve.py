"""`probation-rules serve`: the service over HTTP and the pages to fill in."""

from __future__ import annotations

import json
import math
import os
import socket
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import attrs
import click

from probation_rules.cli.options import book_of, set_option, settings_of, today
from probation_rules.cli.output import note
from probation_rules.errors import (
    InputError,
    MissingExtra,
    ProbationRulesError,
    Problem,
    did_you_mean,
)
from probation_rules.quoting import is_name
from probation_rules.rulebook.book import Rulebook
from probation_rules.web import Limits, app
from probation_rules.web.rulebooks import NAME

LOOPBACK = "127.0.0.1"
NATIONAL = "national"  # the name of the shipped rules, with the local rulebooks that have no name
_OPTIONS = "PROBATION_RULES_SERVE"  # the variable with the options of a process


@click.command()
@click.option(
    "--rulebook",
    "rulebooks",
    multiple=True,
    metavar="[NAME=]FILE",
    help="A local rulebook for every request or, with NAME=, for requests that choose this name; may be given again.",
)
@set_option
@click.option("--host", default=LOOPBACK, show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=click.IntRange(1, 65_535), default=8000, show_default=True, help="The port."
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="How many processes answer requests; each has the limits.",
)
@click.option(
    "--limit",
    "limits",
    multiple=True,
    metavar="NAME=NUMBER",
    help="Change a limit, such as table_bytes=1000000000; may be given again.",
)
def serve(
    *,
    rulebooks: Sequence[str],
    set_: Sequence[str],
    host: str,
    port: int,
    workers: int,
    limits: Sequence[str],
) -> None:
    """Serve the rules over HTTP, with pages to fill in, until Ctrl-C.

    Only programs on this computer can connect, unless --host gives another address. There is no login
    and no encryption: put a server that has both in front before anyone else can connect. The service
    stores nothing. It writes a line of JSON for each request to standard error.
    """
    changed = limits_of(limits)
    application: Any = app(named_books(rulebooks, set_), today=today, limits=changed)
    try:
        uvicorn = import_module("uvicorn")
    except ModuleNotFoundError as missing:
        text = f"the service needs {missing.name}, which is not installed here"
        raise MissingExtra(text, "web") from None
    _require_free(host, port)
    note(f"Open http://{f'[{host}]' if ':' in host else host}:{port}/ (stop with Ctrl-C)")
    if not _is_loopback(host):
        note("Other computers may be able to connect. There is no login and no encryption.")
    import_module("probation_rules.web.logs").configure()
    if workers > 1:
        os.environ[_OPTIONS] = json.dumps([[*rulebooks], [*set_], [*limits]])
        application = f"{__name__}:worker"
    uvicorn.run(
        application,
        factory=workers > 1,
        workers=workers,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        limit_concurrency=4 * changed.at_once,  # connections, also those without a request
        timeout_graceful_shutdown=math.ceil(changed.seconds),
    )


def worker() -> Any:
    """Return the application of one of several processes, which have the options in a variable."""
    rulebooks, set_, limits = json.loads(os.environ[_OPTIONS])
    import_module("probation_rules.web.logs").configure()
    return app(named_books(rulebooks, set_), today=today, limits=limits_of(limits))


def limits_of(pairs: Sequence[str]) -> Limits:
    """Return the limits that `--limit` changes.

    Raises:
        InputError: With everything that is wrong with any of them.
    """
    kinds: dict[str, Callable[[str], Any]] = {
        one.name: type(one.default) for one in attrs.fields(Limits) if one.default is not None
    }
    values: dict[str, Any] = {}
    problems = []
    for name, _, text in (pair.partition("=") for pair in pairs):
        if name not in kinds:
            hint = did_you_mean(name, kinds) or f"; known are {', '.join(kinds)}"
            problems.append(Problem(f"{_quoted(name, kinds)} is not a limit{hint}", "--limit"))
            continue
        try:
            values[name] = kinds[name](text)
            Limits(**{name: values[name]})
        except ValueError:
            problems.append(Problem("give a number above 0", f"--limit {name}"))
    if problems:
        raise InputError(problems)
    return Limits(**values)


def _quoted(name: str, known: Iterable[str]) -> str:
    return f"`{name}`" if is_name(name, known) else "this"


def _require_free(host: str, port: int) -> None:
    """Refuse an address that cannot be listened on.

    Raises:
        ProbationRulesError: Another program listens there, or the address is not this computer's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        why = (error.strerror or "this is not an address of this computer").lower()
        text = f"cannot listen on {host}, port {port}: {why}; choose with --host and --port"
        raise ProbationRulesError(text) from None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def named_books(rulebooks: Sequence[str], set_: Sequence[str]) -> dict[str, Rulebook]:
    """Return the rulebooks that the options give, by name; the shipped rules come first.

    Raises:
        RulebookError: A file cannot be loaded.
        InputError: A setting is not allowed.
    """
    shared: list[Path] = []
    own: dict[str, list[Path]] = {}
    for text in rulebooks:
        name, equals, file = text.partition("=")
        if equals and NAME.fullmatch(name):
            own.setdefault(name, []).append(Path(file))
        else:
            shared.append(Path(text))
    books = {NATIONAL: book_of(shared)}
    books |= {name: book_of([*shared, *files]) for name, files in own.items()}
    settings = settings_of(books[NATIONAL].parameters, set_)
    return {name: book.with_settings(settings) for name, book in books.items()}
