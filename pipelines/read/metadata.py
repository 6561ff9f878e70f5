"""What a document says about itself: labelled facts in its lines and small tables become metadata."""

import re
from dataclasses import dataclass
from functools import cache

from pipelines.read.model import Block, Cell, Document, squeeze
from schemas.document import load_document_words
from schemas.vocabulary import BlockKind

_WITHIN = 500  # characters of a block in which labels are looked for: further on is narrative
_SHORT = 200  # a line of metadata and nothing else
_MAX_TABLE_CELLS = 60  # index tables are small; statistic tables have more cells and no such labels
_DATE = re.compile(r"\s*(\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}(?:\s*日)?(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?)")
_WORD = re.compile(r"[^\s|\[\]【】]*")
_COLON = re.compile("[:：]")
_BEFORE_COLON = 40  # a label of eight characters, spaced out
_EDGES = " \t\n|[]【】;；,，\u3000\xa0"
_LABEL_EDGES = ":：[]【】"
_TITLE_LENGTH = range(5, 101)
_SENTENCE = re.compile(r"[。；;：:]\s*$|。\S")


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and its value as printed; kind is title, date or text."""

    label: str
    value: str
    kind: str

    def as_block(self) -> Block:
        """Return the block that stands for the fact."""
        kind = BlockKind.TITLE if self.kind == "title" else BlockKind.METADATA
        return Block(kind, self.value, label=self.label)


def label_document(document: Document) -> None:
    """Turn labelled facts into TITLE and METADATA blocks and, where nothing states a title, name the first line as one.

    A line of facts and nothing else is replaced by them; from a longer one they are copied, so that no text is lost.
    """
    labelled: list[Block] = []
    for block in document.blocks:
        if block.kind is BlockKind.TABLE and block.table_number:
            labelled.append(block)
            labelled += [fact.as_block() for fact in find_table_facts(document.tables[block.table_number - 1])]
        elif block.kind is BlockKind.PARAGRAPH and (":" in block.text or "：" in block.text):
            facts, is_whole = find_facts(block.text)
            labelled += [fact.as_block() for fact in facts]
            if not is_whole:
                labelled.append(block)
        else:
            labelled.append(block)
    document.blocks = labelled
    _name_first_row(document)
    _name_first_line(document)


def find_facts(text: str) -> tuple[list[Fact], bool]:
    """Return the labelled facts of a line, and whether it holds nothing else.

    >>> facts, is_whole = find_facts("来源：平潭县人民政府 时间：2015-01-02 00:00")
    >>> [(fact.label, fact.value) for fact in facts], is_whole
    ([('来源', '平潭县人民政府'), ('时间', '2015-01-02 00:00')], True)
    >>> find_facts("文 号: ")
    ([], True)
    """
    matches = _find_labels(_with_plain_spaces(text[:_WITHIN]))
    if not matches:
        return [], False
    is_short = len(text) <= _SHORT
    kinds = load_document_words().labels
    facts = []
    is_whole = is_short and not text[: matches[0].start()].strip(_EDGES)
    for number, match in enumerate(matches):
        label = squeeze(match[1])
        kind = kinds.get(label) or kinds[label.lower()]
        end = matches[number + 1].start() if number + 1 < len(matches) else len(text)
        value, rest = _value(text[match.end() : end], kind, is_short=is_short)
        is_whole = is_whole and (not rest or number + 1 < len(matches))
        if value:
            facts.append(Fact(label, value, kind))
    return facts, is_whole


def _find_labels(text: str) -> list[re.Match[str]]:
    """Return the labels in a text: they are looked for before its colons, and nowhere else."""
    matches: list[re.Match[str]] = []
    pattern = _label_pattern()
    for colon in _COLON.finditer(text):
        start = max(colon.start() - _BEFORE_COLON, matches[-1].end() if matches else 0)
        match = pattern.search(text, start, colon.end())
        if match is not None:
            matches.append(match)
    return matches


def find_table_facts(cells: list[Cell]) -> list[Fact]:
    """Return the facts of an index table (索引号, 发布机构, 发文日期…), or none where the table is another.

    A table is one when at least two labels have their value beside them and these fill half of its printed cells.
    """
    if len(cells) > _MAX_TABLE_CELLS:
        return []
    kinds = load_document_words().labels
    facts: list[Fact] = []
    used = 0
    for cell, follower in zip(cells, [*cells[1:], None], strict=True):
        label = "" if cell[4].isdigit() else _bare_label(cell[4])
        if label in kinds:
            value = follower[4] if follower is not None and follower[0] == cell[0] else ""
            if value and _bare_label(value) not in kinds:
                facts.append(Fact(label, value.replace("\n", " "), kinds[label]))
                used += 2
        elif ":" in cell[4] or "：" in cell[4]:
            inner, is_whole = find_facts(cell[4])
            if is_whole:
                facts += inner
                used += 1
    printed = sum(bool(cell[4]) for cell in cells)
    return facts if len(facts) >= 2 and used * 2 >= printed else []


def is_labelled(text: str) -> bool:
    """Tell whether a line begins with a known label and a colon.

    >>> is_labelled("发布时间: 2020-01-20"), is_labelled("规章 0")
    (True, False)
    """
    return _label_pattern().match(_with_plain_spaces(text)) is not None


def is_section_heading(text: str) -> bool:
    """Tell whether a line is numbered like a section of a report.

    >>> is_section_heading("二、主动公开政府信息情况")
    True
    """
    return _section_pattern().match(text) is not None


@cache
def _label_pattern() -> re.Pattern[str]:
    """Any label at the start of a line or after white space or a bar; its letters may be spaced out (索 引 号).

    It is for text whose spaces are all of one kind.
    """
    spellings = sorted(load_document_words().labels, key=len, reverse=True)
    alternatives = "|".join(" *".join(map(re.escape, spelling)) for spelling in spellings)
    return re.compile(rf"(?:(?<![^\s|\[【(（]))({alternatives}) *[\]】]? *[:：]", re.IGNORECASE)


@cache
def _section_pattern() -> re.Pattern[str]:
    return re.compile(rf"[{load_document_words().text.section_numerals}]+、")


def _with_plain_spaces(text: str) -> str:
    """Return a text with spaces of one kind at the same places: their pattern compiles in a tenth of the time."""
    return text.replace("\u3000", " ").replace("\xa0", " ")


def _bare_label(text: str) -> str:
    """Return what a cell says as a label, without colon and brackets: [ 发布机构 ]."""
    return squeeze(text).strip(_LABEL_EDGES)


def _value(text: str, kind: str, *, is_short: bool) -> tuple[str, str]:
    """Return the value at the start of `text` and what is left behind it."""
    if kind == "date":
        match = _DATE.match(text)
        return (match[1], text[match.end() :].strip(_EDGES)) if match else ("", text.strip(_EDGES))
    text = text.strip(_EDGES)
    if is_short:
        return text, ""
    match = _WORD.match(text)
    value = match[0] if match else ""
    return value, text[len(value) :].strip(_EDGES)


def _name_first_row(document: Document) -> None:
    """Make the text that stands alone in the first table's first row a title candidate, where it is a report's.

    A page that a spreadsheet was saved as has the report's title there, and its own title names a sheet.
    """
    report = report_pattern()
    blocks = document.blocks
    if any(block.kind is BlockKind.TITLE and report.search(block.text) for block in blocks):
        return
    for place, block in enumerate(blocks):
        if block.kind is BlockKind.TABLE and block.table_number:
            cells = document.tables[block.table_number - 1]
            printed = [cell[4] for cell in cells if cell[0] == cells[0][0] and cell[4]]
            title = "".join(printed[0].split("\n")) if len(printed) == 1 else ""
            if len(title) in _TITLE_LENGTH and report.search(title):
                blocks.insert(place, Block(BlockKind.TITLE, title, label="first_line"))
            return


@cache
def report_pattern() -> re.Pattern[str]:
    """Return the expression of what a link or title to a report says."""
    # Here and not above: normalizing imports this room, and nothing of it may hang on how sites are searched.
    from schemas.portal import load_link_words

    return re.compile(load_link_words().report)


def may_be_first_line(text: str) -> bool:
    """Tell whether a line can be a title by its length and as no sentence: a title is no part of the narrative.

    >>> [
    ...     may_be_first_line(text)
    ...     for text in ("某局2021年报告", "总体工作情况如下：", "（二）依申请公开。2021年，我局收到1件")
    ... ]
    [True, False, False]
    """
    return len(text) in _TITLE_LENGTH and _SENTENCE.search(text) is None


def _name_first_line(document: Document) -> None:
    """Make the first line before any heading or section a title candidate, where the document states none."""
    if any(block.kind is BlockKind.TITLE for block in document.blocks):
        return
    for block in document.blocks:
        if block.kind in (BlockKind.HEADING, BlockKind.TABLE):
            return
        if is_section_heading(block.text):
            return
        if block.kind is BlockKind.PARAGRAPH and may_be_first_line(block.text):
            block.kind, block.label = BlockKind.TITLE, "first_line"
            return
