"""`probation-rules template`: a workbook to fill in, which `check` reads without a mapping."""

from __future__ import annotations

from pathlib import Path

import click

from probation_rules.caseload.template import template
from probation_rules.cli.options import area_argument
from probation_rules.cli.output import note, replace
from probation_rules.writing import Inputs, Output


@click.command("template")
@area_argument
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    required=True,
    help="The workbook to write (.xlsx).",
)
def template_command(area: str, output: Path) -> None:
    """Write an empty workbook with a column for each fact of AREA.

    It has an example, drop-down lists and a sheet that explains each column. An existing file is not replaced,
    because it may be filled in.

    Then: probation-rules check AREA FILE
    """
    if output.suffix.lower() != ".xlsx":
        raise click.UsageError("a template is a workbook; give a name that ends in .xlsx")
    if output.exists():
        raise click.UsageError(f"{output} exists and may be filled in; give another name")
    replace(template(area), Output(output, Inputs.of()))
    note(f"written to {output}")
