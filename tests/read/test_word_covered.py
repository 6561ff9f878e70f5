"""Figures of Word documents and their relatives that are printed unlike they are stored, or lie under a shape."""

import pytest

from pipelines.normalize.values import read_value
from pipelines.read.rtf.reader import read_rtf
from pipelines.read.word.docx import read_docx
from pipelines.read.word.odt import read_odt
from pipelines.settings import ReadLimits
from schemas.vocabulary import ValueStatus
from tests.read.docx_builder import build_docx, cell, paragraph, row, run, table
from tests.read.odt_builder import build_odt, odt_cell, odt_paragraph, odt_row, odt_table
from tests.read.rtf_builder import build_rtf
from tests.read.rtf_builder import row as rtf_row

LIMITS = ReadLimits()
RECT = '<w:r><w:pict><v:rect style="{}"/></w:pict></w:r>'
BEGIN, SEPARATE, END = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end"))


def field(instruction: str, result: str, begin: str = BEGIN) -> str:
    code = f"<w:r><w:instrText>{instruction}</w:instrText></w:r>"
    return f"{begin}{code}{SEPARATE}{run(result)}{END}"


def is_figure(document) -> bool:
    return read_value(document.tables[0][0][4]).status is ValueStatus.REPORTED


UNBOUND = (
    '<w:sdt><w:sdtPr><w:dataBinding w:storeItemID="{0A}"/></w:sdtPr>'  # to a part that is not there
    f"<w:sdtContent>{run('22')}</w:sdtContent></w:sdt>"
)


@pytest.mark.parametrize(
    ("content", "is_read"),
    [
        (run("22") + RECT.format("position:absolute"), False),
        (run("22") + RECT.format("position:absolute;z-index:-5"), True),
        (run("22") + "<w:r><w:pict><v:line/></w:pict></w:r>", False),
        (run("22") + "<w:r><w:drawing><wps:wsp/></w:drawing></w:r>", False),
        (run("22") + "<w:r><w:pict><v:shape><v:imagedata/></v:shape></w:pict></w:r>", True),  # as seals are set
        (field("REF a", "22"), True),
        (field(" PAGE ", "22"), False),
        (field(" =SUM(ABOVE)", "22"), True),
        (field(" =SUM(ABOVE)", "22", BEGIN.replace("w:fldCharType", 'w:dirty="true" w:fldCharType')), False),
        (field(" FORMDROPDOWN ", "22"), False),
        (f'<w:fldSimple w:instr=" NUMPAGES ">{run("22")}</w:fldSimple>', False),
        (
            f'<w:sdt><w:sdtPr><w:dataBinding w:xpath="/a"/></w:sdtPr><w:sdtContent>{run("22")}</w:sdtContent></w:sdt>',
            False,
        ),
        (UNBOUND, True),
    ],
)
def test_what_lies_over_a_figure_and_results_that_the_file_does_not_say(content, is_read):
    body = table(row(cell(paragraph(content)), cell("1")))
    assert is_figure(read_docx(build_docx(body), LIMITS)) is is_read


@pytest.mark.parametrize(
    ("colour", "fill", "is_read"),
    [("000000", "000000", False), ("AABBCC", "aabbcc", False), ("000000", "FFFFFF", True)],
)
def test_digits_of_the_colour_of_their_ground(colour, fill, is_read):
    shade = f'<w:shd w:val="clear" w:fill="{fill}"/>'
    body = table(row(cell(paragraph(run("22", f'<w:color w:val="{colour}"/>')), properties=shade), cell("1")))
    assert is_figure(read_docx(build_docx(body), LIMITS)) is is_read


WHITE = '<w:rPr><w:color w:val="FFFFFF"/></w:rPr>'
DEFAULTS = f"<w:docDefaults><w:rPrDefault>{WHITE}</w:rPrDefault></w:docDefaults>"
NORMAL = '<w:style w:type="paragraph" w:default="1" w:styleId="N">{}</w:style>'
DARK = '<w:rPr><w:color w:val="000000"/></w:rPr>'


@pytest.mark.parametrize(
    ("styles", "properties", "is_read"),
    [
        (DEFAULTS, "", False),
        (DEFAULTS + NORMAL.format(""), "", False),
        (DEFAULTS + NORMAL.format(""), '<w:pStyle w:val="N"/>', False),
        (DEFAULTS + NORMAL.format(DARK), "", True),
        (DEFAULTS + NORMAL.format(DARK), '<w:pStyle w:val="N"/>', True),
        (NORMAL.format(WHITE), "", False),
        ("", "", True),
    ],
)
def test_text_that_is_white_where_nothing_says_a_colour(styles, properties, is_read):
    body = table(row(cell(paragraph(run("22"), properties=properties)), cell("1")))
    assert is_figure(read_docx(build_docx(body, styles=styles), LIMITS)) is is_read


@pytest.mark.parametrize(
    ("more", "is_read"), [("", False), ('<w:tcPr><w:shd w:val="clear" w:fill="1F3864"/></w:tcPr>', True)]
)
def test_text_that_is_white_by_the_style_of_its_table(more, is_read):
    styles = f'<w:style w:type="table" w:styleId="W">{WHITE}{more}</w:style>'
    body = table(row(cell("22"), cell("1"))).replace("<w:tblPr>", '<w:tblPr><w:tblStyle w:val="W"/>')
    assert is_figure(read_docx(build_docx(body, styles=styles), LIMITS)) is is_read


@pytest.mark.parametrize(
    ("content", "is_read"),
    [
        (r"22{\shp{\*\shpinst\shpfblwtxt0{\sp{\sn shapeType}{\sv 1}}}}", False),
        (r"22{\shp{\*\shpinst\shpfblwtxt1{\sp{\sn shapeType}{\sv 1}}}}", True),
        (r"{\f9 22}", False),
        (r"{\f9\f0 22}", True),
        (r"{\highlight1 22}", False),
        (r"{\highlight2 22}", True),
        (r"{\field{\*\fldinst PAGE}{\fldrslt 22}}", False),
        (r"{\field{\*\fldinst REF a}{\fldrslt 22}}", True),
    ],
)
def test_the_same_in_rtf(content, is_read):
    tables = r"{\fonttbl{\f0 Arial;}{\f9\fcharset2 Wingdings;}}{\colortbl;\red0\green0\blue0;\red255\green255\blue0;}"
    data = build_rtf(tables, rtf_row((900, "", content), (1800, "", "1")))
    assert is_figure(read_rtf(data, LIMITS)) is is_read


FIELD = 'xmlns:f="urn:openoffice:names:experimental:ooo-ms-interop:xmlns:field:1.0"'
CHOICES = "".join(
    f'<f:param f:name="Dropdown_{name}" f:value="{value}"/>'
    for name, value in (("ListEntry", "0"), ("ListEntry", "22"), ("Selected", "1"))
)


@pytest.mark.parametrize(
    ("content", "is_read"),
    [
        ('22<draw:rect draw:style-name="over"/>', False),
        ('22<draw:line draw:style-name="under"/>', True),
        ('<text:span text:style-name="wing">22</text:span>', False),
        ('<text:span text:style-name="auto">22</text:span>', True),
        ("2<text:page-number>2</text:page-number>", False),
        (f"<f:fieldmark {FIELD}>{CHOICES}</f:fieldmark>", True),
    ],
)
def test_the_same_in_an_open_document(content, is_read):
    styles = {
        "under": '<style:graphic-properties style:run-through="background"/>',
        "wing": '<style:text-properties style:font-name="Wingdings"/>',
        "auto": '<style:text-properties fo:color="#ffffff" style:use-window-font-color="true"/>',
    }
    body = odt_table(odt_row(odt_cell(odt_paragraph(content)), odt_cell(odt_paragraph("1"))))
    document = read_odt(build_odt(body, styles=styles), LIMITS)
    assert is_figure(document) is is_read
    assert not is_read or document.tables[0][0][4] == "22"
