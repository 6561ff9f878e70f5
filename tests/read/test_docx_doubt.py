"""DOCX: digits that Word prints otherwise than they are stored are no number."""

import pytest

from pipelines.normalize.values import read_value
from schemas.vocabulary import ValueStatus
from tests.read.docx_builder import (
    W,
    cell,
    paragraph,
    row,
    run,
    table,
)
from tests.read.test_docx import read

_FRACTION = "<m:oMath><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath>"
_FORMULA_FIELD = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> EQ \\F(1,2) </w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
)
_PALE_STYLE = '<w:style w:styleId="W"><w:rPr><w:color w:val="FFFFFF"/></w:rPr></w:style>'
_W14 = 'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
_ODD = {
    "tiny": '<w:sz w:val="2"/>',
    "lowered": '<w:vertAlign w:val="subscript"/>',
    "pictures": '<w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/>',
    "blacked": '<w:highlight w:val="black"/>',
    "unfilled": f"<w14:textFill {_W14}><w14:noFill/></w14:textFill>",
    "white": f'<w14:textFill {_W14}><w14:solidFill><w14:srgbClr w14:val="FFFFFF"/></w14:solidFill></w14:textFill>',
}


@pytest.mark.parametrize("look", _ODD.values(), ids=_ODD)
@pytest.mark.parametrize("way", ["own", "style", "base"])
def test_digits_that_a_style_prints_otherwise_are_no_number(look, way):
    """92 was read where the page shows 9, when a style or the style that it is based on says so and not the run."""
    style = '<w:style w:type="character" w:styleId="{0}"><w:basedOn w:val="{1}"/><w:rPr>{2}</w:rPr></w:style>'
    made = {
        "own": "",
        "style": style.format("Q", "", look),
        "base": style.format("P", "", look) + style.format("Q", "P", ""),
    }
    pieces = run("9") + run("2", look if way == "own" else '<w:rStyle w:val="Q"/>')
    styles = f'<w:styles xmlns:w="{W}">{made[way]}</w:styles>'
    document = read(table(row(cell(paragraph(pieces)), cell("9"))), parts={"word/styles.xml": styles})
    assert read_value(document.tables[0][0][4]).status is ValueStatus.ILLEGIBLE


@pytest.mark.parametrize(
    "content",
    [
        f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{run('92')}</w:sdtContent></w:sdt>",
        run("9") + '<w:r><w:footnoteReference w:id="2" w:customMarkFollows="1"/><w:t>2</w:t></w:r>',
        '<w:r><w:pict><v:shape><v:textpath string="92"/></v:shape></w:pict></w:r>',
    ],
)
def test_hints_chosen_note_signs_and_drawn_letters_are_no_figures(content):
    document = read(table(row(cell(f"<w:p>{content}</w:p>"), cell("9"))))
    assert read_value(document.tables[0][0][4]).status is ValueStatus.ILLEGIBLE


@pytest.mark.parametrize(
    "pieces",
    [
        run("92") + run("04", '<w:color w:val="FFFFFF"/>'),
        run("9", '<w:color w:val="FEFEFE"/>') + run("2"),
        run("9", '<w:color w:themeColor="background1"/>') + run("2"),
        run("92", '<w:color w:val="ffffff"/>'),
        run("9", '<w:rStyle w:val="W"/>') + run("2"),
        run("92") + run("04", '<w:sz w:val="2"/>'),
        run("9") + run("2", '<w:vertAlign w:val="subscript"/>'),
        run("9") + run("2", '<w:position w:val="-8"/>'),
        _FRACTION,
        run("3") + _FRACTION,
        _FORMULA_FIELD,
        run("3") + _FORMULA_FIELD,
    ],
)
def test_digits_printed_as_something_else_are_no_number(pieces):
    styles = f'<w:styles xmlns:w="{W}">{_PALE_STYLE}</w:styles>'
    document = read(table(row(cell(paragraph(pieces)), cell("9"))), parts={"word/styles.xml": styles})
    assert read_value(document.tables[0][0][4]).status is ValueStatus.ILLEGIBLE


@pytest.mark.parametrize(
    "pieces",
    [
        run("9", '<w:color w:val="00B050"/>') + run("2"),
        run("92", '<w:position w:val="-8"/>'),
        run("92", '<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="1F4E79"/>'),
        "<m:oMath><m:r><m:t>92</m:t></m:r></m:oMath>",
    ],
)
def test_digits_printed_as_they_are_stored_are_a_number(pieces):
    document = read(table(row(cell(paragraph(pieces)), cell("9"))))
    assert read_value(document.tables[0][0][4]).value == 92
