"""The walk over a text's lines, from which its paragraphs and tables are taken."""

import re
from collections.abc import Callable

from pipelines.errors import DocumentError
from pipelines.read.metadata import is_labelled, is_section_heading
from pipelines.read.model import Block, Cell, Document
from pipelines.read.text.cell_lines import drop_fillers, take_blank_cells
from pipelines.read.text.drawn_grid import read_drawn_grid
from pipelines.read.text.line_kinds import BLANK, HEADING, LineKind, classify_lines
from pipelines.read.text.markdown import strip_markup
from pipelines.read.text.pipes import (
    cell_lines_of,
    is_grid_rule,
    is_pipe_rule,
    join_cut_rows,
    join_ruled_rows,
    join_wrapped_rows,
    split_pipe_rows,
)
from pipelines.read.text.rows import (
    find_inline_cells,
    find_row_runs,
    split_fields,
    split_mixed_rows,
    split_tab_row,
)
from pipelines.settings import ReadLimits
from schemas.vocabulary import BlockKind

_FRONT_FACT = re.compile(r"([^\s:：][^:：]{0,11})[:：]\s*(.*)$")
_RULE_LINE = re.compile(r"[-=_*~]{3,}|={3,}\s*\S{0,6}\s*={3,}")
_LEAST_PARTED = 4  # rows with an empty line between each two
_LONGEST_RULE = 200


class TextWalk:
    """One pass over the lines of a text: a cursor and the document being filled."""

    def __init__(self, text: str, document: Document, limits: ReadLimits) -> None:
        self.document, self.limits = document, limits
        self.cell_count = sum(map(len, document.tables))
        self.lines = classify_lines(text)
        self.at = self._take_front_matter() if not document.blocks else 0

    def run(self) -> None:
        """Fill the document."""
        takers = {
            LineKind.HEADING: self._take_heading,
            LineKind.TAB_ROW: self._take_tab_rows,
            LineKind.PIPE_ROW: self._take_pipe_rows,
            LineKind.SHORT: self._take_short_lines,
            LineKind.PROSE: self._take_paragraph,
            LineKind.BLANK: self._skip,
        }
        while self.at < len(self.lines):
            takers[self.lines[self.at].kind]()

    def _take_front_matter(self) -> int:
        """Take leading `key: value` lines, and return the line after them.

        Crawlers write keys of their own, so any key is taken as long as one of the run is a known label.
        """
        facts: list[tuple[str, str]] = []
        at = 0
        for line in self.lines:
            text = line.text.strip(BLANK)
            match = _FRONT_FACT.match(text)
            if text and match is None:
                break
            at += 1
            if match and not is_labelled(text):
                facts.append((match[1].strip(), match[2].strip()))
            elif match:
                facts.append(("", text))
        if len(facts) < 2 or not any(not label for label, _ in facts):
            return 0
        for label, value in facts:
            if value:
                kind = (
                    BlockKind.METADATA if label else BlockKind.PARAGRAPH
                )  # a known label is split where all formats meet
                self.document.blocks.append(Block(kind, value, label=label or None))
        return at

    def _skip(self) -> None:
        self.at += 1

    def _take_heading(self) -> None:
        match = HEADING.match(self.lines[self.at].text)
        self.at += 1
        if match is None or not match[2].strip():
            return
        text, blocks = strip_markup(match[2]).strip(), self.document.blocks
        if match[1] == "#" and not is_section_heading(text) and not any(block.label == "h1" for block in blocks):
            blocks.append(Block(BlockKind.TITLE, text, label="h1"))
        else:
            blocks.append(Block(BlockKind.HEADING, text))

    def _take_paragraph(self) -> None:
        """Take a paragraph, and the tables that a crawler wrote into it as one line of words and figures."""
        text = self.lines[self.at].text
        self._add_paragraph(text)
        for cells in find_inline_cells(text):
            self.add_table([[cell] for cell in cells])
        self.at += 1

    def _take_tab_rows(self) -> None:
        """Take a run of tab-separated rows; one blank line within it ends nothing: pages break there."""
        rows: list[list[str]] = []
        while self.at < len(self.lines):
            kind = self.lines[self.at].kind
            has_next = self.at + 1 < len(self.lines)
            if kind is LineKind.TAB_ROW:
                rows.append(split_tab_row(self.lines[self.at].text))
            elif kind is not LineKind.BLANK or not has_next or self.lines[self.at + 1].kind is not LineKind.TAB_ROW:
                break
            elif "\t" in self.lines[self.at].text:
                rows.append(split_tab_row(self.lines[self.at].text))  # a row of blank cells
            self.at += 1
        if len(rows) == 1 and sum(map(bool, rows[0])) < 2:
            self._add_paragraph(" ".join(rows[0]))
        else:
            self.add_table(split_mixed_rows(rows))

    def _take_pipe_rows(self) -> None:
        """Take a run of rows between bars; a rule of dashes marks the row before it as the head of a new table."""
        rows: list[list[str]] = []
        first = self.at
        while self.at < len(self.lines) and self.lines[self.at].kind is LineKind.PIPE_ROW:
            self.at += 1
        if self.at == first + 1:
            self.at = self._end_of_parted_rows()
        lines = [line.text for line in self.lines[first : self.at] if line.kind is LineKind.PIPE_ROW]
        self._refuse_bars(lines)
        is_drawn = any(map(is_grid_rule, lines))
        grid = read_drawn_grid(lines) if is_drawn else None
        if grid is not None:
            self._add_cells(grid)
            return
        if is_drawn:
            rows = join_ruled_rows(lines)
        lines = [] if is_drawn else join_wrapped_rows(join_cut_rows(lines))
        cells = iter(split_pipe_rows([text for text in lines if not is_pipe_rule(text)]))
        for text in lines:
            if not is_pipe_rule(text):
                rows.append(next(cells))
            elif len(rows) > 1:
                self.add_table(rows[:-1])
                rows = rows[-1:]
        if self.at - first == 1 and not self.lines[first].text.lstrip().startswith("|"):
            self._add_paragraph(self.lines[first].text)  # 作者：… | 来源：… is a line of facts
        elif rows:
            self.add_table(rows)

    def _end_of_parted_rows(self) -> int:
        """Return where the rows end that empty lines part from the one just taken, all with as many bars as it.

        Fewer than four may be facts of the page, and lines next to one another are a table of their own.
        """
        bars = self.lines[self.at - 1].text.count("|")
        end, count = self.at, 1
        for at in range(self.at, len(self.lines)):
            kind, text = self.lines[at]
            if kind is LineKind.PIPE_ROW and text.count("|") == bars and not self._is_pipe_row(at + 1):
                end, count = at + 1, count + 1
            elif kind is not LineKind.BLANK:
                break
        return end if count >= _LEAST_PARTED else self.at

    def _is_pipe_row(self, at: int) -> bool:
        return at < len(self.lines) and self.lines[at].kind is LineKind.PIPE_ROW

    def _refuse_bars(self, lines: list[str]) -> None:
        """Refuse more cells than a document may have before they are taken apart, which costs most of the reading.

        Raises:
            DocumentError: limit_exceeded.
        """
        bars = [line.count("|") for line in lines]
        if max(bars) > self.limits.columns + 1 or self.cell_count + sum(bars) > self.limits.cells + len(bars):
            message = f"{sum(bars)} bars part the cells of a table, {max(bars)} in one line; the limits are "
            raise DocumentError("limit_exceeded", f"{message}{self.limits.cells} and {self.limits.columns}")

    def _take_short_lines(self) -> None:
        """Take a run of short lines: rows where figures stand between labels, paragraphs where not."""
        taken = take_blank_cells([(line.kind is LineKind.SHORT, line.text) for line in self.lines[self.at :]])
        if taken is not None:
            self.at += taken.line_count
            runs = find_row_runs([text.strip(BLANK) for text in taken.cells])
            if taken.are_parted:
                runs = [(is_table, drop_fillers(cells) if is_table else cells) for is_table, cells in runs]
            self._add_runs(runs, lambda line: [line])
            return
        run = []
        while self.at < len(self.lines):
            kind = self.lines[self.at].kind
            has_next = self.at + 1 < len(self.lines)
            if kind is LineKind.SHORT:
                run.append(self.lines[self.at].text.strip(BLANK))
            elif kind is not LineKind.BLANK or not has_next or self.lines[self.at + 1].kind is not LineKind.SHORT:
                break
            self.at += 1
        self._add_runs(find_row_runs(cell_lines_of(run)), split_fields)

    def _add_runs(self, runs: list[tuple[bool, list[str]]], split: Callable[[str], list[str]]) -> None:
        for is_table, lines in runs:
            if is_table:
                self.add_table([split(line) for line in lines])
            else:
                for line in lines:
                    self._add_paragraph(line)

    def _add_paragraph(self, text: str) -> None:
        text = text.strip(BLANK)
        if text and not (len(text) <= _LONGEST_RULE and _RULE_LINE.fullmatch(text)):
            self.document.blocks.append(Block(BlockKind.PARAGRAPH, text))

    def add_table(self, rows: list[list[str]]) -> None:
        """Add a table.

        Raises:
            DocumentError: limit_exceeded.
        """
        self._add_cells(
            [
                (row_number, column_number, 1, 1, text)
                for row_number, row in enumerate(rows, start=1)
                for column_number, text in enumerate(row, start=1)
            ]
        )

    def _add_cells(self, cells: list[Cell]) -> None:
        number = len(self.document.tables) + 1
        self.cell_count += len(cells)
        widest = max(column + span - 1 for _, column, _, span, _ in cells)
        if self.cell_count > self.limits.cells or widest > self.limits.columns:
            raise DocumentError(
                "limit_exceeded",
                f"table {number} brings the document to {self.cell_count} cells, {widest} in its widest row; "
                f"the limits are {self.limits.cells} and {self.limits.columns}",
            )
        self.document.tables.append(cells)
        self.document.blocks.append(Block(BlockKind.TABLE, "", table_number=number))
