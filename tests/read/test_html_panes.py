"""Tables that a page keeps out of sight as a whole, and what a cell says besides its figure."""

import time

import pytest

from pipelines.read import read_document
from pipelines.read.model import PICTURE

LABELS = ["结果维持", "结果纠正", "其他结果", "尚未审结"]


def table(*figures: str) -> str:
    rows = zip(LABELS, figures, strict=True)
    return "<table>" + "".join(f"<tr><td>{label}</td><td>{figure}</td></tr>" for label, figure in rows) + "</table>"


def figures_of(markup: str) -> list[list[str]]:
    tables = read_document("x.html", f"<h1>某局2022年报告</h1>{markup}".encode()).tables
    return [[cell[4] for cell in cells if cell[1] == 2] for cells in tables]


OTHER = "<table><tr><td>规章</td><td>7</td></tr><tr><td>规范性文件</td><td>8</td></tr></table>"
HIDDEN = ('style="display:none"', "hidden")


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize(
    "page",
    [
        '<ul><li><a href="#t2">表二</a></li></ul><div>{other}</div><p>空</p><div id=t2 {hidden}>{table}</div>',
        '<button data-bs-target="#t2">表四</button><section id=t2 {hidden}>{table}</section>{other}',
        '{other}<div id=t2 {hidden}>{table}</div><script>$(function(){{ $("#t2").show(); }})</script>',
        "{other}<div id=t2 {hidden}>{table}</div><script>d.getElementById('t2').style.display='block'</script>",
        "<ul><li>表二</li><li>表四</li></ul><div>{other}</div><div {hidden}>{table}</div>",
        "<div><a>表二</a><a>表四</a></div><div><div>{other}</div><div {hidden}>{table}</div></div>",
        "<table><tr><td><p><a>表二</a><a>表四</a></p><div>{other}</div><div {hidden}>{table}</div></table>",
    ],
)
def test_panes_that_a_control_opens_are_read(page: str, hidden: str) -> None:
    """Only the first of the tables that tabs part was read."""
    found = figures_of(page.format(other=OTHER, table=table("1", "", "3", "4"), hidden=hidden))
    assert sorted(found, key=len) == [["7", "8"], ["1", "", "3", "4"]]


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize(
    "page",
    [
        "<div {hidden}>{table}</div>",  # nothing opens it
        "<div id=old {hidden}>{table}</div><script>$('#old').css('display', 'none')</script>",
        '<a href="#old">旧版</a><div id=old {hidden}>{table}</div>',  # opened, and a copy
        "<ul><li>今年</li><li>去年</li></ul><div>{shown}</div><div {hidden}>{table}</div>",
    ],
)
def test_hidden_tables_that_nothing_opens_or_that_repeat_a_shown_one_are_not_read(page: str, hidden: str) -> None:
    shown = table("", "", "", "")
    page = page.format(table=table("1", "2", "3", "4"), shown=shown, hidden=hidden)
    assert figures_of(page + shown)[-1] == ["", "", "", ""]
    assert all(figures == ["", "", "", ""] for figures in figures_of(page + shown))


@pytest.mark.parametrize("hidden", ['class="old"', *HIDDEN])
def test_a_pane_with_another_table_beside_one_that_is_shown_is_another_year(hidden: str) -> None:
    older = f"<div {hidden}>{OTHER}{table('1', '2', '3', '4')}</div>"
    tabs = "<style>.old{display:none}</style><ul><li>2022年</li><li>2021年</li></ul>"
    assert figures_of(f"{tabs}<div>{table('5', '', '', '')}</div>{older}") == [["5", "", "", ""]]


@pytest.mark.parametrize(
    "sheet",
    [
        ".m{display:none} @media(max-width:700px){.m{display:block} .pc{display:none}}",
        ".pc{display:none} @media(min-width:700px){.m{display:none} .pc{display:block}}",
        "@media screen{.m{display:none !important}}",
        ".m{display:none} @media print{.pc{display:none} .m{display:block}}",
    ],
)
def test_what_a_sheet_hides_beside_the_same_table_is_a_copy(sheet: str) -> None:
    """Blanks of the table that is shown were filled with figures of the hidden one."""
    older = f"<div class=m>{table('1', '2', '3', '4')}</div>"
    page = f"<style>{sheet}</style>{older}<div class=pc>{table('', '', '', '5')}</div>"
    assert figures_of(page) == [["", "", "", "5"]]
    assert figures_of(page.replace("<div class=pc>", "<div hidden>")) == [["1", "2", "3", "4"]]
    in_layout = (
        f"<style>.m{{display:none}}</style><table><tr><td><div class=m>{table('1', '2', '3', '4')}</div></table>"
    )
    assert figures_of(in_layout) == [["1", "2", "3", "4"]]  # alone in a cell of layout, as outside of one


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("12<span class='tooltip'>12</span>", "12"),
        ("12<div role=tooltip>12件</div>", "12"),
        ("<span class='a sr-only'>自然人：</span>12", "12"),
        ("<span class='visually-hidden'>12件</span><span aria-hidden=true>12</span>", "12"),
        ("<div class='cell el-tooltip'>12</div>", "12"),
        ("<b class='tablesaw-cell-label'>总计</b> <span>12</span>", "12"),
        ("<span class='visible-xs'>减</span>12", f"减{PICTURE}12"),
        ("自然人<span class='tooltip'>不含港澳</span>", "自然人不含港澳"),
    ],
)
def test_what_is_said_beside_a_figure_says_no_other(markup: str, text: str) -> None:
    """1212 was read where a hint behind the pointer repeats 12."""
    assert figures_of(table(markup, "", "", ""))[0][0] == text


@pytest.mark.parametrize(
    "markup",
    [
        "12<span class='tooltip'>123</span>",
        "12<span class='layui-table-tips'>12</span>",
        "<span data-countup='12'>0</span><script src=count.js></script>",
        "<span data-to='12'>0</span>",
        "<b data-purecounter-end=1,200>0</b><script src=count.js></script>",
        "<span name=v1>0</span><script>$.each({'v1':12},function(k,v){$('[name='+k+']').text(v)})</script>",
        "<span class='n a'>0</span><script>$('.n.a').css('color','red').text(total)</script>",
        "<em>0</em><script>document.querySelectorAll('td em')[0];document.querySelector('td em').innerText=x</script>",
    ],
)
def test_digits_beside_others_or_that_a_script_writes_over_are_in_doubt(markup: str) -> None:
    assert PICTURE in figures_of(table(markup, "", "", ""))[0][0]


@pytest.mark.parametrize(
    "markup",
    [
        "<span data-count-to='0'>0</span><script src=count.js></script>",
        "<span data-row='12'>0</span><script src=count.js></script>",
        "<span class=n>0</span><script>$('.n').css('color','red');$('.m').text(1)</script>",
        "<span class=n>0</span><script>a=$('.n').text();$('.m').html(a)</script>",
    ],
)
def test_figures_over_which_nothing_is_written_are_read(markup: str) -> None:
    assert figures_of(table(markup, "", "", ""))[0][0] == "0"


def test_labels_that_a_sheet_prints_in_front_of_figures_leave_them_alone() -> None:
    """On narrow screens each cell names its column; without a condition around the rule all figures were in doubt."""
    sheet = "<style>td::before{content: attr(data-label)}</style>"
    cells = table("12", "<i></i>", "3", "4").replace("<td>", "<td data-label='自然人：'>")
    assert figures_of(sheet + cells) == [["12", "", "3", "4"]]
    assert PICTURE in figures_of(sheet + cells.replace("自然人：", "1", 2))[0][0]


@pytest.mark.parametrize(
    ("box", "is_told"),
    [
        ("<div class=gone>{}</div>", True),
        ("<div style='opacity:0'>{}</div>", True),
        ("<div style='height:0;overflow:hidden'><div>{}</div></div>", True),
        ("<div style='position:absolute;left:-9999px'>{}</div>", True),
        ("<div class=gone id=t2>{}</div><a href='#t2'>表四</a>", False),
        ("<div class=gone style='display:block'>{}</div>", False),
        ("<div>{}</div>", False),
    ],
)
def test_a_table_out_of_sight_that_nothing_opens_is_told(box: str, is_told: bool) -> None:
    """Figures that an editor had hidden, a picture of the new ones in their place, were loaded without a word."""
    hidden = box.format(table("1", "2", "3", "4"))
    for around, expected in ((OTHER, is_told), ("", False)):
        page = f"<h1>某局2022年报告</h1><style>.gone{{display:none}}</style>{around}{hidden}"
        read = read_document("x.html", page.encode())
        assert len(read.tables) == (2 if around else 1)
        assert ("unseen_table" in {notice.reason_code for notice in read.notices}) is expected


@pytest.mark.parametrize(
    "unit",
    [
        "<div id=a style='display:none'><table><tr><td>1</td></tr></table></div>",
        "<div class=h><table><tr><td>甲</td><td>乙</td><td>丙</td></tr></table></div>",
        f"<iframe srcdoc='{'<p>1</p>' * 30}'></iframe>",
    ],
)
def test_thousands_of_hidden_tables_or_frames_take_no_longer_than_others(unit: str) -> None:
    """Each was compared with the whole page."""
    page = f"<style>.h{{display:none}}</style><a href=#a>甲</a>{unit * 3_000}".encode()
    started = time.process_time()
    read_document("x.html", page)
    assert time.process_time() - started < 5
