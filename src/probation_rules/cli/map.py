"""`probation-rules map`: look at a file and draft how its columns are read."""

from __future__ import annotations

import io
from pathlib import Path

import click

from probation_rules.cli.options import area_argument
from probation_rules.cli.output import deliver, destination, note
from probation_rules.readers import compressed, files


@click.command("map")
@area_argument
@click.argument("file")
@click.option("--sheet", metavar="NAME|NUMBER", help="The sheet of a workbook.")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file.")
def map_command(area: str, file: str, sheet: str | None, output: Path | None) -> None:
    """Look at the workbook or CSV FILE, and write a mapping: which column has which fact of AREA.

    The mapping is a small TOML file for a person to check. It says why each column is taken for what it is,
    and shows three example values, which may be about people: keep it where the file may be kept. A question
    is `"?"`; `check` refuses the mapping until each is answered.

    Then: probation-rules check AREA FILE --map MAPPING
    """
    to = destination(output, file)
    data = files.content(file)
    found = files.drafted(area, io.BytesIO(data), compressed.suffix_of(file), sheet)
    deliver(found.toml("the file" if file == "-" else Path(file).name, sheet), to)
    count = found.questions
    note(f"{count} {'question' if count == 1 else 'questions'} to answer")
    if output is not None:
        note(f"written to {output}")
