"""DOCX and XLSX as raw parts in a ZIP, so that merges, tracked changes and text boxes are exactly what Word writes."""

import io
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from xml.sax.saxutils import escape

from tests.factory.model import Cell, Report, Role, Table, Text, place, split_pale, table_width
from tests.factory.style import Style

_EPOCH = (1980, 1, 1, 0, 0, 0)
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "application/vnd.openxmlformats-officedocument"
_WORD_NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
)

_MARKS = ("<w:strike/>", '<w:vertAlign w:val="superscript"/>')
_MARKS_BY_STYLE = ('<w:rStyle w:val="Old"/>', '<w:rStyle w:val="Sign"/>')
_MARK_STYLES = (
    '<w:style w:type="character" w:styleId="Old"><w:rPr><w:dstrike/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Sign"><w:rPr><w:position w:val="8"/></w:rPr></w:style>'
)


def zip_parts(parts: dict[str, str | bytes]) -> bytes:
    """Return an archive of the parts, the same bytes for the same parts whenever it is made."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def write_docx(report: Report, style: Style) -> bytes:
    """Return the report as a Word document."""
    body = "".join(_word_block(block, style) for block in report.blocks)
    document = f"{_DECLARATION}<w:document {_WORD_NAMESPACES}><w:body>{body}<w:sectPr/></w:body></w:document>"
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": _content_types({"/word/document.xml": f"{_TYPES}.wordprocessingml.document.main+xml"}),
        "_rels/.rels": _relationships({"rId1": (f"{_OFFICE}/officeDocument", "word/document.xml")}),
        "word/document.xml": document,
    }
    if style.marks_by_style:
        parts["word/styles.xml"] = f"{_DECLARATION}<w:styles {_WORD_NAMESPACES}>{_MARK_STYLES}</w:styles>"
    return zip_parts(parts)


def _word_block(block: Text | Table, style: Style) -> str:
    if isinstance(block, Text):
        properties = '<w:pPr><w:jc w:val="center"/></w:pPr>' if block.level == 1 else ""
        pieces = split_pale(block.text)
        runs = "".join(_pale_run(piece) if is_pale else _runs(piece, style) for piece, is_pale in pieces)
        return f"<w:p>{properties}{runs}</w:p>"
    table = _word_table(block, style)
    if block.code is None:
        return table + "<w:p/>"
    if style.nested_tables:
        table = f"<w:tbl><w:tblGrid><w:gridCol/></w:tblGrid><w:tr><w:tc><w:tcPr/>{table}<w:p/></w:tc></w:tr></w:tbl>"
    if style.text_boxes:
        content = f"<w:txbxContent>{table}<w:p/></w:txbxContent>"
        # Word writes a text box twice: as DrawingML, and as VML for readers that know no DrawingML.
        return (
            "<w:p><w:r><mc:AlternateContent>"
            '<mc:Choice Requires="wps"><w:drawing><wp:inline><a:graphic><a:graphicData uri=""><wps:wsp>'
            f"<wps:txbx>{content}</wps:txbx>"
            "</wps:wsp></a:graphicData></a:graphic></wp:inline></w:drawing></mc:Choice>"
            f"<mc:Fallback><w:pict><v:shape><v:textbox>{content}</v:textbox></v:shape></w:pict></mc:Fallback>"
            "</mc:AlternateContent></w:r></w:p>"
        )
    return table + "<w:p/>"


def _word_table(table: Table, style: Style) -> str:
    rows: list[list[tuple[int, Cell, str]]] = [[] for _ in table.rows]
    for row, column, cell in place(table.rows):
        for down in range(cell.rows):
            if row + down < len(rows):
                merge = "" if cell.rows == 1 else ("restart" if down == 0 else "continue")
                rows[row + down].append((column, cell, merge))
    grid = '<w:gridCol w:w="900"/>' * table_width(table.rows)
    lines, figures = [], 0
    for cells in rows:
        line = []
        for _, cell, merge in sorted(cells, key=lambda entry: entry[0]):
            figures += cell.role is Role.FIGURE
            is_changed = style.tracked_changes and figures % 3 == 0 and not cell.pale and not cell.is_red
            line.append(_word_cell(cell, merge, style, is_changed=is_changed))
        lines.append(f"<w:tr>{''.join(line)}</w:tr>")
    return f"<w:tbl><w:tblPr/><w:tblGrid>{grid}</w:tblGrid>{''.join(lines)}</w:tbl>"


def _word_cell(cell: Cell, merge: str, style: Style, *, is_changed: bool) -> str:
    properties = f'<w:gridSpan w:val="{cell.columns}"/>' if cell.columns > 1 else ""
    if merge:
        properties += '<w:vMerge w:val="restart"/>' if merge == "restart" else "<w:vMerge/>"
    if merge == "continue":
        return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p/></w:tc>"
    if is_changed and cell.role is Role.FIGURE and cell.text:
        content = (
            '<w:p><w:del w:id="1" w:author="x"><w:r><w:delText>77</w:delText></w:r></w:del>'
            f'<w:ins w:id="2" w:author="x">{_runs(cell.text, style)}</w:ins></w:p>'
        )
    else:
        strike, raise_ = _MARKS_BY_STYLE if style.marks_by_style else _MARKS
        struck = f"<w:r><w:rPr>{strike}</w:rPr><w:t>{escape(cell.struck)}</w:t></w:r>" if cell.struck else ""
        raised = f"<w:r><w:rPr>{raise_}</w:rPr><w:t>{escape(cell.superscript)}</w:t></w:r>" if cell.superscript else ""
        if cell.pale:
            raised += _pale_run(cell.pale)
        end = "</w:p><w:p>" if style.break_as == "p" else "<w:r><w:br/></w:r>"
        about = '<w:rPr><w:color w:val="FF0000"/></w:rPr>' if cell.is_red else ""
        content = (
            f"<w:p>{struck}{end.join(_runs(line, style, about) for line in cell.text.split(chr(10)))}{raised}</w:p>"
        )
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content}</w:tc>"


def _pale_run(text: str) -> str:
    return f'<w:r><w:rPr><w:color w:val="FFFFFF"/></w:rPr><w:t>{escape(text)}</w:t></w:r>'


def _runs(text: str, style: Style, about: str = "") -> str:
    pieces = list(text) if style.span_per_character else [text] if text else []
    return "".join(f'<w:r>{about}<w:t xml:space="preserve">{escape(piece)}</w:t></w:r>' for piece in pieces)


def write_xlsx(report: Report, style: Style) -> bytes:
    """Return the report as a workbook: everything on one sheet, or each table on its own."""
    sheets: list[list[Text | Table]] = [[]]
    for block in report.blocks:
        if style.sheet_per_table and isinstance(block, Table):
            heading = sheets[-1].pop() if sheets[-1] and isinstance(sheets[-1][-1], Text) else None
            sheets.append([heading, block] if heading is not None else [block])
            sheets.append([])
        else:
            sheets[-1].append(block)
    filled = [sheet for sheet in sheets if sheet]
    names = [f"Sheet{number}" for number in range(1, len(filled) + 1)]
    listing = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, 1))
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    workbook = f'{_DECLARATION}<workbook xmlns="{main}" xmlns:r="{_OFFICE}"><sheets>{listing}</sheets></workbook>'
    types = {"/xl/workbook.xml": f"{_TYPES}.spreadsheetml.sheet.main+xml"}
    types |= {f"/xl/worksheets/{name}.xml": f"{_TYPES}.spreadsheetml.worksheet+xml" for name in names}
    links = {f"rId{n}": (f"{_OFFICE}/worksheet", f"worksheets/{name}.xml") for n, name in enumerate(names, 1)}
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": _content_types(types),
        "_rels/.rels": _relationships({"rId1": (f"{_OFFICE}/officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": workbook,
        "xl/_rels/workbook.xml.rels": _relationships(links),
    }
    for name, sheet in zip(names, filled, strict=True):
        parts[f"xl/worksheets/{name}.xml"] = _sheet(sheet, style, main)
    return zip_parts(parts)


def _sheet(blocks: list[Text | Table], style: Style, namespace: str) -> str:
    rows: list[str] = []
    merges: list[str] = []
    at = style.offset
    for block in blocks:
        table = block if isinstance(block, Table) else Table([[Cell(block.text, Role.NOTE)]])
        lines: dict[int, list[str]] = {}
        summands: dict[int, dict[str, Decimal]] = {}
        for row, column, cell in sorted(place(table.rows), key=lambda entry: entry[:2]):
            corner = _address(at + row, style.offset + column)
            lines.setdefault(row, []).append(_sheet_cell(cell, corner, style, summands.get(row, {})))
            if cell.code == "total":
                summands[row] = {}
            elif cell.figure is not None and cell.figure.value is not None:
                summands.setdefault(row, {})[corner] = cell.figure.value
            if cell.rows * cell.columns > 1:
                far = _address(at + row + cell.rows - 1, style.offset + column + cell.columns - 1)
                merges.append(f'<mergeCell ref="{corner}:{far}"/>')
        rows += [f'<row r="{at + row + 1}">{"".join(cells)}</row>' for row, cells in sorted(lines.items())]
        at += len(table.rows) + (1 if isinstance(block, Table) else 0)
    merged = f'<mergeCells count="{len(merges)}">{"".join(merges)}</mergeCells>' if merges else ""
    return f'{_DECLARATION}<worksheet xmlns="{namespace}"><sheetData>{"".join(rows)}</sheetData>{merged}</worksheet>'


def _sheet_cell(cell: Cell, address: str, style: Style, summands: Mapping[str, Decimal]) -> str:
    if cell.role is Role.FIGURE and cell.figure is not None and cell.figure.value is not None:
        is_plain = cell.text.removeprefix("-").replace(".", "", 1).isdecimal() and cell.text.isascii()
        is_sum = bool(summands) and sum(summands.values()) == cell.figure.value
        if style.formula_totals and cell.code == "total" and is_plain and is_sum:
            return f'<c r="{address}"><f>{"+".join(summands)}</f><v>{cell.text}</v></c>'
        if style.number_cells and is_plain:
            return f'<c r="{address}"><v>{cell.text}</v></c>'
    if not cell.text:
        return f'<c r="{address}"/>'
    return f'<c r="{address}" t="inlineStr"><is><t xml:space="preserve">{escape(cell.text)}</t></is></c>'


def _address(row: int, column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, digit = divmod(column - 1, 26)
        letters = chr(65 + digit) + letters
    return f"{letters}{row + 1}"


def _content_types(overrides: dict[str, str]) -> str:
    listed = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in overrides.items())
    return (
        f'{_DECLARATION}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{listed}</Types>'
    )


def _relationships(links: dict[str, tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="{name}" Type="{kind}" Target="{target}"/>' for name, (kind, target) in links.items()
    )
    return f'{_DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'
