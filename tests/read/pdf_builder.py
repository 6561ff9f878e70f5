"""PDFs for tests: grids drawn by reportlab as agencies' tools draw them, in the built-in STSong-Light."""

import io
from collections.abc import Callable, Sequence

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from pipelines.read.model import Cell
from schemas.form import load_forms

FONT = "STSong-Light"
WIDTH, HEIGHT = 595.0, 842.0
pdfmetrics.registerFont(UnicodeCIDFont(FONT))
Painter = Callable[[Canvas], None]


def build_pdf(
    *pages: Painter, size: tuple[float, float] = (WIDTH, HEIGHT), rotation: int = 0, **options: object
) -> bytes:
    """Return a PDF of one page for each painter; painters draw y up, as PDF does."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(WIDTH, HEIGHT), invariant=1, **options)
    for paint in pages:
        canvas.setPageRotation(rotation)
        canvas.setFont(FONT, 10)
        paint(canvas)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def draw_text(canvas: Canvas, x: float, top: float, text: str, size: float = 10) -> None:
    """Draw a line of text whose baseline stands `top` points below the page's upper edge."""
    canvas.setFont(FONT, size)
    canvas.drawString(x, HEIGHT - top, text)


def draw_table(
    canvas: Canvas,
    cells: Sequence[Cell],
    *,
    left: float = 50,
    top: float = 100,
    widths: Sequence[float],
    heights: Sequence[float],
    size: float = 9,
    page_height: float = HEIGHT,
    style: str = "lines",
) -> None:
    """Draw cells with their borders, texts wrapped to the cell's width and centred in its height."""
    xs, ys = [left], [top]
    for width in widths:
        xs.append(xs[-1] + width)
    for row_height in heights:
        ys.append(ys[-1] + row_height)
    canvas.setLineWidth(0.5)
    for row, column, row_span, column_span, text in cells:
        x0, x1, y0, y1 = xs[column - 1], xs[column - 1 + column_span], ys[row - 1], ys[row - 1 + row_span]
        if style == "lines":
            canvas.rect(x0, page_height - y1, x1 - x0, y1 - y0)
        elif style == "thin":
            for x, y, width, height in ((x0, y0, x1 - x0, 0.5), (x0, y1, x1 - x0, 0.5)):
                canvas.rect(x, page_height - y - height, width, height, stroke=0, fill=1)
            for x in (x0, x1):
                canvas.rect(x, page_height - y1, 0.5, y1 - y0, stroke=0, fill=1)
        lines = [line for part in text.split("\n") for line in wrap(part, x1 - x0 - 4, size)]
        canvas.setFont(FONT, size)
        first = (y0 + y1) / 2 - len(lines) * size * 0.6 + size * 0.95
        for number, line in enumerate(lines):
            canvas.drawString(x0 + 2, page_height - first - number * size * 1.2, line)


def wrap(text: str, width: float, size: float) -> list[str]:
    """Return the lines into which a width breaks a text."""
    lines: list[str] = []
    line, used = "", 0.0
    for character in text:
        advance = pdfmetrics.stringWidth(character, FONT, size)
        if line and used + advance > width + 1e-6:
            lines.append(line)
            line, used = "", 0.0
        line += character
        used += advance
    return [*lines, line] if line else lines


def request_cells(figures: Sequence[Sequence[str]]) -> list[Cell]:
    """Return 表三 of the 2021 form as a grid of ten columns, the groups of rows with their spans."""
    clause = load_forms()["2021"].table("request").clauses[0]
    groups = {group.code: group.label for group in clause.row_groups}
    cells: list[Cell] = [(1, 1, 3, 3, clause.header_notes[0]), (1, 4, 1, 7, clause.header_notes[1])]
    cells += [(2, 4, 2, 1, clause.columns[0].label), (2, 5, 1, 5, clause.column_groups[0].label)]
    cells += [(2, 10, 2, 1, clause.columns[-1].label)]
    cells += [(3, 5 + n, 1, 1, column.label) for n, column in enumerate(clause.columns[1:-1])]
    rows = list(clause.rows)
    results = [row for row in rows if row.kind != "flow"]
    open_groups: set[str] = set()
    for number, (row, values) in enumerate(zip(rows, figures, strict=True), 4):
        if row.kind == "flow":
            cells.append((number, 1, 1, 3, row.label))
        else:
            if "results" not in open_groups:
                cells.append((number, 1, len(results), 1, groups["results"]))
                open_groups.add("results")
            if row.parent in groups:
                if row.parent not in open_groups:
                    span = sum(other.parent == row.parent for other in rows)
                    cells.append((number, 2, span, 1, groups[row.parent]))
                    open_groups.add(row.parent)
                cells.append((number, 3, 1, 1, row.label))
            else:
                cells.append((number, 2, 1, 2, row.label))
        cells += [(number, 4 + n, 1, 1, value) for n, value in enumerate(values)]
    return sorted(cells, key=lambda cell: cell[:2])


def cut_cells(cells: Sequence[Cell], first: int, last: int) -> list[Cell]:
    """Return the cells of rows `first` to `last`, as a page shows them: a cell that reaches further is cut.

    The text of a cut cell stands where its first row is shown.
    """
    found = []
    for row, column, row_span, column_span, text in cells:
        start, end = max(row, first), min(row + row_span - 1, last)
        if start <= end:
            shown = text if start == row else ""
            found.append((start - first + 1, column, end - start + 1, column_span, shown))
    return found
