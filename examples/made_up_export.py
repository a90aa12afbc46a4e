"""Write a made-up export of unpaid work orders, as a region's system gives one: no person is real.

python examples/made_up_export.py orders.xlsx --rows 2000
python examples/made_up_export.py next-week.xlsx --rows 2000 --next-week
"""

from __future__ import annotations

import argparse
import csv
import random
from datetime import date, timedelta
from pathlib import Path

HEADER = (
    "CRN", "Event No", "Order Type", "Sentence Date", "Hours Ordered", "Hours Completed",
    "Adjustments", "6 Month Review", "Extension", "Team", "Officer",
)  # fmt: skip
ORDER_TYPES = ("Community Order", "Suspended Sentence Order", "Youth Rehabilitation Order")
LATER = date(2026, 11, 30)  # the Monday of the second export
HAPPENED = (*["nothing"] * 30, *["worked"] * 14, *["reviewed"] * 4, "ended", "emptied")
TEAMS = ("North", "South", "East", "West")


Orders = list[tuple[object, ...]]


def rows(count: int, seed: int = 1) -> Orders:
    """Return made-up orders, a row each, with real dates and numbers."""
    chance = random.Random(seed)  # noqa: S311 (made-up data)
    found: Orders = []
    for number in range(count):
        ordered = chance.choice([40, 60, 80, 100, 120, 150, 200, 240, 300])
        done = chance.choice([0, 0.25, 0.5, 0.75, 1]) * ordered
        sentenced = date(2025, 6, 1) + timedelta(days=chance.randrange(540))
        team = chance.choice(TEAMS)
        found.append(
            (
                f"X{100_000 + number}", chance.choice([1, 1, 1, 2]), chance.choice(ORDER_TYPES),
                sentenced, ordered, chance.choice([None, *[done] * 49]),
                chance.choice([None, None, None, -10, 5.5]), chance.choice(["Y", "N", None]),
                chance.choice(["N", "N", "N", "Y"]), team, f"{team} officer {chance.randrange(1, 9)}",
            )
        )  # fmt: skip
    return found


def next_week(found: Orders, seed: int = 2) -> Orders:
    """Return the orders of a week later: hours worked, reviews held, orders that are new or gone."""
    chance = random.Random(seed)  # noqa: S311 (made-up data)
    later: Orders = []
    for row in found:
        crn, event, kind, sentenced, ordered, done, adjusted, review, *others = row
        happened = chance.choice(HAPPENED)
        if happened == "ended":
            continue
        if happened == "worked" and done is not None:
            done = min(float(str(ordered)), float(str(done)) + chance.choice([3.5, 7, 14]))
        elif happened == "emptied":
            done = None
        elif happened == "reviewed":
            review = "Y"
        later.append((crn, event, kind, sentenced, ordered, done, adjusted, review, *others))
    for number, (_, event, kind, _, ordered, *_, team, officer) in enumerate(found[::40]):
        sentenced = LATER - timedelta(days=1 + number % 5)
        later.append(
            (f"X{900_000 + number}", event, kind, sentenced, ordered, 0, None, None, "N", team, officer)
        )  # fmt: skip
    chance.shuffle(later)
    return later


def write_csv(path: Path, found: Orders) -> None:
    """Write the orders as a CSV with dates as people write them."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for row in found:
            writer.writerow([f"{one:%d/%m/%Y}" if isinstance(one, date) else one for one in row])


def write_xlsx(path: Path, found: Orders) -> None:
    """Write the orders as a workbook, with a title above and the totals below."""
    import xlsxwriter

    book = xlsxwriter.Workbook(path)
    sheet, style = book.add_worksheet("Orders"), book.add_format({"num_format": "dd/mm/yyyy"})
    sheet.write(0, 0, "Unpaid work orders (made up)")
    sheet.write_row(2, 0, HEADER)
    for number, row in enumerate(found, 3):
        for place, value in enumerate(row):
            if isinstance(value, date):
                sheet.write_datetime(number, place, value, style)
            elif value is not None:
                sheet.write(number, place, value)
    sheet.write(len(found) + 3, 0, "Total")
    sheet.write(len(found) + 3, 4, sum(int(str(row[4])) for row in found))
    book.close()


def main() -> None:
    """Write the export that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--next-week", action="store_true", help="the export of a week later")
    asked = parser.parse_args()
    found = next_week(rows(asked.rows)) if asked.next_week else rows(asked.rows)
    (write_xlsx if asked.path.suffix == ".xlsx" else write_csv)(asked.path, found)


if __name__ == "__main__":
    main()
