"""Plain text in the shapes that exports, crawlers and converters leave behind."""

import csv
import io
from collections.abc import Callable, Iterator

from tests.factory.model import LABEL_ROLES, Cell, Report, Role, Table, Text, place, table_width
from tests.factory.style import Style

_TableLines = Callable[[Table, Style], list[str]]


def write_tabs(report: Report, style: Style) -> bytes:
    """Return Markdown headings with tab-separated tables: the first raw file's layout, or one field a grid column."""
    return _write(report, style, _seed_lines if style.seed_layout else _tab_lines, separator="\n\n", marks=True)


def write_pipes(report: Report, style: Style) -> bytes:
    """Return Markdown with pipe tables."""
    lines = _filled_lines if style.filled else _ragged_pipe_lines if style.ragged else _pipe_lines
    return _write(report, style, lines, separator="\n\n", marks=True)


def write_csv(report: Report, style: Style) -> bytes:
    """Return comma-separated values, fields quoted where they must be, between lines of text."""
    return _write(report, style, _csv_lines, separator="\n")


def write_lines(report: Report, style: Style) -> bytes:
    """Return one cell a line; a blank cell is an empty line."""
    return _write(report, style, lambda table, _: [_one_line(cell) for _, cell in _in_order(table)], separator="\n")


def write_lines_bar(report: Report, style: Style) -> bytes:
    """Return one cell a line with a line of `|` between cells, as some crawlers print tables."""
    return _write(
        report,
        style,
        lambda table, _: [line for _, cell in _in_order(table) for line in (_one_line(cell), "|")],
        separator="\n",
    )


def write_spaces(report: Report, style: Style) -> bytes:
    """Return rows with a space between cells, each on its line or all on a single one."""
    text = _write(report, style, _space_lines, separator="\n")
    if style.one_line:
        return " ".join(text.decode(style.encoding).split()).encode(style.encoding)
    return text


def write_run_together(report: Report, style: Style) -> bytes:
    """Return text in which nothing stands between cells: the figures cannot be told apart."""
    return _write(report, style, lambda table, _: ["".join(cell.text for _, cell in _in_order(table))], separator="")


def write_deduplicated(report: Report, style: Style) -> bytes:
    """Return one cell a line with every repeated line removed, as one crawler did."""
    lines = write_lines(report, style).decode(style.encoding).split("\n")
    return "\n".join(dict.fromkeys(lines)).encode(style.encoding)


def _write(report: Report, style: Style, lines: _TableLines, *, separator: str, marks: bool = False) -> bytes:
    pieces = []
    for block in report.blocks:
        if isinstance(block, Text):
            pieces.append("#" * block.level + " " + block.text if marks and block.level else block.text)
        else:
            pieces.append("\n".join(_with_gaps(lines(block, style), style)))
    return (separator.join(pieces) + "\n").encode(style.encoding)


def _with_gaps(lines: list[str], style: Style) -> list[str]:
    every = style.blank_line_every
    if not every:
        return lines
    return [piece for n, line in enumerate(lines, 1) for piece in ([line, ""] if n % every == 0 else [line])]


def _one_line(cell: Cell) -> str:
    return cell.text.replace("\n", "")


def _in_order(table: Table) -> Iterator[tuple[int, Cell]]:
    for number, row in enumerate(table.rows):
        for cell in row:
            yield number, cell


def _grid_texts(table: Table) -> list[list[str]]:
    grid = [[""] * table_width(table.rows) for _ in table.rows]
    for row, column, cell in place(table.rows):
        grid[row][column] = _one_line(cell)
    return grid


def _tab_lines(table: Table, style: Style) -> list[str]:
    return ["\t".join(row) for row in _grid_texts(table)]


def _csv_lines(table: Table, style: Style) -> list[str]:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(_grid_texts(table))
    return buffer.getvalue().splitlines()


def _pipe_lines(table: Table, style: Style) -> list[str]:
    grid = _grid_texts(table)
    lines = [" | ".join(row) for row in grid]
    if style.outer_pipes:
        lines = [f"| {line} |" for line in lines]
    if style.separator_row:
        rule = "|".join(["---"] * len(grid[0]))
        lines.insert(1, f"|{rule}|" if style.outer_pipes else rule)
    return lines


def _ragged_pipe_lines(table: Table, style: Style) -> list[str]:
    # A converter that knows no spans: cells in order, the row filled up at its end.
    width = table_width(table.rows)
    lines = []
    for row in table.rows:
        texts = [_one_line(cell) for cell in row]
        texts += [""] * (width - len(texts))
        lines.append(" | ".join(texts) + " |")
    return lines


def _filled_lines(table: Table, style: Style) -> list[str]:
    # Bars in place of the columns that a row lacks, whatever these were: spans, cells from above, blanks left out.
    width = table_width(table.rows)
    lines = []
    for row in table.rows:
        texts = [_one_line(cell) for cell in row]
        if style.filled == "rows":
            texts = [text for text in texts if text]
            lines += [" ".join([*(f"{text} |" for text in texts), "|" * (width - len(texts))]).strip()] if texts else []
        else:
            lines += [f"{text} |" if text else "|" for text in texts] + ["|" * (width - len(texts))] * (
                width > len(texts)
            )
    return lines


def _space_lines(table: Table, style: Style) -> list[str]:
    return [" ".join(_one_line(cell) for cell in row if cell.text) for row in table.rows]


def _seed_lines(table: Table, style: Style) -> list[str]:
    if table.code != "request":
        return _tab_lines(table, style)
    lines: list[str] = []
    grouped: set[str] = set()
    # The label columns shrink to one in the header and above the results, to two below them.
    shrunk = [[_shrink(cell) for cell in row] for row in table.rows[: table.header_count]]
    lines += ["\t".join(texts) for texts in _grid_texts(Table(shrunk))]
    for row in table.rows[table.header_count :]:
        groups = [cell for cell in row if cell.role is Role.GROUP]
        labels = [cell for cell in row if cell.role is Role.LABEL]
        figures = "\t".join(_one_line(cell) for cell in row if cell.role not in LABEL_ROLES)
        label = labels[0] if labels else Cell("", Role.LABEL)
        if label.columns == 3:
            gap = "\t\t" if grouped else "\t"
            lines.append(f"{_one_line(label)}{gap}{figures}")
        elif label.columns == 2 and not grouped:
            head = next((_one_line(cell) for cell in groups), "")
            lines += [f"{head}\t{_one_line(label)}" + "\t" * 6, f"\t{figures}"]
        elif label.columns == 2:
            lines.append(f"{_one_line(label)}\t\t{figures}")
        else:
            if not grouped:
                lines.append("")
            grouped |= {cell.code or "" for cell in groups}
            head = next((_one_line(cell) for cell in groups if cell.code != "results"), "")
            lines.append(f"{head}\t{_one_line(label)}\t{figures}")
    return lines


def _shrink(cell: Cell) -> Cell:
    return Cell(cell.text, cell.role, cell.rows, 1 if cell.columns == 3 else cell.columns)
