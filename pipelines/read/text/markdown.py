"""Markdown's inline markup taken away, so that a cell holds what it shows: `**12**` is 12, `~~54~~0` is 0.

Tools that turn pages and PDF files into Markdown emphasise whole header rows, escape dots, write line breaks as `<br>`
and superscripts in one of four ways.
"""

import html
import re

from pipelines.read.model import PICTURE, Cell

_ANY = re.compile(r"[*_`~<&\\$\[^]")  # none of these: nothing to do, as in most cells
_LONGEST_CELL = 2_000  # labels with all their guidance have 150 characters; a longer text is prose or an attack
_STRUCK = re.compile(r"~~[^~]{1,200}~~|<(s|del|strike)>.{0,200}?</\1>", re.IGNORECASE)
_RAISED = re.compile(
    r"<sup>\s*\[?(\d{1,3})\]?\s*</sup>|\[\^(\d{1,3})\]|\^(\d{1,3})\^|\$\^\{?(\d{1,3})\}?\$", re.IGNORECASE
)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"</?(?:b|strong|i|em|u|span|font|p|div|center|sub)(?:\s[^<>]{0,200})?>", re.IGNORECASE)
_PICTURE = re.compile(r"!\[[^\]]{0,200}\]\([^)]{0,500}\)|<img\b[^<>]{0,500}>", re.IGNORECASE)
_LINK = re.compile(r"\[([^\]]{1,200})\]\([^)]{0,500}\)")
_FORMULA = re.compile(r"\$\s*([-+]?[\d,.]{1,30})\s*\$")
# Not beside a digit: 3*4*5 is no emphasis, and taking the marks away would make 345 of it.
_MARKED = tuple(
    re.compile(rf"(?<!\d){mark}(?=[^\s{mark[-1]}])(.{{0,300}}?[^\s{mark[-1]}]){mark}(?!\d)")
    for mark in (r"\*\*\*", r"\*\*", "__", r"\*", "`")
)
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|~<>$])")


def strip_markup(text: str) -> str:
    r"""Return the text that Markdown shows for `text`; marks that stand alone are text.

    >>> [
    ...     strip_markup(text)
    ...     for text in ("**12**", "~~54~~0", "70<sup>1</sup>", r"1\.属于国家秘密", "本年新<br>制作", "*")
    ... ]
    ['12', '0', '70[1]', '1.属于国家秘密', '本年新\n制作', '*']
    >>> [strip_markup(text) for text in ("`0`", "$3$", "[规章](a.html)", "70[^2]", "&nbsp;4", "__总计__", "3*4*5")]
    ['0', '3', '规章', '70[2]', '\xa04', '总计', '3*4*5']
    """
    if len(text) > _LONGEST_CELL or _ANY.search(text) is None:
        return text
    text = _BREAK.sub("\n", _STRUCK.sub("", text))
    text = _RAISED.sub(lambda match: f"[{match[match.lastindex or 0]}]", text)
    text = _TAG.sub("", text)
    text = _LINK.sub(r"\1", _PICTURE.sub(PICTURE, text))
    text = _FORMULA.sub(r"\1", text)
    for mark in _MARKED:
        text = mark.sub(r"\1", text)
    return html.unescape(_ESCAPED.sub(r"\1", text))


def strip_formulas(tables: list[list[Cell]], first: int) -> None:
    """Take the marks of a formula from the cells of the tables from `first` on that are one number: $3$ is 3.

    Converters that turn scans into Markdown quote tables as HTML and set their figures as formulas.
    """
    for number in range(first, len(tables)):
        if any("$" in cell[4] for cell in tables[number]):
            tables[number] = [(*cell[:4], _plain_number(cell[4])) for cell in tables[number]]


def _plain_number(text: str) -> str:
    match = _FORMULA.fullmatch(text)
    return text if match is None else match[1]
