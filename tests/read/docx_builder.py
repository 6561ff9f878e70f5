"""Small Word documents for tests: packages from pieces of WordprocessingML, and a whole report of the 2021 form."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from schemas.form import load_forms

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_NAMESPACES = (
    'xmlns:w="{w}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
_RELATIONSHIPS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="{main}"/></Relationships>'
)
_DOCUMENT_RELATIONSHIPS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" '
    'Target="styles.xml"/></Relationships>'
)
_CONTENT_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
    'ContentType="application/xml"/><Override PartName="/{main}" ContentType="application/vnd.openxmlformats-'
    'officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/styles.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/></Types>'
)
DEFAULT_STYLES = (
    '<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr>'
    "</w:style>"
    '<w:style w:type="paragraph" w:styleId="2"><w:basedOn w:val="1"/><w:name w:val="derived"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="T"><w:name w:val="Title"/></w:style>'
    '<w:style w:type="character" w:styleId="H"><w:name w:val="hidden"/><w:rPr><w:vanish/></w:rPr></w:style>'
)


def build_zip(members: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2022, 1, 31, 9, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def build_docx(
    body: str,
    *,
    namespace: str = W,
    main: str = "word/document.xml",
    styles: str = DEFAULT_STYLES,
    parts: Mapping[str, str] | None = None,
) -> bytes:
    """Return a package whose body is `body`; `parts` adds others by name, the content of their root."""
    declared = _NAMESPACES.format(w=namespace)
    members = {
        "[Content_Types].xml": _CONTENT_TYPES.format(main=main),
        "_rels/.rels": _RELATIONSHIPS.format(main=main),
        "word/_rels/document.xml.rels": _DOCUMENT_RELATIONSHIPS,
        main: f"<w:document {declared}><w:body>{body}</w:body></w:document>",
        "word/styles.xml": f"<w:styles {declared}>{styles}</w:styles>",
    }
    for name, content in (parts or {}).items():
        root = name.rpartition("/")[2].removesuffix(".xml")
        members[name] = f"<w:{root} {declared}>{content}</w:{root}>" if name.startswith("word/") else content
    return build_zip(members)


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def paragraph(*runs: str, properties: str = "") -> str:
    """Return a paragraph; a piece that is no markup becomes a run."""
    content = "".join(piece if piece.startswith("<") else run(piece) for piece in runs)
    return f"<w:p><w:pPr>{properties}</w:pPr>{content}</w:p>"


def cell(content: str = "", *, span: int = 1, merge: str | None = None, properties: str = "", width: int = 0) -> str:
    """Return a cell; `merge` is restart or continue, text content becomes one paragraph."""
    props = f'<w:tcW w:w="{width}" w:type="dxa"/>' if width else ""
    props += f'<w:gridSpan w:val="{span}"/>' if span != 1 else ""
    props += {None: "", "restart": '<w:vMerge w:val="restart"/>', "continue": "<w:vMerge/>"}[merge]
    inside = content if content.startswith("<") else paragraph(content)
    return f"<w:tc><w:tcPr>{props}{properties}</w:tcPr>{inside}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def table(*rows: str, widths: Sequence[int] = ()) -> str:
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="4"/>' for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    properties = f"<w:tblPr><w:tblBorders>{borders}</w:tblBorders></w:tblPr>"
    return f"<w:tbl>{properties}<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"


Figures = Mapping[tuple[str, str, str], str]


def request_table(figures: Figures) -> str:
    """Return 表三 of the 2021 form: three label columns, seven columns of figures, 25 rows of data."""
    clause = load_forms()["2021"].table("request").clauses[0]
    widths = [500, 900, 2600, *([640] * 7)]
    columns = [label.code for label in clause.columns]
    rows = [
        row(
            cell("（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", span=3, merge="restart"),
            cell("申请人情况", span=7),
        ),
        row(
            cell(span=3, merge="continue"),
            cell("自然人", merge="restart"),
            cell("法人或其他组织", span=5),
            cell("总计", merge="restart"),
        ),
        row(
            cell(span=3, merge="continue"),
            cell(merge="continue"),
            *(cell(label.label) for label in clause.columns[1:6]),
            cell(merge="continue"),
        ),
    ]
    groups = {group.code: group.label for group in clause.row_groups}
    previous = None
    for label in clause.rows:
        data = [cell(figures[("request", label.code, column)]) for column in columns]
        if label.kind == "flow":
            rows.append(row(cell(label.label, span=3), *data))
            continue
        outer = cell(groups["results"], merge="restart") if label.code == "granted" else cell(merge="continue")
        if label.parent is None:
            rows.append(row(outer, cell(label.label, span=2), *data))
        elif label.parent != previous:
            rows.append(row(outer, cell(groups[label.parent], merge="restart"), cell(label.label), *data))
        else:
            rows.append(row(outer, cell(merge="continue"), cell(label.label), *data))
        previous = label.parent
    return table(*rows, widths=widths)


def proactive_table(figures: Figures) -> str:
    """Return 表二 of the 2021 form, four columns wide."""
    rows = []
    for clause in load_forms()["2021"].table("proactive").clauses:
        rows.append(row(cell(clause.caption or "", span=4)))
        span = 3 // len(clause.columns)
        rows.append(row(cell("信息内容"), *(cell(column.label, span=span) for column in clause.columns)))
        rows += [
            row(cell(item.label), *(cell(figures[("proactive", item.code, c.code)], span=span) for c in clause.columns))
            for item in clause.rows
        ]
    return table(*rows, widths=[2200] * 4)


def challenge_table(figures: Figures) -> str:
    """Return 表四: 15 columns, three header rows, one row of data."""
    clause = load_forms()["2021"].table("challenge").clauses[0]
    channels = [label.code for label in clause.rows]
    data = [cell(figures[("challenge", channel, column.code)]) for channel in channels for column in clause.columns]
    heads = [column.label for column in clause.columns]
    return table(
        row(cell("行政复议", span=5), cell("行政诉讼", span=10)),
        row(
            *(cell(head, merge="restart") for head in heads),
            cell("未经复议直接起诉", span=5),
            cell("复议后起诉", span=5),
        ),
        row(*(cell(merge="continue") for _ in heads), *(cell(head) for head in heads * 2)),
        row(*data),
        widths=[580] * 15,
    )


def made_up_figures() -> dict[tuple[str, str, str], str]:
    """Return a figure for every cell of the 2021 form, each a different number so that no two can be exchanged."""
    figures: dict[tuple[str, str, str], str] = {}
    for table_ in load_forms()["2021"].tables:
        for clause in table_.clauses:
            for label in clause.rows:
                for column in clause.columns:
                    figures[(table_.code, label.code, column.code)] = str(1000 + 7 * len(figures))
    return figures


def report_body(figures: Figures) -> str:
    """Return a whole report: title, six sections, the three tables."""
    heading = '<w:pStyle w:val="1"/>'
    return "".join(
        (
            paragraph("测试市人民政府2023年政府信息公开工作年度报告"),
            paragraph("一、总体情况", properties=heading),
            paragraph("2023年，本机关认真贯彻落实《中华人民共和国政府信息公开条例》。"),
            paragraph("二、主动公开政府信息情况", properties=heading),
            proactive_table(figures),
            paragraph("三、收到和处理政府信息公开申请情况", properties=heading),
            request_table(figures),
            paragraph("四、政府信息公开行政复议、行政诉讼情况", properties=heading),
            challenge_table(figures),
            paragraph("五、存在的主要问题及改进情况", properties=heading),
            paragraph("存在的问题。"),
            paragraph("六、其他需要报告的事项", properties=heading),
            paragraph("无。"),
        )
    )
