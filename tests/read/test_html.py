"""HTML pages as portals publish them, in the shapes that real ones had."""

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import DocumentError
from pipelines.normalize.folding import fold_label
from pipelines.normalize.values import read_value
from pipelines.read import read_document
from pipelines.read.html.reader import read_html
from pipelines.read.model import PICTURE
from pipelines.settings import ReadLimits
from schemas.vocabulary import BlockKind, FileFormat, ValueStatus

STATISTICS = "<table><tr><td>规章</td><td>13</td><td>4</td></tr><tr><td>文件</td><td>60</td><td>7</td></tr></table>"


def texts(table):
    return [cell[4] for cell in table]


def blocks(document, kind):
    return [(block.label, block.text) for block in document.blocks if block.kind is kind]


def cell_of(markup):
    """The text of a cell that holds `markup`, beside another so that the table is one."""
    document = read_html(f"<table><tr><td>{markup}</td><td>9</td></tr></table>".encode())
    return document.tables[0][0][4]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("本年新<br />制作数量", "本年新\n制作数量"),
        ("<p>商业</p><p>企业</p>", "商业\n企业"),
        ("<p>商业<p>企业", "商业\n企业"),
        ("<div>商业</div>企业", "商业\n企业"),
        ("商业<div>企业</div>", "商业\n企业"),
        ("商业<p>企业", "商业\n企业"),
        ("<span><p>a</p></span>b", "a\nb"),
        ("<p><span>总</span><span>计</span></p>", "总计"),
        ("<p><span>总</span> <span>计</span></p>", "总 计"),
        ("<span>1</span><span>5</span>", "15"),
        ("<span>1</span> <span>5</span>", "1 5"),
        ("<p>1</p><p>5</p>", "1\n5"),
        ("1<br>5", "1\n5"),
        ("<p>1<br>5</p>", "1\n5"),
        ("<p>1<b><br></b>5</p>", "1\n5"),
        ("&nbsp;", ""),
        ("<p>&nbsp;</p>", ""),
        ("\n 12\n ", "12"),
        ("总&nbsp;&nbsp;计", "总 计"),
        ("3\u200b", "3"),
        ("a<!-- 7 -->b", "ab"),
        ("a<script>7</script>b", "ab"),
        ("<script>7</script>", ""),
        ("<style>td{}</style>5", "5"),
        ("<noscript>7</noscript>5", "5"),
        ("<template>7</template>5", "5"),
        ("<span style='color:red; DISPLAY: none'>7</span>5", "5"),
        ("<span style='display:none'>7</span>", ""),
        ("<p hidden>7</p>5", "5"),
        ("<span popover>7</span>5", "5"),
        ("1<span style='font-variant-position:super'>2</span>", "1[2]"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("<p><font>4</font>.<font>5</font></p>", "4.5"),
        ("<p><o:p>4</o:p></p>", "4"),
        ("a\x1fb", "a b"),
    ],
)
def test_cell_text(markup, text):
    assert cell_of(markup) == text


@pytest.mark.parametrize(
    "markup",
    [
        "92<span style='color:#fff'>04</span>",
        "92<span style='font-size:10.5pt;color:\nwhite'>04</span>",
        "<span style='COLOR: white'>4</span>92",
        "<p><span style='color:rgb(255, 254,255)'>4</span><span style='color:black'>92</span></p>",
        "92<font color=white>04</font>",
        "<span style='color:#fefefe'>92</span>",
        "<span style='position:absolute;left:-9999px'>9</span>92",
        "<span style='display:inline-block;width:0;overflow:hidden'>9</span>92",
        "<span style='float:right'>1</span>2",
        "9<sub>2</sub>",
        "9<span style='vertical-align:sub'>2</span>",
        "9<span style='vertical-align:-2pt'>2</span>",
        "<bdo dir=rtl>12</bdo>",
        "<span style='direction:rtl;unicode-bidi:bidi-override'>1</span>2",
        "<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>",
        "<math><mn>1</mn></math>2",
        "<span style='display:inline-block;rotate:180deg'>16</span>",
        "<span style='display:inline-block;scale:-1 1'>12</span>",
        "<span style='letter-spacing:-1em'>12</span>",
    ],
)
def test_digits_that_may_not_be_shown_are_no_number(markup):
    assert read_value(cell_of(markup)).status is ValueStatus.ILLEGIBLE


@pytest.mark.parametrize(
    ("markup", "value"),
    [
        ("<sub>92</sub>", 92),
        ("<span style='letter-spacing:-.1pt;scale:1;rotate:0deg'>92</span>", 92),
        ("<span style='vertical-align:0px'>9</span>2", 92),
        ("<span style='background-color:white'>92</span>", 92),
        ("<i style='text-indent:\n-1pt'></i><b style='text-indent:0'>9</b>2", 92),
        ("<div style='float:left;white-space:nowrap'>92</div>", 92),
        ("<span style='background:#1f4e79'><span style='color:#fff'>92</span></span>", 92),
        ("<p style='height:0'>&nbsp;</p>92", 92),
    ],
)
def test_digits_that_are_shown_are_a_number(markup, value):
    assert read_value(cell_of(markup)).value == value


def test_a_sheet_that_whitens_or_shifts_digits_leaves_no_number():
    sheet = "<style>/**/ td .w{color:#FFF} .gone{text-indent:-9999px}</style>"
    page = sheet + STATISTICS.replace("13", "1<b class=w>3</b>").replace("60", "<b class=gone>60</b>")
    read = {cell[4]: read_value(cell[4]).status for cell in read_html(page.encode()).tables[0]}
    assert list(read.values()).count(ValueStatus.ILLEGIBLE) == 4  # both figures, beside the two labels


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (".n::before{content:'3'}", PICTURE),
        ("td.n:after{ content : '3'; color:red}", PICTURE),
        (".n:before{counter-increment:k 3;content:counter(k)}", PICTURE),
        (".n:before{content:attr(data-n)}", PICTURE),
        (".n:after{content:'.';clear:both}", ""),
        (".n:after{content:'\\e605'}", ""),
        (".other:after{content:'3'}", ""),
    ],
)
def test_figures_that_a_sheet_writes_are_not_known(rule, text):
    document = read_html(f"<style>{rule}</style><table><tr><td>甲<td class=n data-n=3></td><td>1</table>".encode())
    assert document.tables[0][1][4] == text


@pytest.mark.parametrize(
    ("rule", "is_doubtful"),
    [
        (".t tr{display:flex;flex-direction:row-reverse}", True),
        (".t{direction:rtl}", False),  # its head runs with it
        (".t td{order:2} .t tr{flex-direction:row-reverse}", True),
        (".t td{direction:rtl}", False),
        (".menu{direction:rtl;order:3}", False),
        (".t tr{border:3px;order:0}", False),
    ],
)
def test_cells_that_a_sheet_sets_in_another_order_are_in_doubt(rule, is_doubtful):
    """The figures of 表三 in rows from right to left were read under the applicants from left to right."""
    table = "<table class=t><tr><td>自然人<td>总计</tr><tr><td>7<td></tr></table><ul class=menu><li>1</ul>"
    own = [cell[4] for cell in read_html(f"<style>{rule}</style>{table}".encode()).tables[0]]
    assert own[:2] == ["自然人", "总计"]
    assert [PICTURE in text for text in own[2:]] == [is_doubtful] * 2


def test_white_labels_stay_labels():
    page = STATISTICS.replace("规章", "<span style='color:#fff'>1.规章</span>")
    assert fold_label(read_html(page.encode()).tables[0][0][4]).text == "规章"


def test_hidden_elements_within_hidden_elements():
    inner = "<div style='display:none'>x<div hidden>y<table><tr><td colspan=2 hidden>1</table></div></div>"
    document = read_html((inner * 20 + STATISTICS).encode())
    assert len(document.tables) == 1
    assert blocks(document, BlockKind.PARAGRAPH) == []


def test_hidden_row_and_cell_leave_the_grid():
    document = read_html(b"<table><tr hidden><td>x<tr><td style='display:none'>y<td>a<td>1<tr><td>b<td>2</table>")
    assert document.tables == [[(1, 1, 1, 1, "a"), (1, 2, 1, 1, "1"), (2, 1, 1, 1, "b"), (2, 2, 1, 1, "2")]]


@pytest.mark.parametrize(
    "stray",
    [
        "<!-- 行 -->", "<!---->", "<![if !supportMisalignedColumns]>", '<?xml:namespace prefix = "o" />', "<?page?>",
        "<form action=x>", "<input type=hidden value=7>", "<script>a(1)</script>", "<template><td>8</template>",
    ],
)  # fmt: skip
def test_what_stands_between_cells_or_rows_and_is_neither_is_none(stray):
    page = f"<table>{stray}<tbody>{stray}<tr>{stray}<td rowspan=2>规章{stray}<td>13</td>{stray}<td></td>{stray}</tr>"
    page += f"{stray}<tr>{stray}<td>60</td>{stray}<td>2</td></tr>{stray}{stray}<tr><td>许可<td>5<td>6</table>"
    assert [(row, column, text) for row, column, _, _, text in read_html(page.encode()).tables[0]] == [
        (1, 1, "规章"), (1, 2, "13"), (1, 3, ""), (2, 2, "60"), (2, 3, "2"), (3, 1, "许可"), (3, 2, "5"), (3, 3, "6"),
    ]  # fmt: skip


def test_a_page_hidden_until_its_script_has_run_is_read():
    assert len(read_html(f"<body style='display:none'>{STATISTICS}".encode()).tables) == 1


def test_layout_tables_dissolve_and_the_tables_within_are_numbered_in_order():
    page = "<table><tr><td>首页</td><td><p>导航</p></td></tr>"
    page += f"<tr><td colspan=2><p>前文{STATISTICS}<p>中文{STATISTICS}后文</table>"
    document = read_html(page.encode())
    order = [(block.kind, block.text or block.table_number) for block in document.blocks]
    paragraph, table = BlockKind.PARAGRAPH, BlockKind.TABLE
    assert order == [
        (paragraph, "首页"), (paragraph, "导航"), (paragraph, "前文"), (table, 1), (paragraph, "中文"), (table, 2),
        (paragraph, "后文"),
    ]  # fmt: skip


def test_a_table_within_a_data_cell_keeps_its_text_there():
    page = "<table><tr><td>规章<td>13<td>2<tr><td>文件<td>60<td><table><tr><td>7<td>件</table>尾"
    page += "<tr><td>许可<td>5<td>6</table>"
    document = read_html(page.encode())
    assert [texts(table) for table in document.tables] == [
        ["规章", "13", "2", "文件", "60", "7\n件\n尾", "许可", "5", "6"]
    ]


def test_boxed_text_is_no_table():
    document = read_html(f"<table><tr><td><p>某局2020年报告<p>一、总体情况<br>{'正文' * 300}</table>".encode())
    assert document.tables == []
    assert [block.text for block in document.blocks][:2] == ["某局2020年报告", "一、总体情况"]


def test_caption_becomes_a_paragraph_in_front():
    document = read_html(STATISTICS.replace("<table>", "<table><caption>表一</caption>").encode())
    assert [(block.kind, block.text) for block in document.blocks] == [
        (BlockKind.PARAGRAPH, "表一"),
        (BlockKind.TABLE, ""),
    ]


def test_titles_and_metadata():
    page = f"""<html><head><title>某局报告_某市政府</title><meta name="ArticleTitle" content="某局2020年报告">
    <meta name="PubDate" content="2021-01-30 10:00"><meta name=ContentSource content="某局"><meta charset=utf-8></head>
    <body><h1>某局2020年报告</h1><publishtime>2021-01-30</publishtime><p>来源：某局&nbsp; 时间：2021-01-30 09:12</p>
    <table><tr><td>索 引 号：<td>0001/2021-1<td>发布机构<td>某市某局<tr><td>发文日期<td>2021-01-30<td>文号<td></table>
    <ul><li><b>公开日期：</b>2021-01-31</li></ul><h2>一、总体情况</h2><p>时间紧：任务重。</p>{STATISTICS}</body></html>"""
    document = read_document("a.html", page.encode())
    assert blocks(document, BlockKind.TITLE) == [
        ("title", "某局报告_某市政府"), ("meta", "某局2020年报告"), ("h1", "某局2020年报告"),
    ]  # fmt: skip
    assert blocks(document, BlockKind.METADATA) == [
        ("PubDate", "2021-01-30 10:00"), ("ContentSource", "某局"), ("publishtime", "2021-01-30"), ("来源", "某局"),
        ("时间", "2021-01-30 09:12"), ("索引号", "0001/2021-1"), ("发布机构", "某市某局"), ("发文日期", "2021-01-30"),
        ("公开日期", "2021-01-31"),
    ]  # fmt: skip
    assert blocks(document, BlockKind.HEADING) == [(None, "一、总体情况")]
    assert blocks(document, BlockKind.PARAGRAPH) == [(None, "时间紧：任务重。")]


def test_first_line_is_a_title_only_where_nothing_states_one():
    document = read_document("a.html", "<p>2019年某局报告</p><p>发布日期：2020-01-31</p><p>正文。</p>".encode())
    assert blocks(document, BlockKind.TITLE) == [("first_line", "2019年某局报告")]
    assert blocks(document, BlockKind.METADATA) == [("发布日期", "2020-01-31")]


def test_lines_of_a_paragraph_are_blocks_and_inline_text_stays_together():
    document = read_html("<p>一<b>二</b>三<br>四</p>五<div>六<span>七</span></div>八".encode())
    assert [block.text for block in document.blocks] == ["一二三", "四", "五", "六七", "八"]


@pytest.mark.parametrize(
    "unit", ["<div>", "<ul><li>", "<i><div>", "<b>", "<table><tr><td>", "<section><p>", "<font><p>"]
)
def test_deep_nesting_is_bounded(unit):
    started = time.process_time()
    with contextlib.suppress(DocumentError):
        read_html((unit * 200_000 + "1").encode())
    assert time.process_time() - started < 10


@pytest.mark.parametrize("unit", ["<div></x>", "<div><table><tr><td></div>", "<ul><li></ol>"])
def test_end_tags_that_close_nothing_hide_no_depth(unit):
    with pytest.raises(DocumentError, match="nested"):
        read_html((unit * 60_000).encode())


def test_cells_are_limited():
    with pytest.raises(DocumentError) as caught:
        read_html(("<table>" + "<tr><td>1<td>2" * 60).encode(), ReadLimits(cells=100))
    assert caught.value.reason_code == "limit_exceeded"


PIECES = st.sampled_from(
    [
        "<table>",
        "</table>",
        "<tr>",
        "<td>",
        "<th>",
        "</td>",
        "<p>",
        "</p>",
        "<br>",
        "<div>",
        "</div>",
        "<span>",
        "</span>",
        "<h1>",
        "<tbody>",
        "<tfoot>",
        "<caption>",
        "<b>",
        "<table><tr><td>",
        "<td_rowspan=3>",
        "<td_colspan=0>",
        "<td_colspan=99999999999>",
        "<p_hidden>",
        "<i_style='display:none'>",
        "</table>x",
        "<script>",
        "</script>",
        "<title>",
        "<meta_name=a_content=b>",
        "<svg>",
        "<select>",
        "<template>",
        "&nbsp;",
        "0",
        "15",
        "规章",
        "<!--",
        "-->",
        "<",
        "&#xd800;",
    ]
)


@given(st.lists(PIECES, max_size=60))
@settings(deadline=None, max_examples=400)
def test_any_soup_of_tags_gives_a_sound_document(pieces):
    markup = "".join(piece.replace("_", " ") for piece in pieces)
    try:
        document = read_html(markup.encode())
    except DocumentError:
        return
    assert document.format is FileFormat.HTML
    numbers = [block.table_number for block in document.blocks if block.kind is BlockKind.TABLE]
    assert numbers == list(range(1, len(document.tables) + 1))
    for cells in document.tables:
        places = [(cell[0] + i, cell[1] + j) for cell in cells for i in range(cell[2]) for j in range(min(cell[3], 50))]
        assert len(places) == len(set(places))
        assert [cell[:2] for cell in cells] == sorted(cell[:2] for cell in cells)


@given(st.binary(max_size=400), st.integers(0, 10_000), st.integers(0, 40))
@settings(deadline=None)
def test_mutated_pages_raise_nothing_but_document_errors(noise, place, removed):
    page = (f"<html><body><h1>报告</h1><p>来源：某局</p>{STATISTICS * 3}</body></html>").encode()
    place %= len(page)
    with contextlib.suppress(DocumentError):
        read_document("a.html", page[:place] + noise + page[place + removed :])


def test_title_that_stands_alone_in_the_first_row_of_a_saved_spreadsheet():
    title = "某县财政局2021年政府信息公开工作年度报告"
    blank = "<td></td>" * 3
    page = "<title>Sheet1</title><h1>Sheet1</h1><table><tr><td>{}</td>" + blank + "</tr>" + STATISTICS[7:]
    named = read_document("x.xls", page.format(title).encode())
    assert ("first_line", title) in blocks(named, BlockKind.TITLE)
    assert texts(named.tables[0])[0] == title
    caption = read_document("x.xls", page.format("第二十条第（一）项").encode())
    assert [text for _, text in blocks(caption, BlockKind.TITLE)] == ["Sheet1", "Sheet1"]
