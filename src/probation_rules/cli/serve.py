"""`probation-rules serve`: the service over HTTP and the pages to fill in."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import click

from probation_rules.cli.options import book_of, settings_of, today
from probation_rules.cli.output import note
from probation_rules.errors import MissingExtra
from probation_rules.rulebook.book import Rulebook
from probation_rules.web import app
from probation_rules.web.rulebooks import NAME

NATIONAL = "national"  # the name of the shipped rules, with the local rulebooks that have no name


@click.command()
@click.option(
    "--rulebook",
    "rulebooks",
    multiple=True,
    metavar="[NAME=]FILE",
    help="A local rulebook for every request or, with NAME=, for requests that choose this name; may be given again.",
)
@click.option(
    "--set",
    "set_",
    multiple=True,
    metavar="PARAMETER=VALUE",
    help="Give a value to a figure that the policy leaves open.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8000,
    show_default=True,
    help="The port; 0 for any that is free.",
)
def serve(rulebooks: Sequence[str], set_: Sequence[str], host: str, port: int) -> None:
    """Serve the rules over HTTP, with pages to fill in, until Ctrl-C.

    Only programs on this computer can connect, unless --host gives another address. There is no login
    and no encryption: put a server that has both in front before anyone else can connect. The service
    stores nothing.
    """
    application = app(named_books(rulebooks, set_), today=today)
    try:
        uvicorn = import_module("uvicorn")
    except ModuleNotFoundError as missing:
        text = f"the service needs {missing.name}, which is not installed here"
        raise MissingExtra(text, "web") from None
    note(f"Open http://{host}:{port}/ (stop with Ctrl-C)")
    uvicorn.run(application, host=host, port=port, access_log=False, server_header=False)


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
