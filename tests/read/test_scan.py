"""Pictures of pages: what is recognised is right or illegible, whatever the sheet went through."""

import io
import struct
import zlib
from dataclasses import replace

import pytest

for name in ("cv2", "numpy", "onnxruntime", "rapidocr"):
    pytest.importorskip(name, reason="the optional extra `ocr` is not installed: make ocr")

import cv2
import numpy as np
from PIL import Image
from reportlab.lib.utils import ImageReader

from pipelines.errors import DocumentError
from pipelines.read import Document, read_document
from pipelines.read.model import UNREADABLE
from pipelines.read.pdf.reader import read_pdf
from pipelines.read.scan.figures import Look, Spacing, count_figure_ink, measure_spacing, needs_second_look, weigh
from pipelines.read.scan.image import read_image
from pipelines.read.scan.lines import Ink, Piece, Region
from pipelines.read.scan.model import Seen
from pipelines.read.scan.picture import level_picture
from pipelines.read.stage import ReadTask, Rejection, read_file
from pipelines.settings import ReadLimits, Workspace
from pipelines.staging import map_files
from schemas.vocabulary import BlockKind
from tests.read.office_builder import build_ofd
from tests.read.pdf_builder import build_pdf, cut_cells, draw_table, draw_text, request_cells
from tests.read.scan_builder import draw_pictures, has_chinese_font, pack_pictures, scan_pdf

pytestmark = pytest.mark.skipif(not has_chinese_font(), reason="no Chinese font: install fonts-wqy-microhei")

LIMITS = ReadLimits()
FIGURES = [[str((7 * row + 3 * column) % 23) for column in range(7)] for row in range(25)]
FIGURES[3] = ["11", "", "1", "/", "1024", "75394", "110"]
REQUEST = request_cells(FIGURES)
SMALL = [(1, 1, 1, 1, "规章"), (1, 2, 1, 1, "12"), (1, 3, 1, 1, "3")]
SMALL += [(2, 1, 1, 1, "行政许可"), (2, 2, 1, 1, "70"), (2, 3, 1, 1, "118")]
SMALL += [(3, 1, 1, 1, "行政处罚"), (3, 2, 1, 1, ""), (3, 3, 1, 1, "0")]


def request_page(rows):
    def paint(canvas):
        draw_text(canvas, 150, 60, "某某市人民政府2023年政府信息公开工作年度报告", 16)
        cells, heights = cut_cells(REQUEST, 1, rows), [24] * rows
        draw_table(canvas, cells, widths=[25, 60, 150, *[40] * 7], heights=heights, left=20, top=80, size=8)
        draw_text(canvas, 290, 815, "- 1 -")

    return build_pdf(paint)


def small_page(canvas, cells=SMALL, top=100):
    draw_text(canvas, 60, 60, "二、主动公开政府信息情况")
    draw_table(canvas, cells, widths=[160, 100, 100], heights=[26] * 3, top=top)


def figures_of(cells):
    return {cell[:2]: cell[4] for cell in cells if cell[1] >= 4 and cell[0] >= 4}


def small_texts(data):
    (table,) = read_document("a", data).tables
    return [cell[4] for cell in table]


SMALL_TEXTS = [cell[4] for cell in SMALL]


def small_picture(**soil):
    """Return the small page as scanned, without the empty sheet below: its width tells how large the text is."""
    (picture,) = draw_pictures(build_pdf(small_page), **soil)
    return picture[: picture.shape[1]].copy()


@pytest.mark.parametrize(
    ("rows", "soil", "legible"),
    [
        (8, {"dpi": 200}, 0.95),
        (13, {"dpi": 150, "turn": 1.2, "noise": 10}, 0.95),  # enough figures for their spacing to be measured
        (9, {"dpi": 100, "turn": -0.8}, 0.8),
        pytest.param(28, {"dpi": 150, "turn": 1.2, "noise": 10}, 0.95, marks=pytest.mark.soak),
    ],
    ids=["fine", "usual", "coarse", "whole"],
)
def test_every_figure_of_a_scan_is_right_or_illegible(rows, soil, legible):
    document = read_document("a.pdf", scan_pdf(request_page(rows), **soil))
    (table,) = document.tables
    printed = cut_cells(REQUEST, 1, rows)
    assert [cell[:4] for cell in table] == [cell[:4] for cell in printed]
    expected, found = figures_of(printed), figures_of(table)
    differing = {place: (text, found[place]) for place, text in expected.items() if found[place] != text}
    assert all(UNREADABLE in seen for _, seen in differing.values()), differing
    assert len(differing) <= (1 - legible) * len(expected)
    (notice,) = document.notices
    assert notice.reason_code == "recognised_text"
    assert [block.text for block in document.blocks if block.kind is BlockKind.TITLE] == [
        "某某市人民政府2023年政府信息公开工作年度报告"
    ]
    assert not [block for block in document.blocks if "1" in block.text and len(block.text) < 9]  # the page's number


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_pictures_are_read_like_scans(kind):
    document = read_image(pack_pictures([small_picture()], kind), LIMITS)
    assert [cell[4] for cell in document.tables[0]] == SMALL_TEXTS


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_sheets_on_their_side_or_head_are_set_upright(quarters):
    assert small_texts(pack_pictures([np.rot90(small_picture(turn=0.6), quarters)], "PNG")) == SMALL_TEXTS


def test_transparent_picture_lies_on_white_paper():
    grey = small_picture()
    layers = np.dstack([np.zeros((*grey.shape, 3), np.uint8), 255 - grey])
    buffer = io.BytesIO()
    Image.fromarray(layers, "RGBA").save(buffer, "PNG")
    assert small_texts(buffer.getvalue()) == SMALL_TEXTS


def test_table_over_the_frames_of_a_tiff_is_one_table():
    def first(canvas):
        draw_table(canvas, SMALL, widths=[160, 100, 100], heights=[26] * 3, top=700)

    def second(canvas):
        cells = [(row, column, h, w, text.replace("12", "45")) for row, column, h, w, text in SMALL]
        draw_table(canvas, cells, widths=[160, 100, 100], heights=[26] * 3, top=50)

    document = read_image(pack_pictures(draw_pictures(build_pdf(first, second)), "TIFF"), LIMITS)
    assert [cell[4] for cell in document.tables[0] if cell[1] == 2] == ["12", "70", "", "45", "70", ""]


def test_lone_picture_in_a_document_with_text_is_read_in_its_place():
    (picture,) = draw_pictures(build_pdf(small_page))

    def text(canvas):
        draw_text(canvas, 50, 60, "一、总体情况")
        draw_text(canvas, 50, 90, "本机关全年主动公开政府信息一千二百条，均在法定期限内公开。")

    def scan(canvas):
        canvas.drawImage(ImageReader(Image.fromarray(picture)), 0, 0, 595, 842)

    document = read_pdf(build_pdf(text, scan), LIMITS)
    assert [cell[4] for cell in document.tables[0]] == SMALL_TEXTS
    assert document.blocks[0].text == "一、总体情况"
    assert [notice.reason_code for notice in document.notices] == ["recognised_text"]


def test_scan_in_an_ofd_is_read_like_one_in_a_pdf():
    """Two strips of the sheet, the lower one stored upside down, as scanning programs cut and turn them."""
    (picture,) = draw_pictures(build_pdf(small_page))
    half = picture.shape[0] // 2
    strips = [pack_pictures([picture[:half]], "PNG"), pack_pictures([picture[half:][::-1]], "PNG")]
    media = '<ofd:MultiMedia ID="{0}"><ofd:MediaFile>{0}.png</ofd:MediaFile></ofd:MultiMedia>'
    drawn = '<ofd:ImageObject Boundary="0 {1} 210 148.5" CTM="210 0 0 {2} 0 {3}" ResourceID="{0}"/>'
    data = build_ofd(
        [drawn.format(1, 0, 148.5, 0) + drawn.format(2, 148.5, -148.5, 148.5)],
        resources=media.format(1) + media.format(2),
        extra={f"Doc_0/Res/{number}.png": strip for number, strip in enumerate(strips, 1)},
    )
    document = read_document("a.ofd", data)
    assert [cell[4] for cell in document.tables[0]] == SMALL_TEXTS
    assert [notice.reason_code for notice in document.notices] == ["recognised_text"]


def test_two_readings_are_the_same():
    data = pack_pictures([small_picture(turn=0.7, noise=20)])
    assert read_pdf(data, LIMITS) == read_pdf(data, LIMITS)


def test_workers_read_scans_within_their_memory(tmp_path):
    raw = tmp_path / "raw/2023"
    raw.mkdir(parents=True)
    (raw / "a.png").write_bytes(pack_pictures([small_picture()], "PNG"))
    (raw / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(99))
    workspace = Workspace(tmp_path / "raw", tmp_path / "warehouse")
    tasks = [ReadTask(workspace, n, f"2023/{name}.png", "") for n, name in enumerate("ab")]
    tasks = [replace(task, sha256=sha256_of(tmp_path / "raw" / task.path)) for task in tasks]
    document, rejection = map_files(read_file, tasks, workers=2, chunk=1, seconds=300)
    assert isinstance(document, Document)
    assert [cell[4] for cell in document.tables[0]] == SMALL_TEXTS
    assert isinstance(rejection, Rejection)
    assert rejection.reason_code == "broken_document"


def sha256_of(path):
    from hashlib import sha256

    return sha256(path.read_bytes()).hexdigest()


# ------------------------------------------------------------------------------------------------------ what is doubted


def deface(picture, row, column, paint):
    """Let `paint` change the grey values of one of the small table's cells."""
    scale = 150 / 72
    left, top = 50 + (0, 160, 260)[column - 1], 100 + 26 * (row - 1)
    width = (160, 100, 100)[column - 1]
    edges = [round(edge * scale) for edge in (top + 3, top + 23, left + 3, left + width - 3)]
    cell = picture[edges[0] : edges[1], edges[2] : edges[3]]
    cell[:] = paint(cell)


@pytest.mark.parametrize(
    "paint",
    [
        lambda cell: np.where(np.arange(cell.shape[0])[:, None] < cell.shape[0] // 2 + 1, 240, cell),  # the lower half
        lambda cell: np.where((np.indices(cell.shape).sum(axis=0) // 2) % 2, 60, cell),  # hatched over
        lambda cell: np.minimum(cell, np.roll(cell, 3, axis=1)),  # printed twice, three pixels apart
    ],
    ids=["half", "hatched", "doubled"],
)
def test_defaced_figure_is_never_another_figure(paint):
    picture = small_picture()
    deface(picture, 2, 3, paint)
    found = small_texts(pack_pictures([picture], "PNG"))
    assert all(seen == text or UNREADABLE in seen for seen, text in zip(found, SMALL_TEXTS, strict=True)), found
    assert UNREADABLE in found[5]


@pytest.mark.parametrize(
    ("ink", "centre"), [(40, (480, 330)), (150, (480, 330)), (150, (560, 200)), (150, (760, 250)), (120, (380, 260))]
)
def test_a_seal_hides_the_figures_that_it_touches_and_turns_none_into_a_blank(ink, centre):
    """The ring took 40 along with it as ink that is no text, and its cell was blank; or it hid a border."""
    picture = small_picture()
    layer = np.full(picture.shape, 255, np.uint8)
    cv2.circle(layer, centre, 110, ink, 8, cv2.LINE_AA)
    cv2.circle(layer, centre, 30, ink, -1, cv2.LINE_AA)
    (table,) = read_document("a", pack_pictures([np.minimum(picture, layer)], "PNG")).tables
    found = {cell[:2]: cell[4] for cell in table}
    figures = {cell[:2]: cell[4] for cell in SMALL if cell[1] > 1 and cell[:2] in found}
    assert all(found[place] == text or UNREADABLE in found[place] for place, text in figures.items()), found
    assert any(UNREADABLE in text for text in found.values())


def test_figure_under_a_ruling_line_is_illegible():
    cells = [(*cell[:4], "" if cell[:2] == (2, 3) else cell[4]) for cell in SMALL]

    def page(canvas):
        small_page(canvas, cells)
        draw_text(canvas, 320, 128.5, "118", 9)  # its feet stand below the border above

    assert UNREADABLE in "".join(small_texts(scan_pdf(build_pdf(page))))


def seen(text, score=0.99):
    return [Seen(one, (number + 0.5) / max(len(text), 1), score) for number, one in enumerate(text)]


def draw_digits(text, size=40):
    """Return a figure's grey values on white paper, and the pixels of an em.

    Drawn in the font that PDFium brings along: in one of the machine's, neighbouring digits may touch.
    """

    def paint(canvas):
        canvas.setFont("Helvetica", size)
        canvas.drawString(60, 742, text)

    (picture,) = draw_pictures(build_pdf(paint), dpi=72)
    rows, columns = np.where(picture < 140)
    return picture[rows.min() - 4 : rows.max() + 5, columns.min() - 4 : columns.max() + 5], size


def look(text, ink, second=None, score=0.99, **piece):
    grey, em = draw_digits(ink)
    box = Ink(4, 4, grey.shape[1] - 4, grey.shape[0] - 4, piece.pop("is_cut", False))
    region = Region(0, 0, 500, 100, piece.pop("is_cell", True))
    return Look(
        Piece(region, (box,), em, **piece), grey, seen(text, score), seen(text if second is None else second, score)
    )


def weighed(*arguments, spacing=None, **options):
    return "".join(one.text for one in weigh(look(*arguments, **options), spacing))


def test_digits_are_believed_where_looks_and_ink_agree():
    assert weighed("1204", "1204") == "1204"
    assert weighed("12.5", "12.5") == "12.5"
    assert weighed("/", "/") == "/"


@pytest.mark.parametrize(
    ("text", "ink", "options"),
    [
        ("1204", "1204", {"second": "1264"}),
        ("1204", "1204", {"second": "120"}),
        ("1204", "1204", {"score": 0.5}),
        ("1", "11", {}),  # a digit was skipped
        ("00", "0", {}),  # or doubled
        ("125", "12.5", {}),  # a decimal point was skipped
        ("12.5", "125", {}),
        ("12 5", "12  5", {}),  # two figures
        ("1204", "1204", {"is_cut": True}),
        ("1", "/", {"second": "/"}),
        ("-", "-", {"second": "1"}),
        ("1204", "1204", {"is_blotted": True}),
        ("/", "/", {"is_blotted": True}),
        ("-", "-", {"is_cut": True}),
        ("八", "0", {"score": 0.9}),
        ("无", "0", {"second": "元"}),
    ],
)
def test_digits_beyond_no_doubt_are_illegible(text, ink, options):
    found = weighed(text, ink, **options)
    assert UNREADABLE in found
    assert not any(map(str.isdigit, found))


def test_touching_digits_are_believed_where_their_width_fits():
    touching = look("888", "888")
    grey, em = draw_digits("888")
    grey = np.minimum(grey, 240).copy()
    grey[grey.shape[0] // 2, 4:-4] = 30  # one stroke through both
    touching = replace(touching, grey=grey)
    width = (grey.shape[1] - 8) / em
    assert UNREADABLE in "".join(one.text for one in weigh(touching, None))
    believed = weigh(touching, Spacing(width * 0.34, width * 0.3))
    assert "".join(one.text for one in believed) == "888"
    assert UNREADABLE in "".join(one.text for one in weigh(touching, Spacing(width * 0.25, width * 0.25)))


def test_spacing_is_measured_where_figures_are_many():
    looks = [look(text, text) for text in ("0", "2", "3", "4", "5", "100", "234", "2345", "678", "908", "30", "56")]
    spacing = measure_spacing(looks)
    assert spacing is not None
    assert spacing.fits((looks[7].piece.box.right - looks[7].piece.box.left) / 40, 4)
    assert measure_spacing(looks[:6]) is None


def test_ink_beside_a_figure_is_noticed():
    assert count_figure_ink(*draw_digits("1204")) == (4, 0)
    assert count_figure_ink(*draw_digits("12.5")) == (3, 1)
    grey, em = draw_digits("12")
    assert count_figure_ink(grey, em * 4) is None


def test_text_outside_tables_says_what_it_does_not_know():
    assert weighed("2023年", "0", is_cell=False, score=0.7) == UNREADABLE * 5
    assert weighed("2023年", "0", is_cell=False) == "2023年"
    assert weighed("，。", "0", is_cell=False, score=0.3) == ""
    assert needs_second_look(seen("1.属于")) is True
    assert needs_second_look(seen("属于")) is False
    assert needs_second_look(seen("—")) is True


def test_turn_is_measured():
    (picture,) = draw_pictures(request_page(9), turn=-2.0, noise=8)
    assert level_picture(picture, 150 / 72).turn == pytest.approx(2.0, abs=0.06)


# -------------------------------------------------------------------------------------------------------------- hostile


def png(width, height, *chunks):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunk(*one) for one in chunks) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (png(60_000, 60_000, (b"IDAT", zlib.compress(bytes(99)))), "limit_exceeded"),
        (png(12_000, 12_000, (b"IDAT", zlib.compress(bytes(99)))), "limit_exceeded"),
        (png(100, 100, (b"IDAT", b"nonsense")), "broken_document"),
        (png(0, 0), "broken_document"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "broken_document"),
        (b"II*\x00" + bytes(50), "broken_document"),
    ],
)
def test_hostile_pictures_are_refused(data, reason):
    with pytest.raises(DocumentError) as error:
        read_document("a.png", data)
    assert error.value.reason_code == reason


@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (900, 2), (40, 40)])
def test_pictures_without_text_are_refused(shape):
    for kind in ("PNG", "PDF"):
        with pytest.raises(DocumentError, match="recognised"):
            read_document("a", pack_pictures([np.full(shape, 255, np.uint8)], kind))
