"""What a PDF shows is not what its text says: layers, fields, marks of correctors, fonts with a wrong map, mirrors."""

import io
import re

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from pipelines.normalize.values import read_value
from pipelines.read.pdf.reader import read_pdf
from pipelines.read.pdf.shapes import count_enclosed
from pipelines.settings import ReadLimits
from schemas.vocabulary import ValueStatus
from tests.read.pdf_builder import HEIGHT, build_pdf, draw_table, draw_text

CELLS = [(1, 1, 1, 1, "规章"), (1, 2, 1, 1, ""), (1, 3, 1, 1, "3")]
CELLS += [(2, 1, 1, 1, "许可"), (2, 2, 1, 1, "7"), (2, 3, 1, 1, "8")]
BASELINE = 113.0  # of the first row, from the page's upper edge
TEXT = "本机关依法公开政府信息，" * 20


def paint_table(canvas, text="", x=136):
    draw_table(canvas, CELLS, widths=[60, 60, 40], heights=[20, 20])
    draw_text(canvas, 50, 300, TEXT[:45])
    if text:
        draw_text(canvas, x, BASELINE, text, 9)


def read_cell(data):
    """Return what is read in the cell, 60 points wide from 110, of the first row."""
    return read_pdf(data, ReadLimits()).tables[0][1][4]


def is_refused(text):
    return read_value(text).status is ValueStatus.ILLEGIBLE


def with_objects(data, *objects, page=b"", resources=b"", catalogue=b""):
    """Return a PDF with objects numbered from 100, and more said of its page, of what that uses, and of the whole."""
    found = {int(one[1]): one[2] for one in re.finditer(rb"(?m)^(\d+) 0 obj\n(.*?)\nendobj", data, re.DOTALL)}
    root = 0
    for number, body in found.items():
        if re.search(rb"/Type /Page\b", body):
            found[number] = body.replace(b"/Type /Page", page + b" /Type /Page").replace(
                b"/Resources <<", b"/Resources <<" + resources
            )
        elif b"/Type /Catalog" in body:
            found[number], root = body.replace(b"/Type /Catalog", catalogue + b" /Type /Catalog"), number
    found.update(enumerate(objects, 100))
    output, places = io.BytesIO(), {}
    output.write(b"%PDF-1.5\n")
    for number, body in found.items():
        places[number] = output.tell()
        output.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = output.tell()
    output.write(b"xref\n0 1\n0000000000 65535 f \n")
    for number, place in places.items():
        output.write(b"%d 1\n%010d 00000 n \n" % (number, place))
    output.write(b"trailer\n<</Size 200/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (root, start))
    return output.getvalue()


def layered(*, in_form, is_on, x, below=""):
    """Return the table with 12 in its cell, in a layer, at `x`, over what is printed there."""

    def paint(canvas):
        paint_table(canvas, below, x + 1)
        if in_form:
            canvas.beginForm("layer", 0, 0, 600, HEIGHT)
            draw_text(canvas, x, BASELINE, "12", 9)
            canvas.endForm()
            canvas.doForm("layer")
        else:
            canvas._code.append("/OC /L BDC")
            draw_text(canvas, x, BASELINE, "12", 9)
            canvas._code.append("EMC")

    data = build_pdf(paint)
    if in_form:
        data = data.replace(b"/Subtype /Form", b"/OC 100 0 R /Subtype /Form")
    state = b"/ON" if is_on else b"/OFF"
    return with_objects(
        data,
        b"<</Type/OCG/Name(L)>>",
        resources=b"/Properties<</L 100 0 R>>",
        catalogue=b"/OCProperties<</OCGs[100 0 R]/D<<%s[100 0 R]>>>>" % state,
    )


@pytest.mark.parametrize("in_form", [False, True])
@pytest.mark.parametrize(
    ("is_on", "x", "found"), [(True, 136, "12"), (False, 136, ""), (False, 168, "")], ids=["on", "off", "over_a_border"]
)
def test_a_layer_is_read_where_it_is_shown(in_form, is_on, x, found):
    """Figures of hidden layers were read."""
    assert read_cell(layered(in_form=in_form, is_on=is_on, x=x)).strip("\ufffd") == found


@pytest.mark.parametrize(
    ("is_on", "x", "below", "found"),
    [
        (False, 168, "", ""),
        (False, 136, "公", "公"),
        (False, 136, "34", "34"),
        (True, 168, "", None),
        (True, 136, "34", None),
    ],
    ids=["border", "title", "figure", "shown border", "shown figure"],
)
def test_what_a_layer_lays_over_ink_is_told_by_what_the_page_would_be_without_it(is_on, x, below, found):
    """Digits of a hidden layer ran through titles and figures, because there was ink where they stood."""
    cell = read_cell(layered(in_form=False, is_on=is_on, x=x, below=below))
    assert is_refused(cell) if found is None else cell == found


def field(value, look=None, *, needs_looks=False):
    """Return the table with a field in its cell that holds a value."""
    stream = b"BT /F 9 Tf 2 3 Td (%s) Tj ET" % (look or b"")
    widget = b"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(%s)/F 4/Rect[112 724 168 740]/DA(/F 9 Tf 0 g)%s>>"
    return with_objects(
        build_pdf(paint_table),
        widget % (value, b"/AP<</N 102 0 R>>" if look else b""),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        b"<</Type/XObject/Subtype/Form/BBox[0 0 56 16]/Resources<</Font<</F 101 0 R>>>>/Length %d>>" % len(stream)
        + b"stream\n%s\nendstream" % stream,
        page=b"/Annots[100 0 R]",
        catalogue=b"/AcroForm<</Fields[100 0 R]/DR<</Font<</F 101 0 R>>>>%s>>"
        % (b"/NeedAppearances true" if needs_looks else b""),
    )


def test_a_field_is_read_as_it_looks_and_none_of_which_that_is_unknown():
    """Fields without a look of their own were read as blanks."""
    assert read_cell(field(b"12", b"12")) == "12"
    assert read_cell(field(b"12", needs_looks=True)) == "12"
    assert is_refused(read_cell(field(b"12")))
    assert is_refused(read_cell(field(b"12", b"34")))


@pytest.mark.parametrize("kind", [b"StrikeOut", b"Underline"])
def test_a_mark_that_viewers_draw_themselves_counts(kind):
    """Figures were read through which a corrector's mark went."""
    left, low, right, high = 136, HEIGHT - BASELINE - 1, 145, HEIGHT - BASELINE + 8
    mark = b"<</Type/Annot/Subtype/%s/F 4/C[1 0 0]/Rect[%d %d %d %d]/QuadPoints[%d %d %d %d %d %d %d %d]>>" % (
        *(kind, left, low, right, high),
        *(left, high, right, high, left, low, right, low),
    )
    text = read_cell(with_objects(build_pdf(lambda canvas: paint_table(canvas, "12")), mark, page=b"/Annots[100 0 R]"))
    assert is_refused(text) if kind == b"StrikeOut" else text == "12"


@pytest.mark.parametrize("rows", [(1, 0, 0, -1), (-1, 0, 0, 1), (1, 0, 0, 1)], ids=["upside_down", "mirrored", "plain"])
def test_figures_in_a_mirror_are_unreadable(rows):
    def paint(canvas):
        paint_table(canvas)
        canvas.saveState()
        canvas.translate(140, HEIGHT - BASELINE + 3)
        canvas.transform(*rows, 0, 0)
        canvas.drawString(-4, -3, "16")
        canvas.restoreState()

    text = read_cell(build_pdf(paint))
    assert text == "16" if rows == (1, 0, 0, 1) else is_refused(text)


def test_a_font_of_negative_size_is_upright_where_its_matrix_turns_it_back():
    """Its figures were taken for some on their head."""

    def paint(canvas):
        paint_table(canvas)
        canvas._code.append(f"BT /F1 -9 Tf -1 0 0 -1 136 {HEIGHT - BASELINE} Tm (16) Tj ET")

    assert read_cell(build_pdf(paint)) == "16"


def page_with(text: str, font: str, size: int, left: int = 136) -> bytes:
    """Return a page with a text of some font in its cell, its streams readable."""

    def paint(canvas):
        paint_table(canvas)
        canvas.setFont(font, size)
        canvas.drawString(left, HEIGHT - BASELINE, text)

    return build_pdf(paint, pageCompression=0)


# reportlab brings this one
pdfmetrics.registerFont(TTFont("Vera", "Vera.ttf"))


@pytest.mark.parametrize(
    ("text", "code", "found"),
    [("106", "0030", "106"), ("106", "0038", None), ("0", "0002", None), ("10", "0020", None), ("10", "000A", None)],
    ids=["right", "eight", "hyphen", "space", "line"],
)
def test_a_font_that_names_a_figure_wrongly_has_none(text, code, found):
    """A nought was read as what its font's map called it: an 8, PDFium's own hyphen, or nothing, so that 10 was 1."""
    data = page_with(text, "Vera", 9)
    assert data.count(b"<30> <0030>") == 1
    swapped = data.replace(b"<38> <0038>", b"<38> <0030>") if code == "0038" else data
    cell = read_cell(swapped.replace(b"<30> <0030>", b"<30> <%s>" % code.encode(), 1))
    assert cell == found if found else is_refused(cell)


@pytest.mark.parametrize(
    ("text", "swaps", "is_believed"),
    [
        ("25", {}, True),
        ("25", {"2": "5", "5": "2"}, False),
        ("69", {"6": "9", "9": "6"}, False),
        ("13", {"3": "2"}, False),
        ("4786903512", {"A": "1"}, True),
    ],
    ids=["right", "mirrored", "turned", "two to one", "other twins"],
)
def test_a_map_whose_codes_do_not_rise_with_the_digits_is_held_against_what_is_drawn(text, swaps, is_believed):
    """A 2 named 5 encloses as little as a 5, and a 3 whose code has the name of 2 was read as 2."""
    data = page_with(text, "Vera", 7, left=115)
    for code, name in swaps.items():
        entry = b"<%02x> <" % ord(code)
        assert data.count(entry + b"%04X>" % ord(code)) == 1
        data = data.replace(entry + b"%04X>" % ord(code), entry + b"%04X>" % ord(name))
    cell = read_cell(data)
    assert cell == text if is_believed else is_refused(cell)


@pytest.mark.parametrize(("names", "is_believed"), [("25", True), ("52", False)])
def test_the_map_of_a_font_without_a_file_is_held_against_what_is_drawn_in_its_stead(names, is_believed):
    entries = " ".join(f"<{ord(code):02X}> <{ord(name):04X}>" for code, name in zip("25", names, strict=True)).encode()
    cmap = b"begincmap 1 begincodespacerange <00> <FF> endcodespacerange 2 beginbfchar %s endbfchar endcmap" % entries
    data = page_with("25", "Helvetica", 9).replace(
        b"/BaseFont /Helvetica ", b"/ToUnicode 100 0 R /BaseFont /Helvetica "
    )
    cell = read_cell(with_objects(data, b"<</Length %d>>stream\n%s\nendstream" % (len(cmap), cmap)))
    assert cell == "25" if is_believed else is_refused(cell)


STROKES = {
    "2": b"0 700 m 400 700 l 400 350 l 0 350 l 0 0 l 400 0 l S",
    "5": b"400 700 m 0 700 l 0 350 l 400 350 l 400 0 l 0 0 l S",
}


@pytest.mark.parametrize(("drawn", "is_believed"), [("25", True), ("52", False)])
def test_digits_drawn_by_procedures_are_held_against_clean_ones(drawn, is_believed):
    contents = [b"500 0 -50 -50 450 750 d1 90 w " + STROKES[digit] for digit in drawn]
    contents.append(
        b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <FF> endcodespacerange "
        b"2 beginbfchar <32> <0032> <35> <0035> endbfchar endcmap end"
    )
    streams = [b"<</Length %d>>stream\n%s\nendstream" % (len(one), one) for one in contents]
    font = b"<</Type/Font/Subtype/Type3/FontBBox[-50 -50 450 750]/FontMatrix[.001 0 0 .001 0 0]/Resources<<>>"
    font += b"/Encoding<</Type/Encoding/Differences[50/two 53/five]>>/CharProcs<</two 100 0 R/five 101 0 R>>"
    font += b"/FirstChar 50/LastChar 53/Widths[500 500 500 500]/ToUnicode 102 0 R>>"
    data, count = re.subn(rb"<<[^<>]*/BaseFont /Helvetica\b[^<>]*>>", font, page_with("25", "Helvetica", 9))
    assert count == 1
    cell = read_cell(with_objects(data, *streams))
    assert cell == "25" if is_believed else is_refused(cell)


def test_areas_of_an_outline_are_counted_whatever_its_parts():
    def ring(x, y, inner, outer):
        return [
            [(x - outer, y - outer), (x + outer, y - outer), (x + outer, y + outer), (x - outer, y + outer)],
            [(x - inner, y - inner), (x - inner, y + inner), (x + inner, y + inner), (x + inner, y - inner)],
        ]

    assert count_enclosed(ring(0, 0, 5, 8) + ring(0, 12, 5, 8)) == 2
    assert count_enclosed([part[:] for part in ring(0, 0, 5, 8)[:1]] * 2) == 0


def test_a_row_that_the_edge_of_the_page_cuts_has_no_blanks():
    def paint(canvas):
        draw_table(canvas, CELLS, widths=[60, 60, 40], heights=[20, 20], top=HEIGHT - 32)
        draw_text(canvas, 50, 300, TEXT[:45])

    data = build_pdf(paint).replace(b"/MediaBox [ 0 0 595 842 ]", b"/MediaBox [ 0 1 595 842 ]")
    assert read_cell(data) == ""
    cut = build_pdf(paint).replace(b"/MediaBox [ 0 0 595 842 ]", b"/MediaBox [ 0 18 595 842 ]")
    assert is_refused(read_cell(cut))
