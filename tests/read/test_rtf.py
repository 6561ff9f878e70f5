"""RTF: reports as Word writes them, what is not printed, and hostile input."""

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import DocumentError
from pipelines.read import read_document
from pipelines.read.model import PICTURE
from pipelines.read.rtf.reader import read_rtf
from pipelines.read.word.docx import read_docx
from pipelines.settings import ReadLimits
from schemas.vocabulary import BlockKind, FileFormat
from tests.read.docx_builder import build_docx, made_up_figures, report_body
from tests.read.edits import EDITS, edit
from tests.read.printed import check_report
from tests.read.rtf_builder import build_rtf, paragraph, row, rtf_of, run

LIMITS = ReadLimits()
DOCX = read_docx(build_docx(report_body(made_up_figures())), LIMITS)
REPORT = rtf_of(DOCX)


def read(*content: str):
    return read_rtf(build_rtf(*content), LIMITS)


def texts(document) -> list[list[str]]:
    return [[cell[4] for cell in cells] for cells in document.tables]


def cells(*contents: str, words: str = "") -> str:
    return row(*((900 * number, words, content) for number, content in enumerate(contents, 1)))


@pytest.mark.parametrize("as_unicode", [False, True])
def test_report_is_laid_out_as_its_docx(as_unicode):
    document = read_document("年报.doc", rtf_of(DOCX, as_unicode=as_unicode), LIMITS)
    check_report(document, made_up_figures())
    assert document.format is FileFormat.RTF
    assert document.tables == DOCX.tables
    assert [block.text for block in document.blocks] == [block.text for block in DOCX.blocks]
    assert document.blocks[0].kind is BlockKind.TITLE


def test_bytes_are_chinese_whatever_the_file_calls_them():
    text = r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 Arial;}}\f0 \'b9\'e6\'d5\'c2\par caf\'e9\par}"
    assert [block.text for block in read_rtf(text.encode(), LIMITS).blocks] == ["规章", "café"]
    raw = b"{\\rtf1\\ansi\\ansicpg936 " + "规章".encode("gbk") + b"\\par}"
    assert read_rtf(raw, LIMITS).blocks[0].text == "规章"


def test_substitutes_of_unicode_are_passed_over():
    document = read(paragraph(r"\uc2\u-30268\'b9\'e6\u31456\'d5\'c2\uc0\u20214 1\uc1\u55362?\u57271?2"))
    assert document.blocks[0].text == "规章件1\U00020bb72"


@pytest.mark.parametrize(
    "hidden",
    [
        r"{\v 77}",
        r"{\strike 77}",
        r"{\striked1 77}",
        r"{\deleted 77}",
        r"{\*\unknown 77}",
        r"{\*\bkmkstart 77}",
        r"{\field{\*\fldinst 77}{\fldrslt }}",
        r"{\upr 77{\*\ud }}",
        r"{\*\annotation 77}",
    ],
)
def test_what_is_not_printed_is_no_part_of_a_figure(hidden):
    assert texts(read(cells("1", hidden + "3"))) == [["1", "3"]]


def test_what_is_printed_counts():
    shown = [r"{\field{\*\fldinst REF a}{\fldrslt 22}}", r"{\v\v0 22}", r"{\upr{33}{\*\ud 22}}", r"{\strike\plain 22}"]
    assert texts(read(cells("1", *shown))) == [["1", "22", "22", "22", "22"]]


@pytest.mark.parametrize("words", [r"\cf2", r"\sub", r"\dn8", r"\fs4", r"\charscalex5"])
def test_digits_that_nobody_sees_make_a_figure_illegible(words):
    ((_, text),) = texts(read(cells("1", rf"2{{{words} 7}}")))
    assert PICTURE in text


def test_white_digits_on_a_coloured_ground_are_seen():
    assert texts(read(cells("1", r"{\cf2 7}", words=r"\clcbpat3"))) == [["1", "7"]]
    assert texts(read(cells("1", r"{\cf2\chcbpat3 7}"))) == [["1", "7"]]


def test_raised_digits_are_a_note():
    assert texts(read(cells("1", r"22{\super 1}", r"22{\up6 1}"))) == [["1", "22[1]", "22[1]"]]


def test_a_picture_in_a_cell_is_no_blank():
    assert texts(read(cells("1", r"{\*\shppict{\pict\pngblip 89504e47}}{\nonshppict{\pict 00}}"))) == [["1", PICTURE]]


@pytest.mark.parametrize(
    "drawn",
    [
        r"{\field{\*\fldinst { EQ \\o(1,2)}}{\fldrslt }}",
        r"{\mmath{\*\moMath{\mf{\mnum 1}{\mden 2}}}}",
        r"{\shp{\*\shpinst{\sp{\sn pib}{\sv {\pict 00}}}}}",
    ],
)
def test_formulas_and_pictures_are_no_blank(drawn):
    assert texts(read(cells("1", drawn))) == [["1", PICTURE]]


def test_merges_slivers_and_rows_that_begin_further_right():
    document = read(
        row((900, r"\clvmgf", "a"), (1800, r"\clmgf", "b"), (2700, r"\clmrg", "")),
        row((905, r"\clvmrg", ""), (1800, "", "c"), (2700, "", "d")),
        r"\trowd\trleft900\cellx1800\cellx2700\pard\intbl e\cell f\cell\row ",
    )
    assert document.tables == [
        [
            (1, 1, 2, 1, "a"),
            (1, 2, 1, 2, "b"),
            (2, 2, 1, 1, "c"),
            (2, 3, 1, 1, "d"),
            (3, 2, 1, 1, "e"),
            (3, 3, 1, 1, "f"),
        ]
    ]


def test_a_table_in_a_cell_and_one_in_a_box_are_tables():
    inner = (
        r"\pard\intbl\itap2 1\nestcell 2\nestcell{\*\nesttableprops\trowd\cellx500\cellx900\nestrow}{\nonesttables\par}"
    )
    document = read(r"\trowd\cellx3000 ", inner, r"\pard\intbl\cell\row\pard\par ")
    assert texts(document) == [["1", "2"]]
    box = r"{\shp{\*\shpinst{\sp{\sn a}{\sv 9}}{\shptxt " + cells("3", "4") + r"\pard\par}}{\shprslt 9}}"
    document = read(paragraph("x" + box), paragraph("y"))
    assert texts(document) == [["3", "4"]]
    assert [block.text for block in document.blocks] == ["x", "", "y"]


def test_a_row_whose_writer_forgot_ends_keeps_its_text():
    assert texts(read(r"\trowd\cellx900\cellx1800\pard\intbl 1\cell 2\row\pard\par ")) == [["1", "2"]]
    assert texts(read(r"\trowd\cellx900\pard\intbl 1\cell 2\cell\row\pard\par ")) == [["1", "2"]]


def test_half_a_figure_at_the_end_of_a_cut_file_is_left_out():
    document = read_rtf(REPORT[: REPORT.rindex(b"}\\cell") - 1], LIMITS)
    assert [notice.reason_code for notice in document.notices] == ["damaged_text"]
    last = [cell[4] for cell in document.tables[-1] if cell[4].isdigit()]
    assert last == [cell[4] for cell in DOCX.tables[-1] if cell[4].isdigit()][:-1]


def test_title_of_the_file_is_a_candidate():
    document = read(r"{\info{\title \'c4\'ea\'b1\'a8}{\upr{\title x}{\*\ud{\title \u24180?}}}}", paragraph(run("某局")))
    assert (document.blocks[0].text, document.blocks[0].label) == ("年", "title")


def test_lists_print_their_numbers_and_notes_follow():
    document = read(paragraph(r"{\listtext\pard 1.\tab}" + run("属于") + r"{\footnote{\super 1} n}"), paragraph("z"))
    assert [block.text for block in document.blocks] == ["1.\t属于", "z", "1 n"]


def reason(data: bytes, limits: ReadLimits = LIMITS) -> str:
    started = time.process_time()
    with pytest.raises(DocumentError) as error:
        read_rtf(data, limits)
    assert time.process_time() - started < 30
    return error.value.reason_code


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "broken_document"),
        (b"{\\rtf1}", "broken_document"),
        (b"PK\x03\x04", "broken_document"),
        (b"{\\rtf1" + b"{" * 200_000, "limit_exceeded"),
        pytest.param(b"{\\rtf1" + b"\\b" * 5_100_000, "limit_exceeded", marks=pytest.mark.soak),
        pytest.param(b"{\\rtf1" + b"\\par" * 300_000, "limit_exceeded", marks=pytest.mark.soak),
        (b"{\\rtf1\\trowd" + b"\\cellx9" * 2_000, "limit_exceeded"),
        (b"{\\rtf1\\trowd\\cellx1\\intbl\\itap99999999 a\\par", "limit_exceeded"),
        (b"{\\rtf1" + b"".join(b"\\trowd\\cellx%d\\intbl a\\cell\\row" % n for n in range(1, 9000)), "limit_exceeded"),
    ],
)
def test_hostile_files_are_refused(data, expected):
    assert reason(data) == expected


def test_more_words_and_paragraphs_than_any_report_has_are_refused(monkeypatch):
    """The same as two of the files above, at a fiftieth of the size."""
    assert reason(b"{\\rtf1" + b"\\par" * 6_000, ReadLimits(cells=5_000)) == "limit_exceeded"
    monkeypatch.setattr("pipelines.read.rtf.tokens._MAX_TOKENS", 100_000)
    assert reason(b"{\\rtf1" + b"\\b" * 99_000) == "broken_document"
    assert reason(b"{\\rtf1" + b"\\b" * 100_000) == "limit_exceeded"


def test_limit_on_the_file_and_raw_bytes():
    assert reason(REPORT, ReadLimits(file_bytes=1000)) == "limit_exceeded"
    cut = read_rtf(b"{\\rtf1 a{\\pict\\bin6 }}}}}}}b\\bin-5 c\\par\\bin999999999 d", LIMITS)
    assert cut.blocks[0].text == f"a{PICTURE}bc"


WORDS = (
    rb"\par \cell \row \trowd \cellx9 \intbl \itap2 \nestcell \nestrow {\*\nesttableprops {\shptxt {\footnote \u99 \uc3"
    rb" {\upr {\*\ud } } { \bin9 \'b9 {\fonttbl \f1 {\colortbl \cf1 \deleted {\info {\title"
)


@settings(max_examples=60, deadline=None)
@given(EDITS, st.floats(0, 1), st.booleans())
def test_damaged_files_raise_nothing_else(edits, share, is_cut):
    data = edit(REPORT, edits)
    with suppress(DocumentError):
        read_rtf(data[: int(share * len(data))] if is_cut else data, LIMITS)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([*WORDS.split(), b"7", b"\\"]) | st.binary(max_size=4), max_size=60))
def test_words_in_any_order_raise_nothing_else(pieces):
    with suppress(DocumentError):
        read_rtf(b"{\\rtf1 " + b"".join(pieces), LIMITS)
