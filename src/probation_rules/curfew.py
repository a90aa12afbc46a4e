"""The picture of a week with its curfew periods: `week_picture`."""

from probation_rules.areas.curfew_variation.picture import week_picture

__all__ = ["week_picture"]
