"""Figures that a browser shows elsewhere, cut or turned, by styles that few pages have; sheets that do not hold."""

from base64 import b64encode

import pytest

from pipelines.normalize.values import read_value
from pipelines.read import read_document
from pipelines.read.model import PICTURE
from schemas.vocabulary import ValueStatus


def cells_of(markup: str, head: str = "") -> list[str]:
    page = f"<html><head>{head}</head><table><tr><td>规章<td>{markup}<td>9</table></html>"
    return [cell[4] for cell in read_document("a.html", page.encode()).tables[0]]


def _is_number(text: str) -> bool:
    return read_value(text).status is ValueStatus.REPORTED


@pytest.mark.parametrize(
    "style",
    [
        "rotate:180deg",
        "scale:-1 1",
        "scale: 1 -1",
        "translate:-200vw",
        "unicode-bidi:isolate-override;direction:rtl",
        "position:relative;left:80px",
        "right:-90px;position:relative",
        "margin-left:90px;margin-right:-90px",
        "transform:translateX(85px)",
        "font-feature-settings:'sups'",
        "letter-spacing:-2ch",
        "display:inline-block;width:8px;overflow:hidden",
        "overflow:clip;max-width:1ch",
        "content:url(a.png)",
        "color:Canvas",
        "color:light-dark(white,black)",
        "color:hwb(0 100% 0)",
        "-webkit-clip-path:inset(100%)",
        "-webkit-mask-box-image:linear-gradient(transparent,transparent)",
        "mix-blend-mode:screen",
        "-webkit-opacity:.05",
        "font:1px/1 a",
        "-webkit-text-stroke:9px #000",
        "transform:scale(1,0)",
        "transform:matrix(1,0,0,1,0,40)",
        "transform:skewX(60deg)",
        "translate:0 40px",
        "translate:5em",
        "offset-path:path('M90 0')",
        "text-indent:-6em",
        "position:relative;top:40px",
        "bottom:3em;position:relative",
        "position:relative;inset:0 0 0 90px",
        "margin-top:-40px",
        "color:#ffff",
        "color:#ffffffff",
        "color:#eee",
        "color:rgb(100%,100%,100%)",
        "color:hsla(0,0%,0%,0)",
        "color:rgb(from white r g b)",
        "background:#333;color:#333",
        "color:navy;padding:1px;background-color:navy",
        "opacity:calc(1 - 1)",
        "opacity:-1",
        "font-size:calc(1px * 0)",
        "font-size:clamp(0px,0px,1px)",
        "font-size:5%",
        "display:block;height:1px;overflow:hidden",
    ],
)
@pytest.mark.parametrize("form", ['<b style="{style}">12</b>', "<b class=q>12</b>"])
def test_a_figure_that_is_moved_turned_or_cut_as_a_whole_is_no_number(style, form):
    """21 or 2 is what such pages show, or another row's or column's figure."""
    head = f"<style>.q{{{style}}}</style>"
    assert not _is_number(cells_of(form.format(style=style), head)[1])


@pytest.mark.parametrize("colour", ["ffffff", "#FFFFFF", " white "])
def test_a_font_may_name_its_colour_without_a_sign(colour):
    assert not _is_number(cells_of(f"<font color='{colour}'>12</font>")[1])
    assert _is_number(cells_of("<font color='000000'>12</font>")[1])


@pytest.mark.parametrize("style", ["font:0/1 a", "font-size:calc(1px - 1px)", "font-size:min(0px,1em)"])
def test_digits_of_no_size_beside_others_are_no_number(style):
    assert not _is_number(cells_of(f"<i style='{style}'>9</i>51")[1])


@pytest.mark.parametrize(
    "style",
    [
        *(
            "position:relative;top:1px",
            "position:sticky;left:120px",
            "font:12px/1.0 Arial",
            "width:60px;overflow:hidden",
        ),
        *("backface-visibility:hidden", "fill-opacity:0", "font-size:.8em", "font-size:.5rem", "zoom:.9", "mask:none"),
        *("color:inherit;background:inherit", "opacity:inherit", "font-size:clamp(12px,2vw,16px)", "font-size:90%"),
        *("position:relative;top:50%", "line-height:1px;overflow:hidden", "color:#333;background:#fff"),
        *("clip-path:none", "filter:none", "backdrop-filter:blur(4px)", "mix-blend-mode:multiply"),
        *("transform:translate3d(0,0,0)", "transform:matrix(1, 0, 0, 1, 0, 0)", "-webkit-text-stroke-width:0px"),
    ],
)
def test_a_figure_that_stays_where_it_is_is_a_number(style):
    assert cells_of(f"<b style='{style}'>12</b>")[1] == "12"
    assert cells_of("<b class=q>12</b>", f"<style>.q{{{style}}}</style>")[1] == "12"


@pytest.mark.parametrize("style", ["transform:translateX(100%)", "position:relative;left:90px", "margin-left:-90px"])
def test_a_cell_that_is_moved_hides_its_blank_too(style):
    """Two cells that change places on the screen were read as they are written, a blank among them."""
    page = f"<style>.q{{{style}}}</style><table><tr><td>规章<td class=q><td style='{style}'>3<td>4</table>"
    cells = [cell[4] for cell in read_document("a.html", page.encode()).tables[0]]
    assert [read_value(text).status for text in cells[1:]] == [ValueStatus.ILLEGIBLE] * 2 + [ValueStatus.REPORTED]


@pytest.mark.parametrize(
    "part", ["::first-letter{font-size:0}", ":first-letter{color:transparent}", "::first-line{color:#fff}"]
)
def test_a_rule_for_the_first_letter_leaves_no_number(part):
    assert not _is_number(cells_of("<p class=q>142</p>", f"<style>.q{part}</style>")[1])


@pytest.mark.parametrize(
    "style", ["position:absolute;left:0;top:50%;border-top:1px solid", "background:#fff;position:absolute"]
)
def test_what_is_set_over_a_figure_leaves_no_number(style):
    assert not _is_number(cells_of(f"58<i style='{style}'></i>")[1])
    assert not _is_number(cells_of("58<i class=q></i>", f"<style>.q{{{style}}}</style>")[1])


@pytest.mark.parametrize(
    "head",
    [
        "<style media=print>.q{display:none}</style>",
        "<style type='text/less'>.q{display:none}</style>",
    ],
)
def test_a_sheet_that_does_not_hold_on_a_screen_hides_nothing(head):
    """145 is what the page shows, and 45 was read."""
    assert cells_of("<i class=q>1</i>45", head)[1] == "145"


def test_an_alternate_sheet_may_hide():
    head = "<style title=a>b{color:red}</style><style title=b>.q{display:none}</style>"
    assert not _is_number(cells_of("<i class=q>1</i>45", head)[1])


@pytest.mark.parametrize("data", [".q{display:none}", ";base64," + b64encode(b".q{display:none}").decode()])
def test_a_sheet_in_an_address_holds(data):
    """Programs that save a page as one file write its sheets so."""
    data = data if data.startswith(";") else "," + data
    assert cells_of("<i class=q>1</i>45", f"<link rel=stylesheet href='data:text/css{data}'>")[1] == "45"


def test_letters_of_a_sheet_that_are_written_as_codes_are_letters():
    assert cells_of("<i class=q>1</i>45", r"<style>.q{dis\70lay:none}</style>")[1] == "45"


def test_a_hidden_part_that_a_rule_shows_again_is_in_doubt():
    assert not _is_number(cells_of("<i hidden class=q>1</i>45", "<style>.q{display:inline}</style>")[1])
    assert cells_of("<i hidden class=q>1</i>45")[1] == "45"


def test_raised_digits_by_another_property_are_a_note():
    assert cells_of("12<b style='font-variant-position:super'>3</b>")[1] == "12[3]"


def test_a_hint_behind_a_figure_is_no_part_of_it():
    assert not _is_number(cells_of("54<b class='el-tooltip'>9</b>")[1])


def test_a_head_whose_cells_are_turned_leaves_no_figure_below_it():
    """The head stood the other way round than the rows, and each figure was read under the wrong applicant."""
    head = "<tr style='display:flex;flex-direction:row-reverse'><td>事项<td>自然人<td>总计"
    page = f"<table>{head}<tr><td>一<td>3<td></table>"
    cells = read_document("a.html", page.encode()).tables[0]
    assert [cell[4].endswith(PICTURE) for cell in cells if cell[0] == 2 and cell[1] > 1] == [True, True]


def test_noembed_is_never_shown():
    assert cells_of("45<noembed>8</noembed>")[1] == "45"


def test_a_part_whose_own_style_hides_it_and_a_rule_shows_after_all_is_in_doubt():
    head = "<style>.d-inline{display:inline!important}</style>"
    assert not _is_number(cells_of("<i style='display:none' class=d-inline>1</i>45", head)[1])
    assert cells_of("<i style='display:none'>1</i>45", head)[1] == "45"


def test_what_two_declarations_of_a_rule_say_together_is_heeded_in_long_sheets():
    """Each declaration was looked at by itself, in no order, so that what two say together was found by chance."""
    other = "".join(f".o{n}{{color:#00{n:02}00;margin:{n}px}}" for n in range(40))
    head = f"<style>{other}.q{{font-size:9px;position:relative;top:-4px}}.r{{width:8px;overflow:hidden}}</style>"
    assert cells_of("12<b class=q>3</b>", head)[1] == "12[3]"
    assert not _is_number(cells_of("<b class=r>123</b>", head)[1])


@pytest.mark.parametrize(
    "style",
    [
        *(
            "opacity:.1",
            "filter:blur(9px)",
            "clip-path:inset(50%)",
            "mask-image:linear-gradient(transparent,transparent)",
        ),
        *("zoom:.05", "-webkit-text-security:disc", "font-size:1px", "text-indent:-300px", "font:0/0 a"),
    ],
)
@pytest.mark.parametrize(
    "form", ["<table><tr><td>规章<td style='{style}'>12</table>", "<table><tr><td>规章<td class=q>12</table>"]
)
def test_a_cell_that_a_style_makes_unseen_is_no_number(style, form):
    page = f"<style>.q{{{style}}}</style>" + form.format(style=style)
    assert not _is_number(read_document("a.html", page.encode()).tables[0][1][4])


@pytest.mark.parametrize("style", ["vertical-align:10px", "vertical-align:text-top", "vertical-align:super"])
def test_the_text_of_a_cell_is_not_raised(style):
    assert cells_of(f"<td style='{style}'>12")[2:3] == ["12"]


ROWS_UNSEEN = [
    *(
        "display:none",
        "visibility:hidden",
        "visibility:collapse",
        "opacity:0",
        "opacity:.05",
        "color:#fff",
        "font-size:0",
    ),
    *("clip-path:inset(100%)", "transform:translateY(40px)", "filter:opacity(0)", "position:absolute", "display:block"),
]


def rows_of(row: str, head: str = "", rest: str = "<tr><td>规范性文件<td>7") -> list[str]:
    page = f"<html><head>{head}</head><table><tr><td>信息内容<td>现行有效件数{row}<td>规章<td>12{rest}</table>"
    return [cell[4] for cell in read_document("a.html", page.encode()).tables[0]]


@pytest.mark.parametrize("style", ROWS_UNSEEN)
def test_figures_of_a_row_that_a_rule_hides_or_moves_are_no_numbers(style):
    """Nobody sees them, or sees them in another row or column; a script may show them, so they are not left out."""
    cells = rows_of("<tr class=q>", f"<style>tr.q{{{style}}}</style>")
    assert cells[2] == "规章"
    assert not _is_number(cells[3])
    assert cells[5] == "7"


@pytest.mark.parametrize("style", [style for style in ROWS_UNSEEN if style not in ("display:none", "font-size:0")])
def test_figures_of_a_row_that_its_own_style_hides_or_moves_are_no_numbers(style):
    cells = rows_of(f"<tr style='{style}'>")
    assert not _is_number(cells[3])
    assert cells[5] == "7"


@pytest.mark.parametrize(
    "head",
    [
        "<style>tr{opacity:0;animation:in 1s forwards}</style>",
        "<style>tbody tr{display:flex} td{flex:1}</style>",
        "<style>table{color:#fff} body{background:#013}</style>",
        "<style>tr.q{background:#06c;color:#fff}</style>",
        "<style>tr.q{\ncolor:#fff;\nbackground-color: rgb(0,80,200)}</style>",
        "<style>.q td{color:#fff;background:#06c}</style>",
        "<style>tr.q{background:#06c} tr.q td{color:#fff}</style>",
        "<style>tr.q{color:#fff} tr.q td{background:#06c}</style>",
        "<style>body{background:#013} td{color:#fff}</style>",
        "<style>td{color:#fff}</style><body bgcolor=navy>",
        "<style>"
        + "".join(f".bg-{n}{{background:#06c}}" for n in range(200))
        + "tr.q{background:#06c} tr.q td{color:#fff}</style>",
        "<style>:root{--on:13, 110, 253} .q>*{box-shadow:inset 0 0 0 9999px rgba(var(--on), .9);color:#fff}</style>",
    ],
)
def test_rows_that_are_seen_all_the_same_hold_numbers(head):
    """Rows that fade in, rows of flex boxes, and white figures on a ground of their own."""
    cells = rows_of("<tr class=q>", head)
    assert [cells[3], cells[5]] == ["12", "7"]


@pytest.mark.parametrize(
    "head",
    [
        "<style>tr.q{background:#06c} tr.q td{color:#fff;} td{background:#fff}</style>",
        "<style>tr.q{background:#06c;background:#fff} tr.q td{color:#fff}</style>",
        "<style>tr.q{background:none} tr.q td{color:#fff}</style>",
        "<style>tr.q{color:#fff} tr.q td:first-child{background:#06c}</style>",
        "<style>body{background:#013} table{background:#fff} tr.q td{color:#fff}</style>",
    ],
)
def test_white_figures_whose_ground_may_be_white_are_no_numbers(head):
    assert not _is_number(rows_of("<tr class=q>", head)[3])


@pytest.mark.parametrize(("root", "is_read"), [("", False), ("html{font-size:calc(100vw/7.5)}", True)])
def test_sizes_by_the_root_are_small_where_the_root_is_not_large(root, is_read):
    """Pages for telephones set the root to 50 or 100 pixels, and figures to .24 of it."""
    sheet = "<style>{} td{{font-size:.24rem}}</style>"
    assert _is_number(rows_of("<tr>", sheet.format(root))[3]) == is_read
    script = "<script>document.documentElement.style.fontSize = innerWidth / 7.5 + 'px'</script>"
    assert _is_number(rows_of("<tr>", sheet.format("") + script)[3])


@pytest.mark.parametrize("place", ["tr", "td", "div"])
@pytest.mark.parametrize(
    "style", ["margin-top:-40px", "position:relative;top:-30px", "float:right", "color:#fff", "zoom:.3"]
)
@pytest.mark.parametrize("form", ["class=q", 'style="{style}"'])
def test_what_a_style_does_to_the_cell_of_a_page_around_tables_moves_no_figure(place, style, form):
    """Old portals lay out their pages by a table: its cells, or boxes in them, hold all tables of the report."""
    own = {tag: f"{tag} {form.format(style=style)}" if tag == place else tag for tag in ("tr", "td", "div")}
    data = "<table><tr><td>信息内容<td>现行有效件数<tr><td>规章<td>12<tr><td>规范性文件<td>7</table>"
    boxes = f"<{own['tr']}><{own['td']}><{own['div']}>{data}</div>"
    page = f"<style>.q{{{style}}}</style><table><tr><td>首页<td>132{boxes}</table>"
    tables = read_document("a.html", page.encode()).tables
    assert [cell[4] for cell in tables[-1] if cell[1] == 2][1:] == ["12", "7"]
