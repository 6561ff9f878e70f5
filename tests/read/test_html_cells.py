"""HTML: what a cell holds is what the page shows of it."""

import pytest

from pipelines.read.html.reader import read_html
from pipelines.read.model import PICTURE
from schemas.vocabulary import BlockKind
from tests.read.test_html import STATISTICS, blocks, texts


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ('70<span style="vertical-align: super">1</span>', "70[1]"),
        ('70<font style="mso-text-raise:3.0pt">1</font>', "70[1]"),
        ('<span style="mso-text-raise:3.0pt">70</span>', "70"),  # raised as a whole, to the middle of the row
        ('<span style="vertical-align:1pt">7</span><span style="vertical-align:1pt">0</span>', "70"),
        ("70<sup>1</sup>", "70[1]"),
        ('<p><input value="70" readonly><sup>1</sup></p>', "70 [1]"),
        ('<sup><input value="70"></sup>', "70"),
        ('<img src="7.png"><sup>1</sup>', "[1]"),
        ('<span class="gone">54</span>0', "0"),
        ('<b>70</b><i class="x raised">1</i>', "70[1]"),
        ('<span style="visibility: hidden">5</span>0', "0"),
        ('<input value="3">', "3"),
        ('<input type="hidden" value="4">3', "3"),
        ('<input value="1"><input value="2">', "1 2"),
        ('1<input value="2">', "1 2"),
        ('<input value="2">件', "2 件"),
        ('<input class="gone" value="5"><input value="2">', "2"),
        ('<img src="3.png">', PICTURE),
        ('<iframe srcdoc="3"></iframe>', PICTURE),
        ('<progress value="3" max="9"></progress>', PICTURE),
        ("1<script>document.write(3)</script>", "1" + PICTURE),
        ("1<script>count('page')</script>", "1"),
        ('<p><img src="icon.png">3</p>', "3"),
        ('1<img src="/n/7.gif">', "1" + PICTURE),
        ('<img src="data:image/gif;base64,R0lGOD">45', PICTURE + "45"),
        ('45<img src="/n/7.gif" width="1" height="1">', "45"),
        ('<img src="spacer.gif" width="1" height="1">', ""),
        ('<span data-value="12"></span>', PICTURE),
        ('<span data-value="12">12</span>', "12"),
        ('<span data-row="12"></span>', ""),
        ('<b v-text="row.total"></b>', PICTURE),
        ("<select><option>3<option selected>4</select>", PICTURE),
        ("3 <button>复制</button>", "3"),
        ("<button>（一）予以公开</button>", "（一）予以公开"),
        ("约3<button>复制</button>", "约3复制"),
        ("1<button>2</button>", "12" + PICTURE),
        ("1<button>2件</button>", "12件" + PICTURE),
        ("<button>12</button>", "12"),
        ('3<span class="badge">2</span>', "32" + PICTURE),
        ('<span class="badge">3</span>', "3"),
        ('3<span class="MsoFootnoteReference">1</span>', "31" + PICTURE),
        ('3<a href="list.html">1</a>', "31" + PICTURE),
        ('<a href="list.html"><b>3</b><i>1</i></a>', "31"),
        ('<span>3</span><span style="padding-left: 2em">1</span>', "31" + PICTURE),
        ('<span>3</span><span style="border:none;padding:0cm">1</span>', "31"),
        ('<p style="display:flex"><span>3</span><span>1</span></p>', "31" + PICTURE),
        ('<span class="sortkey hidden">0003</span>3', "0003" + PICTURE + "3"),
        ('<i class="fa fa-minus"></i>3', PICTURE + "3"),
        ('总计<i class="sort-caret"></i>', "总计"),
        ('<count-to end="3"></count-to>', PICTURE),
        ('<el-tooltip content="a">3</el-tooltip>', "3"),
        ('<x-n><template shadowrootmode="open">3</template></x-n>', PICTURE),
        ('<s style="text-decoration: none">3</s>', "3"),
        ("<s>3</s>", ""),
        ('3<button><img src="5.png"></button>', "3" + PICTURE),
        ('3<a class=msocomanchor href="#_msocom_1">[张1]</a>', "3"),
        ('3<a href="#note">2</a>', "3[2]"),
    ],
)
def test_cells_hold_what_the_page_shows(markup, text):
    """A raised 1 behind 70 was read as 701, 54 struck out by a class before 0 as 540, fields and pictures as blanks."""
    sheet = "<style>@media print{td{display:none}} .gone,#x{text-decoration:line-through} .raised{vertical-align:super}"
    page = f"<html><head>{sheet}</style></head><table><tr><td>{markup}</td><td>9</td></tr></table>"
    assert read_html(page.encode()).tables[0][0][4] == text


def test_what_a_sheet_hides_outside_cells_stays():
    page = "<style>.tab{display:none}</style><div class=tab>二、主动公开</div><p style='opacity:0'>三、收到</p>"
    assert [text for _, text in blocks(read_html(page.encode()), BlockKind.PARAGRAPH)] == ["二、主动公开", "三、收到"]


def test_a_box_around_a_figure_is_no_table():
    boxed = STATISTICS.replace("<td>13</td>", "<td><table><tr><td>13</td></tr></table></td>")
    assert texts(read_html(boxed.encode()).tables[0]) == ["规章", "13", "4", "文件", "60", "7"]
