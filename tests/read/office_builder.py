"""Small OFD, XLSX and ODS files for tests, made from grids."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from tests.read.docx_builder import build_zip

_OFD = "http://www.ofdspec.org/2016"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def text_object(x: float, y: float, text: str, *, size: float = 3.0, compact: bool = True) -> str:
    """Return a line of text whose box begins at x, y (millimetres); Latin letters and digits are half as wide."""
    steps = [size / 2 if character.isascii() else size for character in text]
    is_even = compact and len(set(steps[:-1])) == 1
    delta = f"g {len(steps) - 1} {steps[0]}" if is_even else " ".join(f"{step}" for step in steps[:-1])
    return (
        f'<ofd:TextObject ID="1" Boundary="{x} {y} {sum(steps) or size} {size * 1.2}" Font="1" Size="{size}">'
        f'<ofd:TextCode X="0" Y="{size * 0.9}" DeltaX="{delta}">{escape(text)}</ofd:TextCode></ofd:TextObject>'
    )


def path_object(x0: float, y0: float, x1: float, y1: float) -> str:
    """Return a drawn line in a box of its own."""
    return (
        f'<ofd:PathObject ID="2" Boundary="{x0} {y0} {max(x1 - x0, 0.1)} {max(y1 - y0, 0.1)}" LineWidth="0.2">'
        f"<ofd:AbbreviatedData>M 0 0 L {x1 - x0} {y1 - y0}</ofd:AbbreviatedData></ofd:PathObject>"
    )


def ofd_table(
    cells: Sequence[tuple[int, int, int, int, str]], *, left: float, top: float, widths: Sequence[float], height: float
) -> str:
    """Return the objects of a ruled table with the given cells: four lines and one line of text for each."""
    edges = [left]
    for width in widths:
        edges.append(edges[-1] + width)
    objects = []
    for row, column, down, across, text in cells:
        x0, x1 = edges[column - 1], edges[column - 1 + across]
        y0, y1 = top + (row - 1) * height, top + (row - 1 + down) * height
        objects += [path_object(x0, y0, x1, y0), path_object(x0, y1, x1, y1)]
        objects += [path_object(x0, y0, x0, y1), path_object(x1, y0, x1, y1)]
        if text:
            size = min(3.0, (x1 - x0 - 1) / max(len(text), 1))
            objects.append(text_object(x0 + 0.5, (y0 + y1) / 2 - size / 2, text, size=size))
    return "".join(objects)


def build_ofd(
    pages: Sequence[str],
    *,
    namespace: str = _OFD,
    template: str = "",
    resources: str = "",
    annotations: str = "",
    extra: Mapping[str, str | bytes] | None = None,
) -> bytes:
    """Return an OFD package, each page given by its objects.

    Args:
        resources: What the public resources list.
        annotations: Annotations of the first page.
        extra: Other members.
    """
    use = '<ofd:Template TemplateID="9" ZOrder="Background"/>' if template else ""
    declared = f'xmlns:ofd="{namespace}"'
    info = "<ofd:DocInfo><ofd:Title>年报</ofd:Title></ofd:DocInfo>"
    members: dict[str, str | bytes] = {
        "OFD.xml": f"<ofd:OFD {declared}><ofd:DocBody>{info}"
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {declared}><ofd:CommonData>"
        '<ofd:PublicRes>PublicRes.xml</ofd:PublicRes><ofd:TemplatePage ID="9" BaseLoc="Tpls/T.xml"/></ofd:CommonData>'
        "<ofd:Annotations>Annots/Annotations.xml</ofd:Annotations><ofd:Pages>"
        + "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
        + "</ofd:Pages></ofd:Document>",
        "Doc_0/PublicRes.xml": f'<ofd:Res {declared} BaseLoc="Res">{resources}</ofd:Res>',
        "Doc_0/Annots/Annotations.xml": f'<ofd:Annotations {declared}><ofd:Page PageID="0">'
        "<ofd:FileLoc>First.xml</ofd:FileLoc></ofd:Page></ofd:Annotations>",
        "Doc_0/Annots/First.xml": f"<ofd:PageAnnot {declared}>{annotations}</ofd:PageAnnot>",
    }
    if template:
        layer = f"<ofd:Layer>{template}</ofd:Layer>"
        members["Doc_0/Tpls/T.xml"] = f"<ofd:Page {declared}><ofd:Content>{layer}</ofd:Content></ofd:Page>"
    for number, objects in enumerate(pages):
        members[f"Doc_0/Pages/Page_{number}/Content.xml"] = (
            f"<ofd:Page {declared}>{use}<ofd:Content><ofd:Layer>{objects}</ofd:Layer></ofd:Content></ofd:Page>"
        )
    return build_zip({**members, **(extra or {})})


def build_xlsx(
    sheets: Mapping[str, str], *, styles: str = "", strings: Sequence[str] = (), state: str = "visible"
) -> bytes:
    """Return a workbook; each sheet is given by what stands in its root, the last one has `state`."""
    names = list(sheets)
    entries = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}" state="{state if n == len(names) else "visible"}"/>'
        for n, name in enumerate(names, start=1)
    )
    relationships = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(names) + 1)
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {"workbook": "sheet.main"} | {f"worksheets/sheet{n}": "worksheet" for n in range(1, len(names) + 1)}
    types = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    types += "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{kind}.{name}+xml"/>' for part, name in parts.items()
    )
    members: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE.replace("relationships", "content-types")}">{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheets>{entries}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}">{relationships}</Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{_SHEET}">{styles}</styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{_SHEET}">'
        + "".join(f"<si>{text}</si>" if text.startswith("<") else f"<si><t>{escape(text)}</t></si>" for text in strings)
        + "</sst>",
    }
    for number, content in enumerate(sheets.values(), start=1):
        members[f"xl/worksheets/sheet{number}.xml"] = f'<worksheet xmlns="{_SHEET}">{content}</worksheet>'
    return build_zip(members)


def build_ods(
    rows: Sequence[Sequence[tuple[str | None, str | None, str]]], styles: Mapping[str, str], columns: str = ""
) -> bytes:
    """Return a workbook of one sheet.

    Args:
        rows: Style, value and shown text of each cell; one without a value is text.
        styles: What each style says within its element.
        columns: What the sheet says of its columns.
    """
    names = {name: name for name in ("office", "table", "text", "style")}
    names |= {"number": "datastyle", "fo": "xsl-fo-compatible"}
    namespaces = [f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for short, name in names.items()]

    def cell(style: str | None, value: str | None, shown: str) -> str:
        named = f' table:style-name="{style}"' if style else ""
        typed = f' office:value-type="float" office:value="{value}"' if value else ""
        return f"<table:table-cell{named}{typed}><text:p>{shown}</text:p></table:table-cell>"

    defined = "".join(
        f'<style:style style:name="{name}" style:family="table-cell">{inner}</style:style>'
        for name, inner in styles.items()
    )
    body = "".join(f"<table:table-row>{''.join(cell(*one) for one in row)}</table:table-row>" for row in rows)
    content = (
        f"<office:document-content {' '.join(namespaces)}>"
        f"<office:automatic-styles>{defined}</office:automatic-styles><office:body><office:spreadsheet>"
        f'<table:table table:name="s">{columns}{body}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")  # first and as it is
        package.writestr("content.xml", content)
        package.writestr("META-INF/manifest.xml", "<manifest/>")
    return buffer.getvalue()


def sheet_data(*cells: str) -> str:
    """Return the data of a sheet with one row of cells, as XLSX writes them."""
    return f"<sheetData><row>{''.join(cells)}</row></sheetData>"
