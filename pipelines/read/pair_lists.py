"""Tables that running text prints as lists: a label and its one figure in each line or clause, under headings.

（一）予以公开：3件, then （二）部分公开：0件 and so on is a table of two columns; （三）不予公开： without a figure
heads the lines below it. It is taken where text that only a table has stands in no table of the document, and the
clauses follow one another without a sentence between them. What its labels mean is for the next stage to say.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from pipelines.read.enumerations import FIGURE, GUIDANCE, insert_table
from pipelines.read.long_tables import split_paths
from pipelines.read.metadata import is_section_heading
from pipelines.read.model import Block, Document
from schemas.document import load_document_words
from schemas.vocabulary import BlockKind

_CLAUSE_ENDS = re.compile(r"[；;。\n\t]")
_BULLET = re.compile(r"^(?:[-*+•·●○■□◆◇▪➢]\s*|\\-\s*)")
_JOINT = r"[-－—/／>|_]"
_FORM_FIGURE = rf"{FIGURE}(?:\.\d{{1,6}})?(?:万?元)?"  # amounts of 表二 as well
_SIGNS = "-+－−–—"
_SIGNED = re.compile(r"(?P<label>.*[^-+－−–—\s:：,，为])\s*[:：,，为\s]\s*(?P<sign>[-+－−])")
_PAIR = re.compile(
    rf"(?P<label>(?:[(（]?\d{{1,2}}[)）.．、]\s*+)?(?:[^\d]|(?<={_JOINT})\d{{1,2}}[.．、]){{2,70}}?)\s*+"
    rf"(?:[:：为是,，]|[(（](?=\s*+{FIGURE}\s*[)）]$))?\s*+(?P<figure>{_FORM_FIGURE})[)）]?"
)
_NAME = re.compile(rf"(?:[(（]?\d{{1,2}}[)）.．、]\s*)?(?:[^\d]|(?<={_JOINT})\d{{1,2}}[.．、]){{2,60}}")
_FIGURE_LINE = re.compile(_FORM_FIGURE)
_COLON = re.compile("[:：]")
_COMMA = re.compile("[，,]")
_LEAST_PAIRS, _LEAST_OF_SHORT = 12, 10  # as many as 表二 of 2021 has

_LONGEST_CLAUSE = 600  # seven applicants with a figure each have 150 characters

_Cells = list[str]


def read_pair_lists(document: Document) -> None:
    """Add to a document the tables that its paragraphs print as lists, each behind the last of its paragraphs."""
    if not may_list(document):
        return
    words = load_document_words()
    printed = "\n".join("".join(cell[4].split()) for cells in document.tables for cell in cells)
    text = "\n".join(block.text for block in document.blocks)
    is_listed = any(mark in text and mark not in printed for mark in words.marks.listed)
    short_marks = [mark for mark in words.marks.short_list if mark not in printed]
    for last, rows in reversed(list(_runs(document.blocks))):
        count = sum(len(row) > 1 for row in rows)
        is_short_list = any(mark in row[0] for mark in short_marks for row in rows)
        if is_short_list or (is_listed and count >= _LEAST_PAIRS):
            insert_table(document, last, split_paths(rows))


def may_list(document: Document) -> bool:
    """Tell whether a document's text outside its tables has what only a table's labels have."""
    marks = (*load_document_words().marks.listed, *load_document_words().marks.short_list)
    text = "\n".join([block.text for block in document.blocks])  # of nearly all documents one search is all
    return any(mark in text for mark in marks)


def _runs(blocks: Sequence[Block]) -> Iterator[tuple[int, list[_Cells]]]:
    """Yield the last block and the rows of each list; headings behind its last figure are none of its own.

    A line before it that says of whom or when it is, is one of its headings.
    """
    narrowing = load_document_words().lists.narrowing
    rows: list[_Cells] = []
    last = count = kept = 0
    for number, block in enumerate(blocks):
        lined = block.kind in (BlockKind.PARAGRAPH, BlockKind.HEADING)
        found = list(_rows_of(block.text)) if lined else [None]
        for row in found:
            is_figure = row is not None and _FIGURE_LINE.fullmatch(row[0]) is not None
            if row is None or (is_figure and (not rows or len(rows[-1]) > 1)):
                if count >= _LEAST_OF_SHORT:
                    yield last, rows[:kept]
                is_narrowed = lined and any(word in block.text for word in narrowing)
                rows, count, kept = [[block.text]] if is_narrowed else [], 0, 0
                continue
            if len(row) == 1 and count == 0 and is_section_heading(row[0]):
                rows = []
            rows.append([*rows.pop(), *row] if is_figure else row)
            if len(rows[-1]) > 1:
                last, count, kept = number, count + 1, len(rows)
    if count >= _LEAST_OF_SHORT:
        yield last, rows[:kept]


def _rows_of(text: str) -> Iterator[_Cells | None]:
    """Yield the pairs and headings of a paragraph, None where it says anything else.

    >>> (
    ...     list(_rows_of("（三）不予公开：1.属于国家秘密：0件；2.其他0件。")),
    ...     list(_rows_of("全年收到3件，答复3件，很好。")),
    ... )
    ([['（三）不予公开'], ['1.属于国家秘密', '0件'], ['2.其他', '0件']], [None])
    """
    nothing: list[_Cells | None] = [None]
    for piece in _CLAUSE_ENDS.split(text):
        clause = _BULLET.sub("", piece.strip())
        if clause:
            yield from _take_apart(clause) or nothing


@lru_cache(maxsize=1_024)  # headings of headings are asked for the same rest again, without end where there are many
def _take_apart(clause: str) -> tuple[_Cells, ...]:
    """Return the headings and the pair of a clause, or its several pairs parted by commas; nothing if it has others."""
    if len(clause) > _LONGEST_CLAUSE:
        return ()
    pair = _pair_of(clause)
    if pair is not None:
        return (pair,)
    for colon in _COLON.finditer(GUIDANCE.sub(_mask, clause)):
        head, rest = clause[: colon.start()].strip(), clause[colon.end() :].strip()
        if _NAME.fullmatch(head):
            below = _take_apart(rest) if rest else ()
            if below or not rest:
                return [head], *below
    pieces = [piece.strip() for piece in _COMMA.split(clause)]
    pairs = [_pair_of(piece) for piece in pieces if piece]
    if len(pairs) > 1 and all(pairs):
        return tuple(pair for pair in pairs if pair is not None)
    if _FIGURE_LINE.fullmatch(clause):  # of the label in the line above
        return (["".join(clause.split())],)
    is_name = _NAME.fullmatch(clause) and not _COMMA.search(GUIDANCE.sub("", clause))
    return ([clause],) if is_name else ()


def _mask(match: re.Match[str]) -> str:
    return "-" * len(match[0])


def _pair_of(text: str) -> _Cells | None:
    match = _PAIR.fullmatch(text)
    if match is not None and match["label"][-1] in _SIGNS:
        signed = _SIGNED.fullmatch(match["label"])
        if any(word in match["label"] for word in load_document_words().figure.changes):
            # 本年增/减-3 and 本年增/减——3 may as well be 3.
            return [signed["label"].strip(), signed["sign"] + _figure(match)] if signed else None
    if match is None or _COLON.search(GUIDANCE.sub("", match["label"])):
        return None
    return [match["label"].strip().rstrip("(（").strip(), _figure(match)]


def _figure(match: re.Match[str]) -> str:
    return "".join(match["figure"].split())
