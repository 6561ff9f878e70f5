"""Tables that running text prints as enumerations: a name, a colon, and the same items with a figure each.

行政复议：结果维持0件，结果纠正1件，…；复议后起诉：结果维持0件，… is a table whose labels stand beside every figure.
A figure before its parts (3件，其中自然人2件，…) is their whole; a name may run on into its first item, where all first
items end in one word (行政复议结果维持0件，…。复议后起诉结果维持0件，…). It is taken where three names or more have the
same items in the same order, in one paragraph or in several, and where no table of the document prints these items: a
report says again in its narrative what its tables say.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, takewhile

from pipelines.read.model import PICTURE, Block, Cell, Document
from schemas.document import load_document_words
from schemas.unit import count_units
from schemas.vocabulary import BlockKind

_CLAUSE_ENDS = re.compile(r"[；;。\n]")
_JOINTS = r"[，,、\s（）()]"
FIGURE = rf"\d[\d,]{{0,11}}{PICTURE}*\s*(?:{'|'.join(count_units())})?{PICTURE}*"
_GROUP = r"[^\d：:，,、；;（）()\s]{3,12}[:：](?=[^\d\s])"  # 法人或其他组织：商业企业1件，…
_ITEM = re.compile(
    rf"{_JOINTS}*(?:其中[:：]?)?(?:(?<=[，,、（(]){_GROUP})?(?P<word>[^\d：:，,、；;（）()\s][^\d：:，,、；;（）()]{{0,29}}?)\s*[:：为]?\s*"
    rf"(?P<figure>{FIGURE})(?=[，,、\s（）()]|$)"
)
_WHOLE = re.compile(
    rf"(?P<name>(?:\d{{1,2}}[.．、)）])?(?:[^\d，,：:（(]|[(（][^()（）\d]*[)）])+?)?[:：为\s]*"
    rf"(?P<figure>{FIGURE})\s*(?:[，,、；（(]\s*其中[:：]?|[（(](?=\D))"
)
_ORDINAL = re.compile(r"^[（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[)）、.．]\s*")
GUIDANCE = re.compile(r"[（(][^（）()]*[)）]")
_NAME_ENDS = re.compile(r"[:：]|\s|中[，,]")
_LONGEST_NAME = 60
_FEWEST_NAMES = 3
_FEWEST_ITEMS = 3
_SHORTEST_WORD = 3  # characters that the first items of several names have in common


@dataclass(slots=True)
class _Entry:
    """A name and its items, each a word and a figure; without a name, which runs on into the word of the first.

    Attributes:
        is_list: The name stood by itself, and its items in clauses behind it.
    """

    name: str
    block: int
    items: list[tuple[str, str]] = field(default_factory=list)
    is_list: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the items in order."""
        return tuple(word for word, _ in self.items)


def read_enumerations(document: Document) -> None:
    """Add to a document the tables that its paragraphs print as enumerations, behind the last of these paragraphs."""
    if not may_enumerate(document):
        return
    marks = load_document_words().marks.enumerated
    found = [run for run in _runs(_entries(document.blocks)) if any(mark in run[0].words for mark in marks)]
    for run in reversed(found):
        words = run[0].words
        if not _is_printed(words, document.tables):
            rows = [["", *words], *([entry.name, *(figure for _, figure in entry.items)] for entry in run)]
            insert_table(document, run[-1].block, rows)


def may_enumerate(document: Document) -> bool:
    """Tell whether a document's text has an item that stands in the lines of enumerated tables."""
    text = "\n".join([block.text for block in document.blocks])  # of most documents one search is all
    return any(mark in text for mark in load_document_words().marks.enumerated)


def _entries(blocks: Sequence[Block]) -> Iterator[_Entry | None]:
    """Yield what the clauses of paragraphs enumerate, None where other text stands between.

    Items without a name belong to the name before them, which may stand in a line of its own.
    """
    entry: _Entry | None = None
    for number, block in enumerate(blocks):
        if block.kind not in (BlockKind.PARAGRAPH, BlockKind.HEADING):
            continue
        for clause in filter(None, map(str.strip, _CLAUSE_ENDS.split(block.text))):
            name, items = _take_apart(clause, entry)
            if name is None and entry is not None and not _repeats(entry, items):
                entry.items += items
                entry.block = number
                continue
            if entry is not None:
                yield entry
            entry = None
            if name is None:
                entry = _Entry("", number, items)
            elif items or _may_be_name(clause):
                entry = _Entry(name, number, items, is_list=not items)
            if entry is None:
                yield None
    if entry is not None:
        yield entry


def _repeats(entry: _Entry, items: Sequence[tuple[str, str]]) -> bool:
    """Tell whether items are those of another name, of which one names its own again."""
    return not {word for word, _ in items[1:]}.isdisjoint(entry.words)


def _take_apart(clause: str, entry: _Entry | None) -> tuple[str | None, list[tuple[str, str]]]:
    """Return the name and the items of a clause; a clause without figures is a name, one without a name has None.

    Args:
        clause: The clause.
        entry: The name before it with its items, to which items without a name belong.
    """
    whole = _WHOLE.match(clause)
    parts = _items(clause[whole.end() :]) if whole is not None else []
    items = _items(clause)
    is_open = entry is not None and entry.is_list and bool(entry.items) and not _repeats(entry, items)
    if whole is not None and parts and not (items and is_open):
        word = load_document_words().lists.whole
        name = (whole["name"] or "").strip().removesuffix(word)
        return name, [(word, "".join(whole["figure"].split())), *parts]
    if items:
        return None, items
    for end in _NAME_ENDS.finditer(clause, 0, _LONGEST_NAME):
        items = _items(clause[end.end() :])
        if items:
            return clause[: end.start()].strip(), items
    items = _items(_ORDINAL.sub("", clause))
    return (None, items) if items else (clause.rstrip(":： "), [])


def _items(text: str) -> list[tuple[str, str]]:
    """Return the items of which a text is made, none where it holds anything else.

    >>> _items("自然人3件，法人0件（其中：企业0件、其他0件）"), _items("收到申请3件，均已答复")
    ([('自然人', '3件'), ('法人', '0件'), ('企业', '0件'), ('其他', '0件')], [])
    """
    items = []
    at = 0
    while match := _ITEM.match(text, at):
        items.append((match["word"].strip(), "".join(match["figure"].split())))
        at = match.end()
    return items if not text[at:].strip("，,、（）() \u3000") else []


def _may_be_name(clause: str) -> bool:
    return len(clause) <= _LONGEST_NAME and not any(mark in GUIDANCE.sub("", clause) for mark in "，,")


def _runs(entries: Iterator[_Entry | None]) -> Iterator[list[_Entry]]:
    """Yield the runs of entries with the same items; a name without items only heads others."""
    told = (entry for entry in entries if entry is None or entry.items)
    for _, group in groupby(told, key=lambda entry: entry.words[1:] if entry is not None else None):
        run = _part_names([entry for entry in group if entry is not None])
        if len(run) >= _FEWEST_NAMES and len(set(run[0].words)) == len(run[0].words) >= _FEWEST_ITEMS:
            yield run


def _part_names(run: list[_Entry]) -> list[_Entry]:
    """Return entries, their names parted from the word that all first items end in, where these differ."""
    firsts = [entry.words[0] for entry in run]
    if len(set(firsts)) < _FEWEST_NAMES:
        return run if len(set(firsts)) == 1 and all(entry.name for entry in run) else []
    word = "".join(characters[0] for characters in _common_ends(firsts))
    names = [first.removesuffix(word).removesuffix("中") for first in firsts]
    if len(word) < _SHORTEST_WORD or len(set(names)) < len(names) or not all(names):
        return []
    return [
        replace(entry, name=name, items=[(word, entry.items[0][1]), *entry.items[1:]])
        for name, entry in zip(names, run, strict=True)
    ]


def _common_ends(words: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the characters with which all words end, in order."""
    ends = takewhile(lambda characters: len(set(characters)) == 1, zip(*map(reversed, words), strict=False))
    return list(ends)[::-1]


def _is_printed(words: Sequence[str], tables: Sequence[Sequence[Cell]]) -> bool:
    """Tell whether one of the tables prints most of the words as labels of its own."""
    for cells in tables:
        texts = {"".join(cell[4].split()) for cell in cells}
        if 2 * len(texts.intersection(words)) > len(words):
            return True
    return False


def insert_table(document: Document, behind: int, rows: Sequence[Sequence[str]]) -> None:
    """Insert a table behind a block; those behind it are counted on.

    The label before the last cell of a row with fewer than others reaches over what it lacks.
    """
    number = 1 + sum(block.kind is BlockKind.TABLE for block in document.blocks[: behind + 1])
    for block in document.blocks:
        if block.table_number is not None and block.table_number >= number:
            block.table_number += 1
    document.notices = [
        replace(notice, table_number=notice.table_number + 1)
        if notice.table_number is not None and notice.table_number >= number
        else notice
        for notice in document.notices
    ]
    width = max(map(len, rows))
    cells: list[Cell] = []
    for row_number, row in enumerate(rows, start=1):
        at = 1
        for place, text in enumerate(row, start=1):
            across = 1 + (width - len(row) if place == max(1, len(row) - 1) else 0)
            cells.append((row_number, at, 1, across, text))
            at += across
    document.tables.insert(number - 1, cells)
    document.blocks.insert(behind + 1, Block(BlockKind.TABLE, "", table_number=number))
