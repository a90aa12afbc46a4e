"""Read what a region's framework list asks for at a status, with `activities`."""

from probation_rules.areas.framework.activities import (
    ActivityChange,
    ActivityLine,
    ActivityTable,
    activities,
    activity_changes,
    status_for,
)

__all__ = [
    "ActivityChange",
    "ActivityLine",
    "ActivityTable",
    "activities",
    "activity_changes",
    "status_for",
]
