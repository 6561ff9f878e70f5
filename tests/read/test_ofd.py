"""OFD: placed characters and drawn lines become the grid that was drawn."""

import io
import time
import zipfile
from contextlib import suppress
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import DocumentError
from pipelines.read.ofd.language import expand_deltas, read_path
from pipelines.read.ofd.reader import read_ofd
from pipelines.read.word.docx import read_docx
from pipelines.settings import ReadLimits
from schemas.vocabulary import BlockKind, FileFormat
from tests.read.docx_builder import build_docx, build_zip, made_up_figures, report_body
from tests.read.office_builder import build_ofd, ofd_table, path_object, text_object
from tests.read.printed import check_report

LIMITS = ReadLimits()
FIGURES = made_up_figures()


def report_pages() -> list[str]:
    """Return a report's three tables as drawn pages; their cells are those that the DOCX reader finds."""
    tables = read_docx(build_docx(report_body(FIGURES)), LIMITS).tables
    widths = ([40.0] * 4, [10.0, 20.0, 40.0, *[15.0] * 7], [12.0] * 15)
    return [
        text_object(20, 45, f"{number}、标题")
        + ofd_table(cells, left=10, top=60, widths=width, height=8)
        + text_object(20, 285, "页脚")
        for number, cells, width in zip("一二三", tables, widths, strict=True)
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
    first = [(block.kind.value, block.text) for block in document.blocks][:4]
    assert first == [("title", "年报"), ("heading", "一、标题"), ("table", ""), ("heading", "二、标题")]


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


PICTURE = '<ofd:MultiMedia ID="5" Type="Image"><ofd:MediaFile>a.{}</ofd:MediaFile></ofd:MultiMedia>'
IMAGE = '<ofd:ImageObject ID="3" Boundary="{0} {1} {2} {3}" CTM="{2} 0 0 {3} 0 0" ResourceID="5"/>'


def test_scan_names_the_extra_that_reads_it(monkeypatch):
    monkeypatch.setattr("pipelines.read.recognition.has_recognition", lambda: False)
    scan = IMAGE.format(0, 0, 210, 297)
    build = partial(build_ofd, resources=PICTURE.format("jpg"), extra={"Doc_0/Res/a.jpg": b"\xff\xd8\xff"})
    with pytest.raises(DocumentError, match="`ocr`") as error:
        read_ofd(build([scan]), LIMITS)
    assert error.value.reason_code == "unsupported_format"
    text = text_object(10, 10, "本机关全年主动公开政府信息一千二百条，均在法定期限内公开，其中政务动态信息九百条，" * 2)
    (notice,) = read_ofd(build([text, scan]), LIMITS).notices
    assert notice.message.startswith("page 2 is a picture")


def small_table(figures: str, left: float = 10, top: float = 20) -> str:
    """Return a table of two columns whose figures are the letters' places in a row."""
    cells = [(row, 1, 1, 1, "规章") for row, _ in enumerate(figures.split(), 1)]
    cells += [(row, 2, 1, 1, text) for row, text in enumerate(figures.split(), 1)]
    return ofd_table(sorted(cells), left=left, top=top, widths=[20, 20], height=8)


def second_column(data: bytes) -> list[str]:
    """Return the figures of the only table."""
    (table,) = read_ofd(data, LIMITS).tables
    return [cell[4] for cell in table if cell[1] == 2]


def test_table_over_pages_is_one_table():
    pages = [
        text_object(10, 10, "前文") + small_table("1 2", top=265),
        small_table("3 4", top=15) + text_object(10, 40, "后文"),
    ]
    assert second_column(build_ofd(pages)) == ["1", "2", "3", "4"]


def test_page_on_its_side_is_set_upright():
    """A wide table is printed along the sheet's long side; figures on their side in an upright table may be others."""
    unit = f'<ofd:CompositeGraphicUnit ID="8">{small_table("12 69")}</ofd:CompositeGraphicUnit>'
    drawn = '<ofd:CompositeObject ID="4" ResourceID="8" Boundary="0 297 210 297" CTM="0 -1 1 0 0 0"/>'
    assert second_column(build_ofd([drawn], resources=unit)) == ["12", "69"]
    one = text_object(31, 30, "6").replace("Boundary=", 'CTM="-1 0 0 -1 3 3" Boundary=')
    page = (
        text_object(9, 9, "题" * 9)
        + ofd_table([(1, 1, 1, 1, "规章"), (1, 2, 1, 1, "")], left=10, top=25, widths=[20, 20], height=12)
        + one
    )
    assert second_column(build_ofd([page])) == ["\ufffd"]


def test_units_and_notes_are_part_of_the_page():
    unit = f'<ofd:CompositeGraphicUnit ID="8">{small_table("7")}</ofd:CompositeGraphicUnit>'
    drawn = '<ofd:CompositeObject ID="4" ResourceID="8" Boundary="5 5 200 200"/>'
    note = '<ofd:Annot Type="{}"><ofd:Appearance Boundary="35 25 10 10">{}</ofd:Appearance></ofd:Annot>'
    page = text_object(10, 10, "题") + drawn
    for kind, found in (("Stamp", ["75"]), ("Watermark", ["7"])):
        data = build_ofd([page], resources=unit, annotations=note.format(kind, text_object(2.2, 2.2, "5")))
        assert second_column(data) == found


def test_unit_that_draws_itself_is_refused():
    unit = '<ofd:CompositeGraphicUnit ID="8"><ofd:CompositeObject ResourceID="8"/>{}</ofd:CompositeGraphicUnit>'
    for inner in ("", '<ofd:CompositeObject ResourceID="8"/>' * 3):
        data = build_ofd(['<ofd:CompositeObject ResourceID="8"/>'], resources=unit.format(inner))
        assert reason(data) == "limit_exceeded"


def clipped(text: str, left: float, width: float) -> str:
    """Return a text object of which a clip shows `width` millimetres from `left` on, on its own axes."""
    path = f'<ofd:Path Boundary="{left} 0 {width} 9"><ofd:AbbreviatedData>M 0 0 L {width} 0 L {width} 9 L 0 9 C'
    clips = f"<ofd:Clips><ofd:Clip><ofd:Area>{path}</ofd:AbbreviatedData></ofd:Path></ofd:Area></ofd:Clip></ofd:Clips>"
    return text.replace("<ofd:TextCode", clips + "<ofd:TextCode")


@pytest.mark.parametrize(
    ("drawn", "shown"),
    [
        (text_object(31, 22, "12345"), "12345"),
        (clipped(text_object(31, 22, "12345"), 0, 99), "12345"),
        (clipped(text_object(31, 22, "12345"), 0, 4.5), "123\ufffd"),
        (clipped(text_object(31, 22, "12345"), 50, 9), ""),
        (text_object(31, 22, "123") + clipped(text_object(35.5, 22, "45"), 50, 9), "123\ufffd"),
        (text_object(31, 22, "12345").replace('Boundary="31 22 7.5', 'Boundary="31 22 1'), "123\ufffd\ufffd"),
        (text_object(31, 22, "12345").replace('Size="3.0"', 'Size="3.0" Fill="false"'), ""),
        (text_object(31, 22, "12345").replace('Size="3.0"', 'Size="3.0" DrawParam="6"'), ""),
        (text_object(31, 22, "1\u00a45"), "1\ufffd5"),
        (text_object(231, 22, "12345"), ""),
        (
            text_object(10, 40, "题" * 20) + text_object(35, 22, "12") + path_object(33, 23.6, 34.5, 23.6),
            "\ufffd\ufffd",
        ),
    ],
    ids=["whole", "wide", "cut", "gone", "torn", "beyond", "unfilled", "white", "placeholder", "off", "signed"],
)
def test_figure_is_what_the_page_shows(drawn, shown):
    style = (
        '<ofd:DrawParam ID="6" Relative="7"/><ofd:DrawParam ID="7"><ofd:FillColor Value="#FF #FF #FF"/></ofd:DrawParam>'
    )
    page = text_object(10, 10, "题") + ofd_table(
        [(1, 1, 1, 1, "规章"), (1, 2, 1, 1, "")], left=10, top=20, widths=[20, 20], height=8
    )
    assert second_column(build_ofd([page + drawn], resources=style)) == [shown]


def test_picture_over_figures_hides_them_unless_it_is_transparent():
    clear, opaque = (b"\x89PNG\r\n\x1a\n" + bytes(17) + bytes((colour,)) + bytes(80) for colour in (6, 2))
    page = text_object(10, 10, "题" * 20) + small_table("12") + IMAGE.format(29, 19, 15, 12)
    for data, found in ((clear, ["12"]), (opaque, ["\ufffd\ufffd"])):
        assert (
            second_column(build_ofd([page], resources=PICTURE.format("png"), extra={"Doc_0/Res/a.png": data})) == found
        )


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
    cover = box.format(33.4, 12, '<ofd:FillColor Value="255 255 255"/>')
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


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ('Boundary="36 21 3 5" Fill="true" Stroke="false"', "\ufffd"),
        ('Boundary="36 21 3 5" Fill="true" Stroke="false" Alpha="40"', ""),
        ('Boundary="36 21 3 5" Fill="false" Stroke="false"', ""),
    ],
    ids=["curves", "faint", "not_drawn"],
)
def test_a_figure_made_of_curves_leaves_no_blank(path, found):
    seven = f'<ofd:PathObject ID="7" {path}><ofd:AbbreviatedData>M 0 0 L 2 0 Q 1 1 1 3 L 0.5 3 C</ofd:AbbreviatedData>'
    cells = [(1, 1, 1, 1, "规章"), (1, 2, 1, 1, "")]
    table = ofd_table(cells, left=10, top=20, widths=[20, 20], height=8)
    assert second_column(build_ofd([f"{table}{seven}</ofd:PathObject>"])) == [found]
