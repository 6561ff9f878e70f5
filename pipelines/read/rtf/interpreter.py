"""RTF interpreted: one pass over its control words and texts, which makes WordprocessingML."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from lxml import etree

from pipelines.errors import DocumentError
from pipelines.read.model import PICTURE
from pipelines.read.rtf.colours import PRIMARY, Colours
from pipelines.read.rtf.state import STATE_WORDS, OpenStory, State
from pipelines.read.rtf.tables import CellShape, Story
from pipelines.read.rtf.tokens import Charsets, read_tokens
from pipelines.read.rtf.words import (
    CHARACTERS,
    DESTINATIONS,
    FORMULAS,
    KNOWN,
    LOOKS,
    MEASURES,
    MERGES,
    NESTED,
    SKIPPED,
    STORIES,
    TABLES,
)
from pipelines.read.word.build import DRAWN, PLAIN, make_paragraph, printable
from pipelines.read.word.doubt import UNSTORED_FIELD
from pipelines.settings import ReadLimits

_PICTURE_FONT = re.compile(rb"(?:wing|web)dings|marlett", re.IGNORECASE)
_PICTURES, _BLACK = "Wingdings", "000000"


class Interpretation(NamedTuple):
    """What RTF holds.

    Attributes:
        blocks: Paragraphs and tables of the body, the notes behind them.
        title: The one that the file states of itself; empty where it states none.
        is_cut: The file ends within the text.
    """

    blocks: list[etree._Element]
    title: str
    is_cut: bool


def interpret_rtf(data: bytes, limits: ReadLimits) -> Interpretation:
    """Return what RTF holds as WordprocessingML.

    Raises:
        DocumentError: limit_exceeded.
    """
    interpreter = _Interpreter(limits)
    blocks = interpreter.run(data)
    return Interpretation(blocks, printable("".join(interpreter.title)).strip(), interpreter.is_cut)


class _Interpreter:
    """One pass over the tokens: a stack of groups, and the stories that are open."""

    def __init__(self, limits: ReadLimits) -> None:
        self.limits = limits
        self.charsets = Charsets()
        self.state = State()
        self.groups: list[State] = []
        self.open = [OpenStory(Story())]
        self.notes: list[etree._Element] = []
        self.title: list[str] = []
        self.instruction: list[str] = []
        self.colours = Colours()
        self.listed_font, self.picture_fonts = 0, set[int]()
        self.cell: dict[str, str] = {}
        self.pending, self.to_skip = bytearray(), 0
        self.is_optional = self.is_cut = False
        self.paragraph_count = 0

    def run(self, data: bytes) -> list[etree._Element]:
        """Return the body's blocks, the notes behind it."""
        for name, number, text in read_tokens(data.lstrip()):
            if not name:
                self._take_text(text)
            elif name == "{":
                self._open_group()
            elif name != "}":
                self._take_word(name, number)
            elif self.groups:
                self._close_group()
            if not self.groups:
                break  # what stands behind the one group of the file is no part of it
        self._drop_cut_text()
        return self.open[0].story.finish() + self.notes

    def _drop_cut_text(self) -> None:
        """Leave out the last text of a file that ends within a group: the figure at its end may be half a figure."""
        self.is_cut = bool(self.groups)
        while self.groups:
            self.pending.clear()
            self.open[-1].runs = []
            self._close_group()
        self._end_paragraph(is_empty_kept=False)

    def _open_group(self) -> None:
        self._flush()
        self.to_skip, self.is_optional = 0, False
        if len(self.groups) >= self.limits.depth:
            raise DocumentError("limit_exceeded", f"groups are nested more than {self.limits.depth} deep")
        self.groups.append(self.state)
        self.state = replace(self.state)

    def _close_group(self) -> None:
        self._flush()
        self.to_skip, self.is_optional = 0, False
        inner, self.state = self.state, self.groups.pop()
        if inner.destination == "fldinst" != self.state.destination:
            self._end_instruction()
        if inner.destination in STORIES and self.state.destination != inner.destination and not inner.skipped_by:
            self._end_paragraph(is_empty_kept=False, state=inner)
            blocks = self.open.pop().story.finish()
            (self.notes if inner.destination == "footnote" else self.open[-1].behind).extend(blocks)

    def _end_instruction(self) -> None:
        """Leave out what a field is told, and mark the one whose result the file does not say."""
        if UNSTORED_FIELD.match("".join(self.instruction)):
            self._add_text(PICTURE)
        self.instruction = []

    def _take_text(self, text: bytes) -> None:
        if self.to_skip:
            passed = min(self.to_skip, len(text))
            self.to_skip -= passed
            text = text[passed:]
        self.is_optional = False
        if not text or self.state.skipped_by:
            return
        if self.state.destination == "colortbl":
            self.colours.end(text.count(b";"))
        elif self.state.destination == "fonttbl":
            if _PICTURE_FONT.search(text):
                self.picture_fonts.add(self.listed_font)
        elif self.state.destination != "pict":
            self.pending += text

    def _take_word(self, name: str, number: int | None) -> None:
        if name == "*":
            self.is_optional = True
            return
        is_optional, self.is_optional = self.is_optional, False
        if self.to_skip:
            self.to_skip -= 1
        elif self.state.skipped_by:
            self._take_skipped(name)
        elif name in FORMULAS:
            self._add_text(PICTURE)
            self.state.skipped_by = name
        elif name in SKIPPED or (is_optional and name not in KNOWN):
            self.state.skipped_by = name
        elif name in DESTINATIONS:
            self._enter(name)
        elif name == "u":
            self._flush()
            self._add_text(chr((number or 0) & 0xFFFF))
            self.to_skip = self.state.substitute
        elif name in CHARACTERS:
            self._flush()
            self._add_text(CHARACTERS[name])
        else:
            self._obey(name, number)

    def _obey(self, name: str, number: int | None) -> None:
        """Do what a control word says of the text behind it."""
        if (act := _WORDS.get(name)) is not None:
            self._flush()
            act(self, number)
        elif (change := STATE_WORDS.get(name)) is not None:
            self._flush()
            change(self.state, number)
        elif name in LOOKS:
            self._flush()
            prop, value = LOOKS[name]
            self.state.set_look(prop, value if number != 0 else None)
        elif name in MEASURES:
            self._flush()
            self.state.set_look(MEASURES[name], str(number) if number is not None else None)
        elif name in MERGES:
            direction, part = MERGES[name]
            self.cell[direction] = part
        elif name in PRIMARY:
            self.colours.mix(name, number or 0)

    def _take_skipped(self, name: str) -> None:
        """Take of a skipped group what counts: the Unicode half of a text, the title, a shape's picture."""
        if name == "ud" and self.state.skipped_by == "upr":
            self.state.skipped_by = ""
        elif name == "title" and self.state.skipped_by == "info":
            self.state.skipped_by, self.state.destination = "", name
            self.title = []
        elif name == "pict" and self.state.skipped_by == "sp":  # what fills a shape
            self.open[-1].runs.append((PLAIN, PICTURE))

    def _enter(self, name: str) -> None:
        self._flush()
        if name == "pict" and self.state.destination != name:
            self._add_text(PICTURE)
        self.state.destination = name
        if name in STORIES:
            self.open.append(OpenStory(Story()))
            self.state.depth = 0

    def _flush(self) -> None:
        if self.pending:
            data, self.pending = bytes(self.pending), bytearray()
            self._add_text(self.charsets.decode(data, self.state.font, self.state.wide_font))

    def _add_text(self, text: str) -> None:
        state = self.state
        if state.destination == "title":
            self.title.append(text)
        elif state.destination == "fldinst":
            self.instruction.append(text)
        elif not (state.skipped_by or state.look.is_deleted or state.destination in TABLES):
            self.open[-1].runs.append((state.look, text))

    def _end_paragraph(self, *, is_empty_kept: bool = True, state: State | None = None) -> None:
        """End the paragraph; what hangs at it follows."""
        state = state or self.state
        top = self.open[-1]
        made = [make_paragraph(top.runs, state.level, state.ground)] if top.runs or is_empty_kept else []
        made += top.behind
        top.runs, top.behind = [], []
        self.paragraph_count += len(made)
        if self.paragraph_count > self.limits.cells:
            raise DocumentError("limit_exceeded", f"the RTF has more than {self.limits.cells} paragraphs and cells")
        if made:
            top.story.add(made, state.depth)

    def end_paragraph(self, _: int | None) -> None:
        self._end_paragraph()

    def end_cell(self, _: int | None) -> None:
        self._end_cell(1)

    def end_nested_cell(self, _: int | None) -> None:
        self._end_cell(max(self.state.depth, 2))

    def _end_cell(self, depth: int) -> None:
        self._end_paragraph(state=replace(self.state, depth=depth))
        self.open[-1].story.end_cell(depth)

    def end_row(self, _: int | None) -> None:
        self._end_row(1)

    def end_nested_row(self, _: int | None) -> None:
        self._end_row(max(self.state.depth, 2))

    def _end_row(self, depth: int) -> None:
        """End a row; text behind the last cell's end is a cell of which the writer left the end out."""
        if any(text.strip() for _, text in self.open[-1].runs):
            self._end_cell(depth)
        self.open[-1].runs = []
        self.open[-1].story.end_row(depth)

    def begin_shape(self, _: int | None) -> None:
        self.open[-1].story.begin_shape(is_nested=self.state.destination == NESTED)
        self.cell = {}

    def set_left(self, number: int | None) -> None:
        self.open[-1].story.shape.left = number or 0

    def hide_row(self, _: int | None) -> None:
        self.open[-1].story.shape.is_hidden = True

    def end_shape(self, number: int | None) -> None:
        cell, self.cell = self.cell, {}
        cells = self.open[-1].story.shape.cells
        if len(cells) >= self.limits.columns:
            raise DocumentError("limit_exceeded", f"a table row is wider than {self.limits.columns} columns")
        cells.append(CellShape(number or 0, cell.get("vertical"), cell.get("horizontal"), cell.get("fill")))

    def fill_cell(self, number: int | None) -> None:
        self.cell["fill"] = self.colours.get(number) or "auto"

    def fill_paragraph(self, number: int | None) -> None:
        self.state.ground = self.colours.get(number)

    def fill_run(self, number: int | None) -> None:
        self.state.look = replace(self.state.look, ground=self.colours.get(number))

    def highlight_run(self, number: int | None) -> None:
        self.fill_run(number)
        self.state.set_look("highlight", "black" if self.colours.get(number) == _BLACK else None)

    def draw_shape(self, _: int | None) -> None:
        self.open[-1].runs.append((DRAWN, ""))

    def lower_shape(self, number: int | None) -> None:
        runs = self.open[-1].runs
        if number != 0 and runs and runs[-1][0] is DRAWN:
            runs.pop()  # it lies behind the text

    def colour_run(self, number: int | None) -> None:
        self.state.set_look("color", self.colours.get(number))

    def take_font(self, number: int | None) -> None:
        if self.state.destination == "fonttbl":
            self.listed_font = number or 0
        elif self.state.is_wide:
            self.state.wide_font, self.state.is_wide = number, False
        else:
            self.state.font = number
            self.state.set_look("rFonts", _PICTURES if number in self.picture_fonts else None)

    def take_other_font(self, number: int | None) -> None:
        if self.state.is_wide:
            self.state.wide_font, self.state.is_wide = number, False

    def set_charset(self, number: int | None) -> None:
        self.charsets.set_font(self.listed_font, charset=number)

    def set_font_page(self, number: int | None) -> None:
        self.charsets.set_font(self.listed_font, code_page=number)

    def set_code_page(self, number: int | None) -> None:
        self.charsets.set_code_page(number)


_Act = Callable[[_Interpreter, int | None], None]
_WORDS: dict[str, _Act] = {
    **dict.fromkeys(("par", "sect", "\r", "\n"), _Interpreter.end_paragraph),
    "cbpat": _Interpreter.fill_paragraph,
    "cell": _Interpreter.end_cell,
    "nestcell": _Interpreter.end_nested_cell,
    "row": _Interpreter.end_row,
    "nestrow": _Interpreter.end_nested_row,
    "trowd": _Interpreter.begin_shape,
    "trleft": _Interpreter.set_left,
    "trhidden": _Interpreter.hide_row,
    "clcbpat": _Interpreter.fill_cell,
    "cellx": _Interpreter.end_shape,
    "cf": _Interpreter.colour_run,
    **dict.fromkeys(("chcbpat", "cb"), _Interpreter.fill_run),
    "highlight": _Interpreter.highlight_run,
    "shp": _Interpreter.draw_shape,
    "shpfblwtxt": _Interpreter.lower_shape,
    "f": _Interpreter.take_font,
    "af": _Interpreter.take_other_font,
    "fcharset": _Interpreter.set_charset,
    "cpg": _Interpreter.set_font_page,
    "ansicpg": _Interpreter.set_code_page,
}
