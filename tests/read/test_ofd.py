"""OFD: placed characters and drawn lines become the grid that was drawn."""

import io
import time
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import DocumentError
from pipelines.read.docx import read_docx
from pipelines.read.ofd import read_ofd
from pipelines.read.ofd_page import expand_deltas, read_path
from pipelines.settings import ReadLimits
from schemas.vocabulary import BlockKind, FileFormat
from tests.read.docx_builder import build_docx, build_zip, made_up_figures, report_body
from tests.read.office_builder import build_ofd, ofd_table, path_object, text_object
from tests.read.test_docx import check_report

LIMITS = ReadLimits()
FIGURES = made_up_figures()


def report_pages() -> list[str]:
    """Return a report's three tables as drawn pages; their cells are those that the DOCX reader finds."""
    tables = read_docx(build_docx(report_body(FIGURES)), LIMITS).tables
    widths = ([40.0] * 4, [10.0, 20.0, 40.0, *[15.0] * 7], [12.0] * 15)
    return [
        text_object(20, 15, "一、标题")
        + ofd_table(cells, left=10, top=30, widths=width, height=8)
        + text_object(20, 280, "页脚")
        for cells, width in zip(tables, widths, strict=True)
    ]


def reason(data: bytes, limits: ReadLimits = LIMITS) -> str:
    started = time.process_time()
    with pytest.raises(DocumentError) as error:
        read_ofd(data, limits)
    assert time.process_time() - started < 30  # minutes without the limits
    return error.value.reason_code


@pytest.mark.parametrize("namespace", ["http://www.ofdspec.org/2016", "http://www.ofdspec.org", "urn:any"])
def test_report_of_the_2021_form_is_read_whole(namespace):
    document = read_ofd(build_ofd(report_pages(), namespace=namespace), LIMITS)
    check_report(document, FIGURES)
    assert document.format is FileFormat.OFD
    assert document.page_count == 3
    first = [(block.kind.value, block.text) for block in document.blocks][:4]
    assert first == [("title", "年报"), ("paragraph", "一、标题"), ("table", ""), ("paragraph", "页脚")]


def test_spans_are_those_that_were_drawn():
    cells = [(1, 1, 2, 1, "甲"), (1, 2, 1, 2, "乙"), (2, 2, 1, 1, "1"), (2, 3, 1, 1, "2")]
    document = read_ofd(build_ofd([ofd_table(cells, left=10, top=10, widths=[20, 20, 20], height=8)]), LIMITS)
    assert document.tables == [cells]


def test_templates_lie_beneath_their_page_and_frames_are_no_tables():
    frame = ofd_table([(1, 1, 1, 1, "框内文字")], left=10, top=50, widths=[60], height=10)
    data = build_ofd([text_object(10, 10, "正文") + frame], template=text_object(10, 5, "红头"))
    document = read_ofd(data, LIMITS)
    assert [b.text for b in document.blocks if b.kind is BlockKind.PARAGRAPH] == ["红头", "正文", "框内文字"]
    assert document.tables == []


def test_lines_of_a_paragraph_are_joined():
    lines = ["本机关认真贯彻落实政府信息公", "开条例，全年主动公开信息十二条", "另起一段。", "十" * 15]
    data = build_ofd(["".join(text_object(16 if n in (0, 2) else 10, 10 + 5 * n, t) for n, t in enumerate(lines))])
    blocks = [b.text for b in read_ofd(data, LIMITS).blocks if b.kind is BlockKind.PARAGRAPH]
    assert blocks == [lines[0] + lines[1], lines[2], lines[3]]


def test_figures_side_by_side_without_lines_never_run_together():
    data = build_ofd([text_object(10, 10, "151") + text_object(30, 10, "3")])
    assert [b.text for b in read_ofd(data, LIMITS).blocks][1] == "151 3"


def test_matrix_scales_and_places():
    code = '<ofd:TextCode X="0" Y="1">甲乙</ofd:TextCode>'
    text = f'<ofd:TextObject ID="1" Boundary="6 8 50 5" CTM="3 0 0 3 4 2" Size="1">{code}</ofd:TextObject>'
    cell_ = ofd_table([(1, 1, 1, 1, ""), (1, 2, 1, 1, "")], left=9.5, top=9, widths=[3.6, 4], height=6)
    document = read_ofd(build_ofd([text + cell_]), LIMITS)
    assert [c[4] for c in document.tables[0]] == ["甲", "乙"]


def test_invisible_lines_draw_nothing():
    line = path_object(10, 10, 60, 10).replace("<ofd:PathObject", '<ofd:PathObject Stroke="false"')
    document = read_ofd(build_ofd([text_object(10, 20, "字") + line * 4]), LIMITS)
    assert document.tables == []


def test_scan_is_named_as_such():
    empty = build_ofd(["<ofd:ImageObject/>"])
    with pytest.raises(DocumentError, match="scan"):
        read_ofd(build_zip({**_parts(empty)}), LIMITS)


def _parts(data: bytes) -> dict[str, bytes]:
    """Return the members without the title, so that nothing but the page could give text."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name).replace("年报".encode(), b"") for name in archive.namelist()}


def test_hostile_pages():
    assert reason(build_ofd([text_object(1, 1, "x" * 300_000)])) == "limit_exceeded"
    assert reason(build_ofd([])) == "broken_document"
    assert reason(build_zip({"a": b""})) == "broken_document"
    assert reason(build_ofd(["<ofd:PageBlock>" * 2000 + "</ofd:PageBlock>" * 2000])) == "limit_exceeded"
    grid = "".join(path_object(n * 2, 0, n * 2, 900) + path_object(0, n * 2, 900, n * 2) for n in range(400))
    assert reason(build_ofd([text_object(1, 1, "x") + grid])) == "limit_exceeded"
    assert expand_deltas("g 999999 1", 5) == [1.0] * 5
    assert list(read_path("M L 1 Q 1 B x L 2 2 L nan inf 3")) == [(0.0, 0.0, 2.0, 2.0)]


OFD = build_ofd(report_pages()[1:2])


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(_parts(OFD))), st.floats(0, 0.999999), st.binary(min_size=1, max_size=6)),
        max_size=6,
    )
)
def test_damaged_parts_raise_nothing_else(edits):
    parts = {name: bytearray(content) for name, content in _parts(OFD).items()}
    for name, place, replacement in edits:
        start = int(place * len(parts[name]))
        parts[name][start : start + len(replacement)] = replacement
    with suppress(DocumentError):
        read_ofd(build_zip({name: bytes(content) for name, content in parts.items()}), LIMITS)


def test_digits_that_nobody_sees_are_not_read():
    """A transparent or white 8 beside 0 was read as 80, and 9204 where a white box hides its end."""
    cells = [(1, 1, 1, 1, "规章"), (1, 2, 1, 1, "0"), (2, 1, 1, 1, "文件"), (2, 2, 1, 1, "9204")]
    clear = text_object(32, 12.5, "8").replace(' Font="1"', ' Font="1" Alpha="0"')
    white = text_object(34, 12.5, "8").replace("<ofd:TextCode", '<ofd:FillColor Value="255 255 255"/><ofd:TextCode')
    box = '<ofd:PathObject ID="7" Boundary="{} 21 {} 4" Fill="true" Stroke="false">{}</ofd:PathObject>'
    cover = box.format(36, 12, '<ofd:FillColor Value="255 255 255"/>')
    drawn = ofd_table(cells, left=10, top=10, widths=[20, 20], height=8)
    for objects, shown in ((drawn + clear + white, "9204"), (drawn + cover, "92\ufffd\ufffd"), (cover + drawn, "9204")):
        document = read_ofd(build_ofd([text_object(10, 5, "题") + objects]), LIMITS)
        assert [cell[4] for cell in document.tables[0]] == ["规章", "0", "文件", shown]


def test_white_text_on_a_coloured_area_is_read():
    dark = '<ofd:PathObject ID="7" Boundary="10 10 40 8" Fill="true"><ofd:FillColor Value="20 40 90"/></ofd:PathObject>'
    cells = [(1, 1, 1, 1, "规章"), (1, 2, 1, 1, "7")]
    table = ofd_table(cells, left=10, top=10, widths=[20, 20], height=8)
    white = table.replace("<ofd:TextCode", '<ofd:FillColor Value="255 255 255"/><ofd:TextCode')
    document = read_ofd(build_ofd([dark + white]), LIMITS)
    assert [cell[4] for cell in document.tables[0]] == ["规章", "7"]
