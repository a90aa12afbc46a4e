import pytest

from probation_rules.language.units import CONVERSIONS, combine, parse_unit, unit_text


@pytest.mark.parametrize("text", ["minute", "minute / week", "per cent", "full-time equivalent"])
def test_a_unit_is_written_as_it_was_read(text: str) -> None:
    assert unit_text(parse_unit(text)) == text


def test_units_multiply_and_divide() -> None:
    hours_in_minutes = combine(parse_unit("hour"), parse_unit(CONVERSIONS[60]), 1)

    assert hours_in_minutes == parse_unit("minute")
    assert combine(parse_unit("minute"), parse_unit("minute"), -1) == ()
    assert unit_text(()) == "no unit"
    assert unit_text(combine((), parse_unit("day"), -1)) == "1 / day"


def test_the_message_for_an_unknown_unit_lists_the_known_units() -> None:
    with pytest.raises(ValueError, match="unknown unit `minuet`; known are minute, hour"):
        parse_unit("minuet")
