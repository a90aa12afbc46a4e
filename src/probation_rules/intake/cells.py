"""The grammar of a cell of text: what is blank, true, a whole number, a number, a date, a label.

Python reads a case by it, and the SQL of a table is made from it, so that both read every cell the
same way. The patterns mean the same in Python and in DuckDB, except those named `SQL_...`.
"""

from __future__ import annotations

from probation_rules.rulebook.model import LONGEST_TEXT

# What may surround a value without being part of it: all that Python calls white space, such as a
# non-breaking space.
SPACE = "".join(one for one in map(chr, range(0x3001)) if one.isspace())

DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
TIME = "([01][0-9]|2[0-3]):[0-5][0-9](:00)?"

ZEROS = r"\b0+([0-9])"  # at the start of a number, and the digit after them

_MOST_DIGITS = 20  # before the point of a number, and after it
WHOLE_NUMBER = f"[+-]?[0-9]{{1,{_MOST_DIGITS}}}"


def number(places: int = _MOST_DIGITS) -> str:
    """Return the pattern of a number with at most `places` decimal places, not counting zeros at the end."""
    zeros = _MOST_DIGITS - places
    return rf"{WHOLE_NUMBER}(\.[0-9]{{1,{places}}}0{{0,{zeros}}})?"


# --- For DuckDB only ----------------------------------------------------------------------------

SQL_SPACE = f"'{SPACE}'"
SQL_TRIMMED = "[!-~]([ -~]*[!-~])?"  # text that nothing surrounds: most labels
SQL_BLANK = "[" + "".join(rf"\x{{{ord(one):x}}}" for one in SPACE) + "]*"
# What `rulebook.validity.is_text` allows: most labels match the first pattern, which is quick.
SQL_PLAIN_LABEL = f"[ -~]{{1,{LONGEST_TEXT}}}"
SQL_HIDDEN = (
    r"[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\x{a0}\x{1680}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}]"
)
