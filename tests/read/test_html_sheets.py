"""What a browser shows otherwise than a page's text says: by sheets, styles, elements or scripts."""

import pytest

from pipelines.normalize.values import read_value
from pipelines.read import read_document
from schemas.vocabulary import ValueStatus


def cell_of(markup: str, head: str = "") -> str:
    page = f"<html><head>{head}</head><table><tr><td>{markup}</td><td>9</td></tr></table></html>"
    return read_document("a.html", page.encode()).tables[0][0][4]


def _is_number(text: str) -> bool:
    return read_value(text).status is ValueStatus.REPORTED


@pytest.mark.parametrize(
    "rule",
    [
        "@media screen{.q{display:none}}",
        "@supports (display:grid){.q{display:none}}",
        "@layer base{.q{font-size:0}}",
        "td{color:black; .q{display:none}}",
        ".q{display:none} td .q{display:inline}",
        ".q{visibility:hidden} span{visibility:visible}",
        ".q{display:var(--shown)}",
        ".q{opacity:.01}",
        ".q{transform:scale(0)}",
        ".q{color:hsl(0,0%,100%)}",
        ".q{-webkit-text-fill-color:transparent}",
        ".q{font-family:Wingdings}",
        "@font-face{font-family:'secret';src:url(a.woff)} .q{font-family:secret}",
        ".q{display:block}",
        ".q:before{content:'-'}",
        ".q::after{content:'\\\\35'}",
        ".q{font-size:0} .q::after{content:'5'}",
        ".q{background:url(digits.png) -40px 0}",
        ":root{--ink:#fff} .q{color:var(--ink)}",
        ".q{color:var(--none, #fff)}",
        ":root{--a:var(--b);--b:translateX(300px)} .q{transform:var(--a)}",
        "@media not print{.q{display:none}}",
        ".q:not(:hover){display:none}",
        ".q:dir(ltr){display:none}",
        ".q:lang(zh){display:none}",
        "@scope (table) to (b){.q{display:none}}",
        "@font-face{src:url(data:font/woff2;base64," + "A" * 300_000 + ")} .q{transform:scale(0)}",
    ],
)
def test_digits_that_a_sheet_may_hide_part_or_replace_are_no_number(rule):
    """7267 was read where the page shows 267, a blank where it shows 5, 1234 where 12 stands over 34."""
    assert not _is_number(cell_of("<span class=q>7</span>267", f"<style>{rule}</style>"))


@pytest.mark.parametrize("hides", ["display:none", "transform:scale(0)", "color:#fff"])
def test_a_rule_is_found_behind_the_hundreds_of_a_framework(hides):
    """Only the first hundred were asked for, and 7267 was read where the page shows 267."""
    others = "".join(f".a{n} .b{n}, .md\\:c{n}{{{hides}}}" for n in range(300))
    text = cell_of("<span class=q>7</span>267", f"<style>{others}.q{{{hides}}}</style>")
    assert text == "267" or not _is_number(text)


def test_a_rule_is_found_at_the_end_of_a_long_sheet():
    """What stood behind the first 200,000 characters was not looked at, and 7267 was read."""
    others = "".join(f".el-x{n}__y{{margin:1px;color:#{n % 1000:03d};border:1px solid #eee}}" for n in range(6_000))
    assert len(others) > 300_000
    assert cell_of("<span class=q>7</span>267", f"<style>{others}.q{{display:none}}</style>") == "267"


@pytest.mark.parametrize("hides", ["visibility:hidden", "opacity:0", "font-size:0", "text-decoration:line-through"])
@pytest.mark.parametrize("form", ["<td class=q>0", "<td style='{hides}'>0"])
def test_a_hidden_cell_keeps_its_place(hides, form):
    """The figures behind a nought that is out of sight were read one column to the left."""
    page = f"<style>.q{{{hides}}}</style><table><tr><td>规章{form.format(hides=hides)}<td>3</table>"
    assert [cell[4] for cell in read_document("a.html", page.encode()).tables[0]] == ["规章", "", "3"]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<section style='font-size:0'><i style='font-size:9pt'>7</i> <b style='font-size:1rem'>2</b></section>", "72"),
        ("<section style='font-size:0'><b style='font-size:1em'>2</b></section>", ""),
        ("<p class=none><span class=some>7</span></p>", "7"),
        ("<p style='visibility:hidden'><span style='visibility:visible'>7</span></p>", "7"),
        ("<p style='font-size:0'>7<span style='font-size:14px'>2</span></p>", "2"),
        ("<p style='display:none'><span style='display:inline'>7</span></p>", ""),
    ],
)
def test_what_is_shown_again_within_a_hidden_element_is_read(markup, text):
    """Editors write lines of no size around pieces that have one: these were read as blanks."""
    head = "<style>.none{font-size:0} .some{font-size:14px}</style>"
    assert cell_of(markup, head).replace(" ", "") == text


@pytest.mark.parametrize("hides", ["visibility:hidden", "opacity:0", "display:none"])
def test_a_copy_that_shows_labels_alone_has_no_blanks(hides):
    """The copy of a table that lies over its first columns was read as one of blanks, as figures until a script ran."""
    sheet = f"<style>.is-hidden>*{{{hides}}}</style>"
    rows = "".join(f"<tr><td>{name}<td class=is-hidden><div>7</div>" for name in ("规章", "规范性文件"))
    cells = read_document("a.html", f"{sheet}<table>{rows}</table>".encode()).tables[0]
    assert [read_value(cell[4]).status for cell in cells if cell[1] == 2] == [ValueStatus.ILLEGIBLE] * 2
    shown = read_document("a.html", f"{sheet}<table>{rows}<tr><td>规划<td>3</table>".encode()).tables[0]
    assert [cell[4] for cell in shown if cell[1] == 2] == ["", "", "3"]


@pytest.mark.parametrize(
    "rule",
    [
        "td span:nth-child(1){display:none}",
        "td span:first-of-type{display:none}",
        ":is(.q){display:none}",
        ".q{display/**/:/**/none}",
        ".q{display:none} .q{font-size:14px}",
        "@import url('data:text/css,.q{display:none}');",
        '@import "data:text/css;base64,LnF7ZGlzcGxheTpub25lfQ==" screen; td{color:red}',
        "@import url(data:text/css;base64,LnF7ZGlzcGxheTpub25lfQ==);",
        "<!-- .q{display:none} -->",
        ":root{--shown:none} .q{display:var(--shown)}",
        ":root .q{display:none}",
        ".q:is(:root *){display:none}",
    ],
)
def test_digits_that_a_sheet_hides_for_sure_are_left_out(rule):
    assert cell_of("<span class=q>7</span>267", f"<style>{rule}</style>") == "267"


@pytest.mark.parametrize(
    ("face", "is_number"),
    [
        ("font-family:secret;src:url(data:font/woff2;base64,d09G)", False),
        ("src:url(a.woff);font-family:'secret'", False),
        ("font-family:secret;panose-1:2 1 6 0 3 1 1 1 1 1;mso-font-alt:SimSun", True),
        ("font-family:secret;src:local('SimSun')", True),
    ],
)
@pytest.mark.parametrize(
    "markup",
    [
        "<p class=q>57</p>",
        "<span style='font-family:secret'>57</span>",
        "<span style='font:14px/1.5 secret'>57</span>",
        "<font face=secret>57</font>",
    ],
)
def test_digits_in_a_font_that_comes_with_the_page_may_look_otherwise(markup, face, is_number):
    """One that an element's own style names was read; a font that Word names and does not bring left all in doubt."""
    sheet = f"<style>@font-face{{{face}}} p.q{{font-family:secret}}</style>"
    assert _is_number(cell_of(markup, sheet)) is is_number


@pytest.mark.parametrize(
    "rule",
    [
        "@media print{.q{display:none}}",
        "@media (max-width:400px){.q{display:none}}",
        ".q:hover{display:none}",
        "/*.q{display:none}*/",
        "@keyframes a{from{opacity:0}}",
        "@font-face{font-family:FangSong_GB2312;src:url(a.ttf)} body{font-family:FangSong_GB2312}",
        ".q{opacity:.9}",
        "td{display:block}",
        "}.q{display:none}",
        ":root{--ink:#333} .q{color:var(--ink)}",
        "@media (prefers-color-scheme:dark){.q{color:#fff}}",
    ],
)
def test_rules_of_other_media_and_states_hide_nothing(rule):
    assert cell_of("<span class=q>7</span>267", f"<style>{rule}</style>") == "7267"


@pytest.mark.parametrize(
    "markup",
    [
        "267<small>1</small>",
        "267<font size=1>1</font>",
        "267<a href='#n1'>1</a>".replace("'", '"'),
        "267<span style='position:relative;top:-5px'>1</span>",
        "<span style='display:block'>12</span><span style='display:block'>34</span>",
        "<b style='order:2'>1</b><b>2</b>",
        "<span style='unicode-bidi:bidi-override;direction:rtl'>12</span>",
        "<span style='transform:rotate(180deg)'>69</span>",
        "<span style='opacity:0.01'>7</span>",
        "<span style='font-size:1px'>7</span>267",
        "<span style='color:#0000'>7</span>267",
        "<i style='background:url(d.png) -40px 0'></i>",
        "<ol start=5><li></li></ol>",
        "<canvas>5</canvas>",
        "<object data=a.svg>5</object>",
        "<details><summary></summary>5</details>",
        "<input type=range value=5>",
        "<input type=button value=5>",
        "<input placeholder=5>",
        "<input value=5 style='color:#fff'>",
        "<input value=5 style='transform:rotate(180deg)'>",
        "<style>.w{color:white}</style><input value=5 class=w>",
        "<input value=5><input value=7>",
        "<span data-to=57>0</span><script src=count.js></script>",
        "<span data-to=5>57</span>",
        "<span style='background:black;mso-highlight:black'>57</span>",
        "2<span style='background-color:#000'>6</span>7",
        "<span ng-bind=n.total>0</span><script src=angular.js></script>",
        "<span id=c7>0</span><script>$('#c7').text(57)</script>",
    ],
)
def test_figures_that_a_browser_shows_otherwise_are_no_numbers(markup):
    text = cell_of(markup)
    value = read_value(text)
    assert value.status is not ValueStatus.BLANK
    assert value.status is ValueStatus.ILLEGIBLE or value.value == 267


@pytest.mark.parametrize(
    ("markup", "value"),
    [
        ("<span data-to=57>57</span><script src=count.js></script>", 57),
        ("<span data-value=57>57件</span>", 57),
        ("<span id=c7>57</span><script>$('#other').text(57)</script>", 57),
        ("<small>57</small>", 57),
        ("<p style='background:#000;color:#fff'>57</p>", 57),
        ("<div style='background:#000'><b style='color:#ddd'>57</b></div>", 57),
        ("<div style='background:#000'><p style='background:#fff'>57</p></div>", 57),
        ("<table style='background:#000'><tr><td>57</td></tr></table>", 57),
        ('<a href="#top">57</a>', 57),
        ("<p style='display:block'>57</p>", 57),
        ("<span style='color:rgb(0, 0, 0);transform:scale(0.9)'>57</span>", 57),
    ],
)
def test_figures_that_are_shown_as_they_stand_are_numbers(markup, value):
    assert read_value(cell_of(markup)).value == value


def test_empty_cells_that_all_have_names_wait_for_a_script():
    cells = "".join(f"<td id=c{number}></td>" for number in range(6))
    page = f"<table><tr><td>重复申请{cells}</table>"
    texts = [cell[4] for cell in read_document("a.html", page.encode()).tables[0]]
    assert set(texts[1:]) == {""}
    texts = [cell[4] for cell in read_document("a.html", f"{page}<script src=fill.js></script>".encode()).tables[0]]
    assert {read_value(text).status for text in texts[1:]} == {ValueStatus.ILLEGIBLE}
