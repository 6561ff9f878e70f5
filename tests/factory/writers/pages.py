"""PDF and OFD: the report drawn on pages as text runs and ruling lines, then written in either container."""

import zlib
from dataclasses import dataclass, field, replace
from xml.sax.saxutils import escape

from tests.factory.model import Cell, Placement, Report, Role, Table, collect_rows, place, table_width
from tests.factory.style import Style
from tests.factory.writers.office import zip_parts

_WIDTH = 595.0
_MARGIN = 50.0
_LEADING = 1.35
_PADDING = 3.0
_LABEL_WEIGHT = {3: (1.4, 1.6, 5.0)}
_LOWEST_PAGE = 350.0
_MM = 25.4 / 72


@dataclass(slots=True)
class Page:
    """What is drawn: (x, baseline from the top, size, text) and (x0, y0, x1, y1), in points from the upper left."""

    height: float
    texts: list[tuple[float, float, float, str]] = field(default_factory=list)
    lines: list[tuple[float, float, float, float]] = field(default_factory=list)


@dataclass(slots=True)
class _Pen:
    """The pages drawn so far, how far down the last one is full, and how many rows a page's end has cut."""

    style: Style
    height: float
    pages: list[Page] = field(default_factory=list)
    y: float = _MARGIN
    cut_rows: int = 0

    def __post_init__(self) -> None:
        self.turn()

    @property
    def page(self) -> Page:
        return self.pages[-1]

    @property
    def room(self) -> float:
        return self.page.height - _MARGIN - self.y

    def turn(self) -> None:
        self.pages.append(Page(self.height))
        self.y = _MARGIN
        self.page.texts.append((_WIDTH / 2 - 12, self.height - _MARGIN / 2, 9.0, f"- {len(self.pages)} -"))


@dataclass(slots=True)
class _Drawing:
    """A table measured: cells by place, column edges, row heights, and the lines of each cell still to print."""

    placed: list[Placement]
    edges: list[float]
    heights: list[float]
    lines: dict[tuple[int, int], list[str]]


def draw_pages(report: Report, style: Style) -> list[Page]:
    """Return the report's pages; a table that does not fit goes on overleaf, its spanning cells cut at the foot.

    Where rows are to be cut, pages get shorter step by step until a page ends inside a row; a report without a row of
    several lines stays whole.
    """
    height = style.page_height
    while height >= _LOWEST_PAGE:
        pen = _draw(report, style, height)
        height -= 7.0
        if pen.cut_rows or not style.cut_rows:
            return pen.pages
    return _draw(report, style, style.page_height).pages


def _draw(report: Report, style: Style, height: float) -> _Pen:
    pen = _Pen(style, height)
    for block in report.blocks:
        if isinstance(block, Table):
            _draw_table(pen, block)
        else:
            size = style.font_size + (4 if block.level == 1 else 1)
            for line in _wrap(block.text, _WIDTH - 2 * _MARGIN, size):
                if pen.room < size * _LEADING:
                    pen.turn()
                pen.y += size * _LEADING
                pen.page.texts.append((_MARGIN, pen.y, size, line))
    return pen


def _draw_table(pen: _Pen, table: Table) -> None:
    style = pen.style
    halves: set[int] = set()
    if style.cut_rows:
        drawing = _measure(table, style)
        tall = [row for row, column, cell in drawing.placed if _is_tall(cell, drawing.lines[row, column])]
        table, halves = _halve_rows(table, tall)
    drawing = _measure(table, style)
    heads = table.header_count if style.repeat_headers else 0
    pen.y += style.font_size
    first = 0
    while first < len(drawing.heights):
        header_height = sum(drawing.heights[:heads]) if first else 0.0
        last = _last_fitting(drawing.heights, first, pen.room - header_height)
        if last == first:
            if pen.y == _MARGIN:
                raise ValueError("a row is higher than a page")
            pen.turn()
            continue
        if first and heads:
            header = _measure(table, style)
            _draw_rows(pen, header, 0, heads)
        _draw_rows(pen, drawing, first, last)
        pen.cut_rows += last in halves
        first = last
        if first < len(drawing.heights):
            pen.turn()


def _measure(table: Table, style: Style) -> _Drawing:
    size, placed, edges = style.font_size, place(table.rows), _column_edges(table)
    drawing = _Drawing(placed, edges, [size * _LEADING + 2 * _PADDING] * len(table.rows), {})
    for row, column, cell in placed:
        width = edges[min(column + cell.columns, len(edges) - 1)] - edges[column] - 2 * _PADDING
        lines = [line for part in cell.text.split("\n") for line in _wrap(part, width, size)]
        drawing.lines[row, column] = lines
        lacking = len(lines) * size * _LEADING + 2 * _PADDING - sum(drawing.heights[row : row + cell.rows])
        if lacking > 0:
            drawing.heights[min(row + cell.rows, len(table.rows)) - 1] += lacking
    return drawing


def _draw_rows(pen: _Pen, drawing: _Drawing, first: int, last: int) -> None:
    leading = pen.style.font_size * _LEADING
    tops = [pen.y]
    for height in drawing.heights[first:last]:
        tops.append(tops[-1] + height)
    for row, column, cell in drawing.placed:
        start, end = max(row, first), min(row + cell.rows, last)
        if start >= end:
            continue
        left, right = drawing.edges[column], drawing.edges[min(column + cell.columns, len(drawing.edges) - 1)]
        top, bottom = tops[start - first], tops[end - first]
        pen.page.lines += [(left, y, right, y) for y in (top, bottom)]
        pen.page.lines += [(x, top, x, bottom) for x in (left, right)]
        room = int((bottom - top - 2 * _PADDING) / leading + 1e-6)
        lines = drawing.lines[row, column]
        fits, drawing.lines[row, column] = lines[:room], lines[room:]
        # Centred, as forms are typed: the figures of a row stand beside the middle of a label of three lines.
        above = (bottom - top - len(fits) * leading) / 2
        for number, line in enumerate(fits, 1):
            pen.page.texts.append((left + _PADDING, top + above + number * leading - 2, pen.style.font_size, line))
    pen.y = tops[-1]


def _last_fitting(heights: list[float], first: int, room: float) -> int:
    last = first
    while last < len(heights) and heights[last] <= room:
        room -= heights[last]
        last += 1
    return last


def _is_tall(cell: Cell, lines: list[str]) -> bool:
    return cell.role is Role.LABEL and cell.rows == 1 and len(lines) > 1


def _halve_rows(table: Table, tall: list[int]) -> tuple[Table, set[int]]:
    """Return the table with each tall row as two rows that all its cells span, and the numbers of the lower halves."""
    placed = [(row, column, replace(cell)) for row, column, cell in place(table.rows)]
    for number in sorted(tall, reverse=True):
        for row, _, cell in placed:
            if row <= number < row + cell.rows:
                cell.rows += 1
        placed = [(row + (row > number), column, cell) for row, column, cell in placed]
    lower = {number + 1 + sum(other < number for other in tall) for number in tall}
    return Table(collect_rows(placed, len(table.rows) + len(tall)), table.code), lower


def _column_edges(table: Table) -> list[float]:
    width = table_width(table.rows)
    labels = max(
        (c for _, c, cell in place(table.rows) if cell.role is Role.FIGURE and cell.code is not None), default=0
    )
    first_figure = min((c for _, c, cell in place(table.rows) if cell.role is Role.FIGURE), default=min(1, labels))
    weights = [*_LABEL_WEIGHT.get(first_figure, (2.0,) * first_figure), *([1.0] * (width - first_figure))]
    scale = (_WIDTH - 2 * _MARGIN) / sum(weights)
    edges = [_MARGIN]
    for weight in weights:
        edges.append(edges[-1] + weight * scale)
    return edges


def _advance(character: str, size: float) -> float:
    return size / 2 if ord(character) < 0x80 else size


def _wrap(text: str, width: float, size: float) -> list[str]:
    lines, line, used = [], "", 0.0
    for character in text:
        if line and used + _advance(character, size) > width:
            lines.append(line)
            line, used = "", 0.0
        line += character
        used += _advance(character, size)
    return [*lines, line] if line else lines


def write_pdf(report: Report, style: Style) -> bytes:
    """Return a PDF with a text layer and ruling lines, in Adobe's STSong-Light, which every viewer substitutes."""
    pages = draw_pages(report, style)
    objects: list[bytes] = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(pages)}/Kids[{' '.join(f'{6 + 2 * n} 0 R' for n in range(len(pages)))}]>>".encode(),
        b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light-UniGB-UCS2-H/Encoding/UniGB-UCS2-H/DescendantFonts[4 0 R]>>",
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/DW 1000/W[1[%s]]" % b" ".join([b"500"] * 95)
        + b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>/FontDescriptor 5 0 R>>",
        b"<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[0 -250 1000 880]/Ascent 880/Descent -120>>",
    ]
    for number, page in enumerate(pages):
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {_WIDTH:g} {page.height:g}]"
            f"/Resources<</Font<</F1 3 0 R>>>>/Contents {7 + 2 * number} 0 R>>".encode()
        )
        content = zlib.compress(_pdf_content(page))
        objects.append(b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(content), content))
    return _pdf_file(objects)


def _pdf_content(page: Page) -> bytes:
    operations = [
        f"{x0:.2f} {page.height - y0:.2f} m {x1:.2f} {page.height - y1:.2f} l S" for x0, y0, x1, y1 in page.lines
    ]
    for x, y, size, text in page.texts:
        code = text.encode("utf-16-be").hex()
        operations.append(f"BT /F1 {size:g} Tf {x:.2f} {page.height - y:.2f} Td <{code}> Tj ET")
    return "\n".join(["0.5 w", *operations]).encode()


def _pdf_file(objects: list[bytes]) -> bytes:
    output = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(output))
        output += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(output)
    output += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    output += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    output += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(output)


def write_ofd(report: Report, style: Style) -> bytes:
    """Return an OFD (GB/T 33190): the same pages as XML in a ZIP, in millimetres."""
    pages = draw_pages(report, style)
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    start = '<?xml version="1.0" encoding="UTF-8"?>\n'
    listing = "".join(f'<ofd:Page ID="{100 + n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
    parts: dict[str, str | bytes] = {
        "OFD.xml": f'{start}<ofd:OFD {space} Version="1.0" DocType="OFD"><ofd:DocBody>'
        f"<ofd:DocInfo><ofd:DocID>44f68f1c</ofd:DocID><ofd:Title>{escape(report.title)}</ofd:Title></ofd:DocInfo>"
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"{start}<ofd:Document {space}><ofd:CommonData><ofd:MaxUnitID>9000</ofd:MaxUnitID>"
        f"<ofd:PageArea><ofd:PhysicalBox>{_ofd_box(pages[0])}</ofd:PhysicalBox></ofd:PageArea>"
        f"<ofd:PublicRes>PublicRes.xml</ofd:PublicRes></ofd:CommonData><ofd:Pages>{listing}</ofd:Pages></ofd:Document>",
        "Doc_0/PublicRes.xml": f'{start}<ofd:Res {space} BaseLoc="Res"><ofd:Fonts>'
        '<ofd:Font ID="3" FontName="宋体" FamilyName="宋体"/></ofd:Fonts></ofd:Res>',
    }
    for number, page in enumerate(pages):
        parts[f"Doc_0/Pages/Page_{number}/Content.xml"] = start + _ofd_page(page, space)
    return zip_parts(parts)


def _ofd_page(page: Page, space: str) -> str:
    objects, number = [], 1000
    for x0, y0, x1, y1 in page.lines:
        number += 1
        width, height = (x1 - x0) * _MM, (y1 - y0) * _MM
        objects.append(
            f'<ofd:PathObject ID="{number}" LineWidth="0.2"'
            f' Boundary="{x0 * _MM:.3f} {y0 * _MM:.3f} {width + 0.2:.3f} {height + 0.2:.3f}">'
            f"<ofd:AbbreviatedData>M 0 0 L {width:.3f} {height:.3f}</ofd:AbbreviatedData></ofd:PathObject>"
        )
    for x, y, size, text in page.texts:
        number += 1
        steps = " ".join(f"{_advance(character, size) * _MM:.3f}" for character in text[:-1])
        delta = f' DeltaX="{steps}"' if steps else ""
        width = sum(_advance(character, size) for character in text) * _MM
        objects.append(
            f'<ofd:TextObject ID="{number}" Font="3" Size="{size * _MM:.3f}"'
            f' Boundary="{x * _MM:.3f} {(y - size) * _MM:.3f} {width:.3f} {size * 1.3 * _MM:.3f}">'
            f'<ofd:TextCode X="0" Y="{size * _MM:.3f}"{delta}>{escape(text)}</ofd:TextCode></ofd:TextObject>'
        )
    return (
        f"<ofd:Page {space}><ofd:Area><ofd:PhysicalBox>{_ofd_box(page)}</ofd:PhysicalBox></ofd:Area>"
        f'<ofd:Content><ofd:Layer ID="50" Type="Body">{"".join(objects)}</ofd:Layer></ofd:Content></ofd:Page>'
    )


def _ofd_box(page: Page) -> str:
    return f"0 0 {_WIDTH * _MM:.2f} {page.height * _MM:.2f}"
