"""References to cells, whole numbers and sizes as the parts of a workbook write them."""

import re

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})\Z")
_SHUT = re.compile(r"0*(?:\.[0-4]\d*)?")  # points, or characters


def read_reference(reference: str) -> tuple[int, int] | None:
    """Return row and column, from 1, of a cell reference.

    >>> read_reference("B3"), read_reference("AA10"), read_reference("3B")
    ((3, 2), (10, 27), None)
    """
    match = _REFERENCE.match(reference)
    if match is None:
        return None
    column = 0
    for letter in match.group(1):
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match.group(2)), column


def column_letters(column: int) -> str:
    """Return the letters of a column by its number, from 1.

    >>> column_letters(2), column_letters(27)
    ('B', 'AA')
    """
    letters = ""
    while column > 0:
        column, digit = divmod(column - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def read_integer(text: str | None, default: int) -> int:
    """Return a number of a few digits, or `default` where the text is none."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default


def is_shut(size: str | None) -> bool:
    """Tell whether a row or column is so narrow that nothing of it is seen.

    >>> is_shut("0"), is_shut("0.35"), is_shut("8.43"), is_shut(None)
    (True, True, False, False)
    """
    return size is not None and _SHUT.fullmatch(size) is not None
