"""The case class: one region's quarter of unpaid work."""

from __future__ import annotations

from datetime import date

from attrs import frozen


@frozen(kw_only=True)
class RegionQuarter:
    """The unpaid work of one region in one quarter, as far as it is known. ``None`` is *not known*.

    Minutes are whole minutes, counted from the start of the quarter to the day asked about or, once
    the quarter is over, to its end.

    Attributes:
        reference: The caller's own label for the region and quarter; shown, never judged.
        quarter_last_day: The last day of the quarter. That day is included.
        completed_minutes: Minutes of unpaid work completed in the quarter, by everybody in the region.
        individual_placement_minutes: How many of these were completed as National Individual
            Placements.
    """

    reference: str | None = None
    quarter_last_day: date | None = None
    completed_minutes: int | None = None
    individual_placement_minutes: int | None = None
