"""The sheets of a workbook (.xlsx): tables with filters, pages of blocks, and the formats of their cells.

Every cell is text, a date or a number, and never a formula: text from a file cannot run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from importlib import import_module
from io import BytesIO
from textwrap import wrap
from typing import Any, Self

from attrs import define, field, frozen

from probation_rules.caseload.layout import Cell, capital
from probation_rules.errors import InputError, MissingExtra, Problem
from probation_rules.notebook import visible

MOST_ROWS = 1_048_576  # of a sheet
MARGIN = 2  # characters of a column
LINE = 15  # the height of a line, in points
DATE = "d mmm yyyy"
HEAD = "#E5E9EC"
_LONGEST = 32_767  # characters of a cell
_NARROWEST = 8  # characters of a column
_A4 = 9
_SIZE = 11  # of letters, in points
_CHART_ROWS = 18
_FILLS = {"breach": "#F6D7D2", "advisory": "#FFF2CC", "unknown": "#D9E8F5"}

Row = Sequence[Cell]


@frozen
class Listed:
    """The table of a sheet.

    Attributes:
        titles: The titles of its columns.
        rows: Its rows.
        widest: The most characters of a column.
    """

    titles: Sequence[str]
    rows: Iterable[Row]
    widest: int = 48


@define
class Writer:
    """Writes sheets of a workbook.

    Attributes:
        book: The workbook.
        title: The title of every printed page.
    """

    book: Any
    title: str
    _out: BytesIO
    _formats: dict[tuple[tuple[str, Any], ...], Any] = field(factory=dict)

    @classmethod
    def begun(cls, title: str, about: str, made: date) -> Self:
        """Return the writer of a new workbook.

        Args:
            title: The title of every printed page.
            about: The title of the workbook.
            made: The day on which it counts as made: the library never reads the clock.

        Raises:
            MissingExtra: The package XlsxWriter, of the extra `excel`, is not installed.
        """
        try:
            xlsxwriter = import_module("xlsxwriter")
        except ModuleNotFoundError:
            text = "a workbook needs the package XlsxWriter, which is not installed"
            raise MissingExtra(text, "excel") from None
        out = BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        book = xlsxwriter.Workbook(out, options)
        book.set_properties({"title": about, "created": datetime.combine(made, time())})
        return cls(book, title, out)

    def ended(self) -> bytes:
        """Return the workbook, to which nothing can be added afterwards."""
        self.book.close()
        return self._out.getvalue()

    def format(self, **properties: Any) -> Any:
        """Return the format with some properties, made once."""
        key = tuple(properties.items())
        if key not in self._formats:
            self._formats[key] = self.book.add_format({"valign": "top", **properties})
        return self._formats[key]

    def sheet(self, name: str) -> Any:
        """Return a new sheet that prints on pages as wide as it is."""
        sheet = self.book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_header(f"&L{self.title.replace('&', '&&')}&R{name}")
        sheet.set_footer("&RPage &P of &N")
        return sheet

    def cell(self, sheet: Any, row: int, place: int, cell: Cell) -> None:
        """Write one cell: a date or a number as such, and everything else as text."""
        fill = {"bg_color": _FILLS[cell.kind]} if cell.kind else {}
        match cell.value:
            case None:
                form = self.format(text_wrap=True, **fill)
                sheet.write_string(row, place, fitting(cell.text), form)
            case date() as value:
                form = self.format(num_format=_marked(cell, DATE), align="right", **fill)
                sheet.write_datetime(row, place, datetime.combine(value, time()), form)
            case value:
                number = _marked(cell, "#,##0" if isinstance(value, int) else "#,##0.0#")
                sheet.write_number(row, place, value, self.format(num_format=number, **fill))

    def grid(
        self,
        sheet: Any,
        top: int,
        titles: Sequence[str],
        rows: Sequence[Row],
        widths: Sequence[int],
    ) -> None:
        """Write a header and the rows below it, each as high as its text needs."""
        wide = [width + MARGIN for width in widths]
        first = rows[0] if rows else ()
        for place, title in enumerate(titles):
            is_figure = place < len(first) and first[place].value is not None
            align = {"align": "right"} if is_figure else {}
            form = self.format(bold=True, bottom=1, bg_color=HEAD, text_wrap=True, **align)
            sheet.write_string(top, place, fitting(title), form)
        sheet.set_row(top, LINE * lines(titles, widths))
        for number, row in enumerate(rows, top + 1):
            for place, cell in enumerate(row):
                self.cell(sheet, number, place, cell)
            sheet.set_row(number, LINE * lines([cell.text for cell in row], wide))

    def table(self, name: str, listed: Listed) -> None:
        """Write a sheet of one list.

        Raises:
            InputError: It has more rows than a sheet may have.
        """
        sheet, titles, rows = self.sheet(name), listed.titles, list(listed.rows)
        if len(rows) >= MOST_ROWS:
            text = f"the sheet {name} would have more than {MOST_ROWS:,} rows"
            raise InputError([Problem(f"{text}; give a name that ends in .csv", "--output")])
        widths = [max(_NARROWEST, *map(len, title.split())) for title in titles]
        for row in rows:
            longest = (max(map(len, cell.text.split("\n"))) for cell in row)
            widths = [min(max(pair), listed.widest) for pair in zip(widths, longest, strict=True)]
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width + MARGIN)
        self.grid(sheet, 0, titles, rows, widths)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, len(rows), len(titles) - 1)
        sheet.repeat_rows(0)
        sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{len(rows) + 1}"})


def _marked(cell: Cell, form: str) -> str:
    """Return the format of a date or number with the cell's mark in front, of a negative one too."""
    mark = f'"{cell.mark}"'
    return f"{mark}{form};{mark}-{form}" if cell.mark else form


def lines(texts: Iterable[str], widths: Iterable[int]) -> int:
    """Return how many lines some texts need side by side in columns of these widths."""
    return max(
        sum(1 if len(line) <= width else len(wrap(line, width)) for line in text.split("\n"))
        for text, width in zip(texts, widths, strict=False)
    )


def fitting(text: str) -> str:
    """Return a text that everybody can see, as long as a cell may have."""
    shown = visible(text)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"


def counted(number: int) -> Cell:
    """Return the cell of a count."""
    return Cell(f"{number:,}", value=number)


def numbered(texts: Sequence[str]) -> str:
    """Return texts a line each, with numbers if there are several."""
    if len(texts) == 1:
        return texts[0]
    return "\n".join(f"{number}. {text}" for number, text in enumerate(texts, 1))


@define
class Page:
    """A sheet of blocks, one below the other.

    Attributes:
        widths: The characters of its columns.
        row: The first free row.
    """

    writer: Writer
    sheet: Any
    widths: Sequence[int]
    row: int = 0
    _breaks: list[int] = field(factory=list)

    def printed_apart(self) -> None:
        """Print what follows on a new page, so that no drawing is cut in two."""
        self._breaks.append(self.row)
        self.sheet.set_h_pagebreaks(self._breaks)

    def text(self, text: str, **properties: Any) -> None:
        """Write a text across the page."""
        form = self.writer.format(text_wrap=True, **properties)
        self.sheet.merge_range(self.row, 0, self.row, len(self.widths) - 1, "", form)
        self.sheet.write_string(self.row, 0, fitting(text), form)
        size = properties.get("font_size", _SIZE) / _SIZE
        self.sheet.set_row(self.row, LINE * size * lines([text], [sum(self.widths)]))
        self.row += 1

    def block(self, title: str, heads: Sequence[str], rows: Sequence[Row]) -> tuple[int, int]:
        """Write a table with a title above it, and return its first and last row."""
        self.row += 1
        self.text(title, bold=True)
        self.writer.grid(self.sheet, self.row, heads, rows, self.widths)
        first, self.row = self.row + 1, self.row + 1 + len(rows)
        return first, self.row - 1

    def bars(self, title: str, place: tuple[int, int], series: Mapping[str, str | None]) -> None:
        """Draw the rows of the last block as bars, a colour for each column of numbers.

        Args:
            title: The title of the drawing.
            place: The first and last row.
            series: The title of each column and its colour, if it has one of its own.
        """
        first, last = place
        chart = self.writer.book.add_chart({"type": "bar", "subtype": "stacked"})
        for column, (name, colour) in enumerate(series.items(), 1):
            fill = {"fill": {"color": colour}} if colour else {}
            chart.add_series(
                {
                    "name": capital(name),
                    "categories": [self.sheet.name, first, 0, last, 0],
                    "values": [self.sheet.name, first, column, last, column],
                    "gap": 60,
                    **fill,
                }
            )
        chart.set_title({"name": title, "name_font": {"size": 12}, "overlay": False})
        chart.set_y_axis({"reverse": True})
        chart.set_x_axis(
            {
                "major_gridlines": {"visible": True, "line": {"color": "#D0D5D9"}},
                "num_format": "#,##0",
            }
        )
        chart.set_legend({"position": "bottom"})
        chart.set_size({"width": 900, "height": 20 * _CHART_ROWS})
        self.row += 1
        self.sheet.insert_chart(self.row, 0, chart, {"description": title, "object_position": 2})
        self.row += _CHART_ROWS
