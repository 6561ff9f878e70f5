"""Tables in the markup of MediaWiki, `{| … |}`, as HTML.

Source: https://www.mediawiki.org/wiki/Help:Tables. A table in a table is left out, and so is one without an end.
"""

import re
from collections.abc import Iterator
from html import escape

from pipelines.read.model import PICTURE

_SPAN = re.compile(r"(rowspan|colspan)\s*=\s*[\"']?([0-9]{1,4})", re.IGNORECASE)
_BREAK = re.compile(r"&lt;br ?/?&gt;", re.IGNORECASE)
_EMPHASIS = re.compile("'{2,5}")
_ROW_OR_REDUCTION = re.compile(r"\|-\s*[0-9.,]+\s*")  # a line that ends a row, where -18 may be meant

_Cell = tuple[str, str, str]  # tag, attributes, text


def find_wiki_tables(text: str) -> Iterator[tuple[int, int, str]]:
    r"""Yield where each table begins and ends, and the same as HTML.

    >>> [markup for *_, markup in find_wiki_tables('{|\n! 规章 !! colspan="2" | 数\n|-\n| 3 || -1\n|}')]
    ['<table><tr><th>规章</th><th colspan="2">数</th></tr><tr><td>3</td><td>-1</td></tr></table>']
    """
    if "{|" not in text or "|}" not in text:
        return
    at = 0
    lines: list[str] = []
    start = -1
    depth = 0
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        if bare.startswith("{|"):
            if not depth:
                start, lines = at, []
            else:
                lines.append(bare)
            depth += 1
        elif depth and bare.startswith("|}"):
            depth -= 1
            if not depth:
                yield start, at + len(line), _as_html(lines)
        elif depth:
            lines.append(bare)
        at += len(line)


def _as_html(lines: list[str]) -> str:
    if any(line.startswith("{|") for line in lines):
        return ""
    rows: list[list[_Cell]] = [[]]
    caption = ""
    for line in lines:
        if line.startswith("|+"):
            caption = f"<caption>{escape(line[2:].strip())}</caption>"
        elif line.startswith("|-"):
            rows.append([])
            if _ROW_OR_REDUCTION.fullmatch(line):
                rows[-1].append(("td", "", PICTURE))
        elif line[:1] in ("|", "!"):
            rows[-1] += _cells_of(line)
        elif rows[-1] and line:
            tag, attributes, text = rows[-1][-1]
            rows[-1][-1] = tag, attributes, f"{text}<br>{_plain(line)}" if text else _plain(line)
    drawn = ("".join(f"<{tag}{attributes}>{text}</{tag}>" for tag, attributes, text in row) for row in rows if row)
    return f"<table>{caption}{''.join(f'<tr>{row}</tr>' for row in drawn)}</table>"


def _cells_of(line: str) -> Iterator[_Cell]:
    tag = "th" if line[0] == "!" else "td"
    for part in (line[1:].replace("!!", "||") if tag == "th" else line[1:]).split("||"):
        before, bar, behind = part.partition("|")
        has_attributes = bool(bar) and "=" in before and "[[" not in before and "{{" not in before
        spans = "".join(f' {name.lower()}="{count}"' for name, count in _SPAN.findall(before if has_attributes else ""))
        yield tag, spans, _plain(behind if has_attributes else part)


def _plain(text: str) -> str:
    return _BREAK.sub("<br>", escape(_EMPHASIS.sub("", text.strip()), quote=False))
