"""Small OpenDocument texts for tests, from pieces of markup or from a document as laid out."""

from collections.abc import Mapping
from xml.sax.saxutils import escape

from pipelines.read.model import Cell, Document
from schemas.vocabulary import BlockKind
from tests.read.docx_builder import build_zip

_PREFIXES = {"office": "office", "style": "style", "text": "text", "table": "table", "draw": "drawing",
             "fo": "xsl-fo-compatible"}  # fmt: skip
_NAMESPACES = " ".join(f'xmlns:{p}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for p, n in _PREFIXES.items())


def build_odt(
    body: str | bytes, *, styles: Mapping[str, str] | None = None, parents: Mapping[str, str] | None = None
) -> bytes:
    """Return a package whose text is `body` (bytes are the whole part), with styles by name."""
    made = "".join(
        f'<style:style style:name="{name}" style:parent-style-name="{(parents or {}).get(name, "")}">{content}'
        "</style:style>"
        for name, content in (styles or {}).items()
    )
    content = (
        f'<office:document-content {_NAMESPACES} xmlns:xlink="http://www.w3.org/1999/xlink"><office:automatic-styles>'
        f"{made}</office:automatic-styles><office:body><office:text>{body!s}</office:text></office:body>"
        "</office:document-content>"
    )
    return build_zip(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": body if isinstance(body, bytes) else content,
            "META-INF/manifest.xml": "<manifest/>",
        }
    )


def odt_paragraph(content: str) -> str:
    return f"<text:p>{content}</text:p>"


def odt_cell(content: str = "", *, down: int = 1, across: int = 1, style: str = "") -> str:
    spans = f'table:number-rows-spanned="{down}" table:number-columns-spanned="{across}"'
    return f'<table:table-cell table:style-name="{style}" {spans}>{content}</table:table-cell>'


def odt_row(*cells: str, visibility: str = "visible") -> str:
    return f'<table:table-row table:visibility="{visibility}">{"".join(cells)}</table:table-row>'


def odt_table(*rows: str) -> str:
    return f'<table:table><table:table-column table:number-columns-repeated="3"/>{"".join(rows)}</table:table>'


def odt_of(document: Document, *, as_content: bool = False) -> bytes:
    """Return a document as laid out as OpenDocument, or its content part alone."""
    parts = []
    for block in document.blocks:
        if block.kind is BlockKind.TABLE and block.table_number is not None:
            parts.append(_table(document.tables[block.table_number - 1]))
        else:
            parts.append(odt_paragraph(escape(block.text)))
    package = build_odt("".join(parts))
    if not as_content:
        return package
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return archive.read("content.xml")


def _table(cells: list[Cell]) -> str:
    places: dict[tuple[int, int], str] = {}
    for top, left, down, across, text in cells:
        for row in range(top, top + down):
            for column in range(left, left + across):
                places[row, column] = "<table:covered-table-cell/>"
        lines = escape(text).replace("\n", "<text:line-break/>")
        places[top, left] = odt_cell(odt_paragraph(lines), down=down, across=across)
    rows = sorted({row for row, _ in places})
    columns = max(column for _, column in places)
    return odt_table(*(odt_row(*(places[row, column] for column in range(1, columns + 1))) for row in rows))
