"""Text outside the tables of a PDF: titles, headings and paragraphs from lines."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipelines.read.metadata import is_labelled, is_section_heading
from pipelines.read.model import Block
from pipelines.read.pages.lines import TextLine
from schemas.document import load_document_words
from schemas.vocabulary import BlockKind

_LONG_LINE = 15  # characters of a line that shows where the text's margins are
_FULL_LINE = 12  # characters of the shortest line that may break for want of room
_LINE_GAP = 1.6  # greatest distance between two lines of a paragraph, in sizes
_SAME_SIZE = 0.12  # share by which sizes of one paragraph differ: figures may be set in another font
_TITLE_SIZE = 1.1  # sizes of the body's text from which a centred line is a title's
_TITLE_LINES = 12  # lines at the document's beginning among which the title is
_HEADING_LENGTH = 40
_LATIN_RUN = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class Measure:
    """Where a document's text runs and how large it is, in points."""

    left: float
    right: float
    width: float
    size: float


def measure_text(lines: Sequence[TextLine], width: float) -> Measure:
    """Return the margins that most long lines keep and the size in which most characters are set.

    Args:
        lines: Lines outside tables.
        width: Width of the page.
    """
    long = [line for line in lines if len(line.text) >= _LONG_LINE]
    sizes = Counter[float]()
    for line in lines:
        sizes[round(line.size * 2) / 2] += len(line.text)
    size = sizes.most_common(1)[0][0] if sizes else 0.0
    if not long:
        return Measure(0.0, width, width, size)
    left = Counter(round(line.x0 / 2) * 2 for line in long).most_common(1)[0][0]
    # The outermost edge that several lines reach: most lines of a short document end before it. Beyond it stand few:
    # where no two lines reach the margin, two that end at one place within the text are no margin.
    rights = sorted((line.x1 for line in long), reverse=True)
    several, few = max(2, len(rights) // 10), max(1, len(rights) // 10)
    reached = enumerate(rights[: min(few + 1, len(rights) - several + 1)])
    right = next((x for n, x in reached if x - rights[n + several - 1] < size), rights[0])
    return Measure(left, right, width, size)


def text_blocks(lines: Sequence[TextLine], measure: Measure, *, is_start: bool) -> list[Block]:
    """Return the titles, headings and paragraphs that consecutive lines make.

    Args:
        lines: Lines between two tables, of any number of pages.
        measure: See `measure_text`.
        is_start: The document begins with these lines, so that a title may be among them.
    """
    blocks: list[Block] = []
    before: TextLine | None = None
    was_title = False
    for number, line in enumerate(lines):
        is_title = is_start and number < _TITLE_LINES and _is_title_line(line, measure)
        if before is not None and is_title and was_title and _is_close(before, line) and _is_same_size(before, line):
            blocks[-1].text += line.text
        elif before is not None and not is_title and not was_title and _goes_on(before, line, measure):
            blocks[-1].text += _joint(before.text, line.text) + line.text
        elif is_title:
            blocks.append(Block(BlockKind.TITLE, line.text, label="first_line"))
        else:
            blocks.append(Block(BlockKind.PARAGRAPH, line.text))
        before, was_title = line, is_title
    for block in blocks:
        if block.kind is BlockKind.PARAGRAPH and _is_heading(block.text):
            block.kind = BlockKind.HEADING
    return blocks


def _is_title_line(line: TextLine, measure: Measure) -> bool:
    is_centred = abs((line.x0 + line.x1) / 2 - measure.width / 2) < 0.05 * measure.width
    is_large = line.size >= _TITLE_SIZE * measure.size
    return is_centred and is_large and not is_labelled(line.text) and not is_section_heading(line.text)


def _goes_on(before: TextLine, line: TextLine, measure: Measure) -> bool:
    """Tell whether a line is the rest of the one before, which broke for want of room."""
    is_full = len(before.text) >= _FULL_LINE and measure.right - before.x1 < _unbroken_width(line)
    is_indented = line.x0 - measure.left > 0.8 * line.size
    if not is_full or is_indented or is_section_heading(line.text):
        return False
    return _is_same_size(before, line) and (line.y0 < before.y0 or _is_close(before, line))


def _unbroken_width(line: TextLine) -> float:
    """Return the room a line's beginning would have needed: a Latin word or number, or a character with its mark."""
    run = _LATIN_RUN.match(line.text)
    if run:
        return len(run[0]) * line.size / 2 + line.size
    words = load_document_words()
    is_marked = line.text[1:2] in (*words.text.sentence_marks, *words.text.clause_marks) and len(line.text) > 1
    return line.lead + (1.2 if is_marked else 0.2) * line.size


def _is_close(before: TextLine, line: TextLine) -> bool:
    return line.y1 - before.y1 > 0 and line.y0 - before.y1 < _LINE_GAP * line.size


def _is_same_size(before: TextLine, line: TextLine) -> bool:
    return abs(before.size - line.size) <= _SAME_SIZE * max(before.size, line.size)


def _joint(before: str, after: str) -> str:
    """Return what a line break between two words stands for: a space between Latin words, nothing in Chinese.

    >>> _joint("open", "data"), _joint("公", "开"), _joint("20", "23")
    (' ', '', '')
    """
    return (
        " " if before[-1:].isascii() and before[-1:].isalpha() and after[:1].isascii() and after[:1].isalpha() else ""
    )


def _is_heading(text: str) -> bool:
    marks: Iterable[str] = load_document_words().text.sentence_marks
    return is_section_heading(text) and len(text) <= _HEADING_LENGTH and not any(mark in text for mark in marks)
