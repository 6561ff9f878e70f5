"""HTML as government portals emit it."""

from html import escape

from tests.factory.agencies import site_frame
from tests.factory.model import HEADER_ROLES, Cell, Report, Role, Table, Text, place, split_pale, table_width
from tests.factory.style import Style

_MSO_CELL = (
    "border:solid windowtext 1.0pt;mso-border-alt:solid windowtext .5pt;padding:0cm 5.4pt 0cm 5.4pt;height:21.25pt"
)
_MSO_SPAN = 'lang="EN-US" style="font-size:10.5pt;font-family:仿宋_GB2312;mso-bidi-font-family:宋体;color:black"'
_MARKS = ("<s>{}</s>", "<sup>{}</sup>")
_MARKS_BY_STYLE = ('<span class="old">{}</span>', '<span style="font-size:8px; vertical-align: super">{}</span>')
_OFFICE_COMMENT = (
    "<!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml><![endif]-->"
    "<!--[if !supportLists]-->"
)
_CHANNELS = [
    "首页",
    "政府信息公开",
    "政务服务",
    "互动交流",
    "政务公开",
    "新闻中心",
    "走进本地",
    "领导之窗",
    "机构职能",
    "政策文件",
    "规划计划",
    "统计信息",
    "财政资金",
    "应急管理",
    "人事信息",
    "重点领域",
    "建议提案",
    "公共资源",
    "行政执法",
    "双随机一公开",
    "减税降费",
    "乡村振兴",
    "教育",
    "医疗",
    "社保",
    "住房",
    "环保",
]


def write_html(report: Report, style: Style) -> bytes:
    """Return the report as a page."""
    body = "\n".join(_block(block, style) for block in report.blocks)
    if style.word_paste:
        body = _OFFICE_COMMENT + f'<div class="Section0" style="layout-grid:15.6pt">{body}</div>'
    article = "\n".join([*style.before_body, f'<div id="zoom" class="article">{body}</div>', *style.after_body])
    if style.layout_tables:
        article = _layout_tables(article)
    if style.portal:
        article = _portal(report, article)
    charset = style.charset or style.encoding
    page = (
        '<!DOCTYPE html>\n<html lang="zh-CN"><head>'
        f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">\n'
        f"{_head(report, style)}</head>\n<body>\n{article}\n</body></html>\n"
    )
    return page.encode(style.encoding)


def table_html(table: Table, style: Style) -> str:
    """Return one table's markup."""
    if style.drawn and table.code is not None:
        return _drawn_rows(table, style) if style.drawn == "rows" else _drawn_grid(table, style)
    heads = table.header_count if style.header_cells else 0
    rows = [_row(row, style, "th" if number < heads else "td") for number, row in enumerate(table.rows)]
    if heads:
        rows = ["<thead>", *rows[:heads], "</thead><tbody>", *rows[heads:], "</tbody>"]
    attributes = ' border="1" cellspacing="0" cellpadding="0"'
    if style.word_paste:
        attributes += ' class="MsoNormalTable" style="border-collapse:collapse;mso-yfti-tbllook:1184"'
    is_ours = table.code is not None
    inner = "\n".join([style.table_prefix if is_ours else "", *rows, style.table_suffix if is_ours else ""])
    markup = f"<table{attributes}>{inner}</table>"
    if style.wrap_tables:
        return f'<table width="100%" class="scroll"><tr><td>{markup}</td></tr></table>'
    return markup


def _drawn_rows(table: Table, style: Style) -> str:
    grid = [["" for _ in range(table_width(table.rows))] for _ in table.rows]
    for row, column, cell in place(table.rows):
        grid[row][column] = _content(cell, style)
    rows = ("".join(f'<div class="drawn col">{text}</div>' for text in line) for line in grid)
    lines = "".join(f'<div class="row" style="display:flex">{row}</div>' for row in rows)
    return f"<div>{lines}</div>"


def _drawn_grid(table: Table, style: Style) -> str:
    tracks = f"display:grid;grid-template-columns:repeat({table_width(table.rows)},1fr)"
    cells = "".join(
        f'<div class="drawn" style="grid-column:{column + 1}/span {cell.columns};grid-row:{row + 1}/span {cell.rows}">'
        f"{_content(cell, style)}</div>"
        for row, column, cell in place(table.rows)
    )
    return f'<div style="{tracks}">{cells}</div>'


def _block(block: Text | Table, style: Style) -> str:
    if isinstance(block, Table):
        return table_html(block, style)
    if block.level == 1:
        return f"<h1>{_inline(block.text, style)}</h1>"
    mark = ' class="MsoNormal" style="text-indent:32.0pt;line-height:28.0pt"' if style.word_paste else ""
    pieces = split_pale(block.text)
    text = "".join(_pale(piece) if is_pale else _inline(piece, style) for piece, is_pale in pieces)
    return f"<p{mark}><strong>{text}</strong></p>" if block.level else f"<p{mark}>{text}</p>"


def _row(row: list[Cell], style: Style, tag: str) -> str:
    close = "" if style.unclosed else f"</{tag}>"
    cells = "".join(f"<{tag}{_attributes(cell, style)}>{_content(cell, style)}{close}" for cell in row)
    mso = ' style="mso-yfti-irow:1;height:21.25pt"' if style.word_paste else ""
    return f"<tr{mso}>{cells}" + ("" if style.unclosed else "</tr>")


def _attributes(cell: Cell, style: Style) -> str:
    spans = "".join(
        f' {name}="{count}"' for name, count in (("rowspan", cell.rows), ("colspan", cell.columns)) if count > 1
    )
    if style.word_paste:
        spans += f' width="{60 * cell.columns}"'
    if style.heavy_styles:
        spans += f' style="width:{45 * cell.columns}.0pt;{_MSO_CELL}"'
    return spans


def _pale(text: str) -> str:
    return f'<span style="color: #ffffff">{escape(text)}</span>'


def _content(cell: Cell, style: Style) -> str:
    strike, raise_ = _MARKS_BY_STYLE if style.marks_by_style else _MARKS
    struck = strike.format(escape(cell.struck)) if cell.struck else ""
    raised = raise_.format(escape(cell.superscript)) if cell.superscript else ""
    raised += _pale(cell.pale) if cell.pale else ""
    if style.fields and cell.role is Role.FIGURE:
        colour = ' style="color:red"' if cell.is_red else ""
        text = f'<input type="text" class="form-control" value="{escape(cell.text)}" readonly{colour}>'
    elif not cell.text:
        text = "&nbsp;" if cell.role is Role.FIGURE else ""
    elif style.break_as == "p":
        text = "".join(f'<p align="center">{_painted(line, cell, style)}</p>' for line in cell.text.split("\n"))
    else:
        text = "<br />".join(_painted(line, cell, style) for line in cell.text.split("\n"))
    if style.word_paste:
        align = "center" if cell.role in HEADER_ROLES or cell.role is Role.FIGURE else "left"
        return f'<p class="MsoNormal" align="{align}">{struck}{text}{raised}<o:p></o:p></p>'
    return struck + text + raised


def _painted(text: str, cell: Cell, style: Style) -> str:
    """Return a line of a cell; its colour stands inside its paragraph, which would end a `<span>` around it."""
    inline = _inline(text, style)
    if not cell.is_red:
        return inline
    return f'<span style="color:#f00">{inline.replace("color:black", "color:red")}</span>'


def _inline(text: str, style: Style) -> str:
    mark = f" {_MSO_SPAN}" if style.heavy_styles else ' lang="EN-US"' if style.word_paste else ""
    if not style.span_per_character:
        return f"<span{mark}>{escape(text)}</span>" if mark else escape(text)
    return "".join(f"<span{mark}>{escape(character)}</span>" for character in text)


def _head(report: Report, style: Style) -> str:
    lines = [f"<title>{escape(report.title)}</title>"]
    if style.marks_by_style:
        lines.append(
            "<style>/* a figure that was corrected */ "
            "td .old,.drawn .old{color:#999;text-decoration:line-through}</style>"
        )
    if style.portal:
        date = report.metadata.get("发布日期", "")
        lines += [
            f"<title>{escape(report.title)}_{escape(report.agency_name)}门户网站</title>",
            '<meta name="SiteName" content="门户网站">',
            '<meta name="ColumnName" content="政府信息公开年报">',
            f'<meta name="ArticleTitle" content="{escape(report.title)}">',
            f'<meta name="PubDate" content="{date} 09:30">',
            '<meta name="ContentSource" content="本站">',
            "<script>var siteId=3200;document.write('<table><tr><td>总计</td><td>9</td></tr></table>');</script>",
            "<style>.article td{padding:4px} table{border:1px solid}</style>",
        ]
    return "\n".join(lines[1:] if style.portal and not style.marks_by_style else lines)


def _portal(report: Report, article: str) -> str:
    channels = "".join(
        f'<li><a href="/col/{n}/index.html" target="_blank">{name}</a></li>' for n, name in enumerate(_CHANNELS)
    )
    related = "".join(
        f'<li><a href="/art/{year}.html">{report.agency_name}{year}年政府信息公开年报</a><em>{year + 1}-01-25</em></li>'
        for year in range(report.year - 4, report.year)
    )
    facts = "".join(f"<tr><td><b>{name}：</b></td><td>{value}</td></tr>" for name, value in report.metadata.items())
    date = report.metadata.get("发布日期", "")
    return (
        f'<div class="header"><ul class="nav">{channels}</ul><form action="/search">搜索 <input name="q"></form></div>'
        '<div class="crumb">当前位置：<a href="/">首页</a> &gt; <a href="/zwgk">信息公开</a> &gt; 公开年报</div>'
        f'<table class="xxgk-head">{facts}</table>'
        f'<div class="info">发布日期：{date} 来源：区政府信息中心 浏览次数：<i>1024</i> 字体：[大 中 小]</div>'
        f"{article}"
        f'<div class="side"><h3>相关信息</h3><ul>{related}</ul></div>'
        '<table class="links"><tr><td>中国政府网</td><td>省政府网站</td><td>市政府网站</td></tr></table>'
        f'<div class="footer">{site_frame(report.agency_name)}</div>'
    )


def _layout_tables(article: str) -> str:
    menu = "".join(f"<tr><td><a href='#'>{name}</a></td></tr>" for name in _CHANNELS[:12])
    return (
        '<table width="1000" align="center"><tr><td colspan="2"><img src="/banner.jpg"></td></tr><tr>'
        f'<td width="200" valign="top"><table>{menu}</table></td>'
        '<td width="800"><table width="100%"><tr><td class="title">&nbsp;</td></tr>'
        f"<tr><td>{article}</td></tr></table></td>"
        "</tr></table>"
    )
