"""Quoted cells between tabs, as spreadsheets export them: a cell with a line break, a comma or a quote in it."""

import re

from pipelines.read.model import PICTURE

# Between tabs or at an end of the line: prose that begins or ends with a quotation stands beside none. No cell has an
# empty line in it, and none is longer than a label with all its guidance.
_QUOTED = re.compile(
    r'(?:(?<=\t)"(?P<behind>(?:[^"\t]|""){0,400})"(?=\t|$)|^"(?P<first>(?:[^"\t]|""){0,400})"(?=\t))', re.MULTILINE
)
_BROKEN = re.compile(r"(?<=\d)\s*\n\s*(?=\d)")


def unquote_cells(text: str) -> str:
    r"""Return a text whose quoted cells between tabs stand in one line and without quotes.

    Line breaks within a cell become blanks, those between digits a mark: nobody can tell one number from two.

    >>> unquote_cells('"本年新\n制作数量"\t"1,024"\t"3\n4"\n他说"好"')
    '本年新 制作数量\t1,024\t3\ufffc4\n他说"好"'
    """
    if '"\t' not in text and '\t"' not in text:
        return text
    return _QUOTED.sub(_plain, text)


def _plain(match: re.Match[str]) -> str:
    quoted = match["behind"] if match["first"] is None else match["first"]
    if "\n\n" in quoted:
        return match[0]
    return _BROKEN.sub(PICTURE, quoted.replace('""', '"')).replace("\n", " ")
