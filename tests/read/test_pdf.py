"""PDF: placed characters and drawn lines become the tables and paragraphs that were printed, whatever way they lie."""

import subprocess
import sys

import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader

from pipelines.errors import DocumentError
from pipelines.read.pages.ruling import Segment, merge_segments
from pipelines.read.pdf.reader import read_pdf
from pipelines.read.readers import read_document
from tests.read.pdf_builder import FONT, HEIGHT, WIDTH, build_pdf, draw_table, draw_text
from tests.read.pdf_tables import HEIGHTS, LIMITS, SMALL, WIDTHS, reason, small_table, tables, texts


def test_title_is_no_part_of_a_paragraph_where_no_two_lines_reach_the_margin():
    # Two lines of the text happen to end below the title's end, which is no margin: two others are longer.
    title = "福州市平潭县人民政府办公室二〇二〇年政府信息公开工作年度报告"
    body = [
        "根据条例的规定" * 6 + "编制",
        "本报告所列数据的统计期限" * 3 + "自一月至十二月止。。",
        "（一）主动公开情况" * 4 + "如下",
        "统计" * 19,
    ]

    def paint(canvas):
        draw_text(canvas, 150, 60, title, size=10)
        for number, line in enumerate(body, 1):
            draw_text(canvas, 72, 60 + 13 * number, line, size=10)

    blocks = read_pdf(build_pdf(paint), LIMITS).blocks
    assert blocks[0].text == title


def test_borders_of_another_table_of_the_page_tear_no_border_apart():
    # As Chromium prints two tables: both sides of each border, and the upper table's 2.2 points before the lower one's.
    upper = [Segment(x, y, x, y + 20) for x in (247.9, 248.6) for y in range(500, 760, 20)]
    lower = [Segment(x, 434, x, 490) for x in (250.1, 250.9)]
    _, vertical = merge_segments([*upper, *lower])
    assert [(round(line.position, 2), line.start, line.end) for line in vertical] == [
        (248.25, 500, 760),
        (250.5, 434, 490),
    ]


def test_table_printed_twice_to_look_bold_is_printed_once():
    def paint(canvas):
        small_table(canvas)
        small_table(canvas, left=50.3, style="none")

    assert tables(build_pdf(paint)) == [SMALL]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_rotated_pages(rotation):
    height = WIDTH if rotation % 180 else HEIGHT
    assert tables(build_pdf(lambda c: small_table(c, page_height=height), rotation=rotation)) == [SMALL]


def test_table_on_its_side():
    def paint(canvas):
        canvas.rotate(90)
        canvas.translate(0, -WIDTH)
        small_table(canvas, page_height=WIDTH)

    assert tables(build_pdf(paint)) == [SMALL]


@pytest.mark.parametrize("turn", [90, -90])
def test_labels_on_their_side_are_read_as_they_run(turn):
    cells = [(1, column, 1, 1, label) for column, label in ((1, "信息内容"), (2, "自然人"), (3, "商业企业"))]

    def paint(canvas):
        small_table(
            canvas, [*((*cell[:4], "") for cell in cells), *((2, *cell[1:]) for cell in SMALL[:3])], heights=[60, 20]
        )
        draw_text(canvas, 50, 300, "本机关依法公开政府信息，扎实推进各项工作。")
        for x, (*_, label) in zip((80, 130, 170), cells, strict=True):
            canvas.saveState()
            canvas.translate(x, HEIGHT - 130)
            canvas.rotate(turn)
            canvas.setFont(FONT, 9)
            canvas.drawCentredString(0, 0, label)
            canvas.restoreState()

    (table,) = tables(build_pdf(paint))
    assert [cell[4] for cell in table] == ["信息内容", "自然人", "商业企业", "规章", "12", "3"]


def test_forms_are_read_where_they_are_placed():
    def paint(canvas):
        canvas.beginForm("f")
        canvas.setFont(FONT, 10)
        small_table(canvas)
        canvas.endForm()
        canvas.translate(20, 100)
        canvas.scale(0.8, 0.8)
        canvas.doForm("f")

    assert tables(build_pdf(paint)) == [SMALL]


def test_table_without_outer_borders():
    def paint(canvas):
        for top in (100, 120, 140):
            canvas.line(50, HEIGHT - top, 190, HEIGHT - top)
        for x in (110, 150):
            canvas.line(x, HEIGHT - 100, x, HEIGHT - 140)
        small_table(canvas, style="none")

    assert tables(build_pdf(paint)) == [SMALL]


@pytest.mark.parametrize(("far", "found"), [(190, True), (150, False)])
def test_two_columns_without_outer_borders(far, found):
    cells = [cell for cell in SMALL if cell[1] < 3]

    def paint(canvas):
        for top, end in ((100, 190), (120, far), (140, 190)):
            canvas.line(50, HEIGHT - top, end, HEIGHT - top)
        canvas.line(110, HEIGHT - 100, 110, HEIGHT - 140)
        small_table(canvas, cells, style="none")

    assert tables(build_pdf(paint)) == ([cells] if found else [])


def test_columns_without_lines_are_taken_only_where_they_are_clear():
    cells = [*SMALL, (3, 1, 1, 1, "处罚"), (3, 2, 1, 1, "0"), (3, 3, 1, 1, "1")]
    assert tables(build_pdf(lambda c: small_table(c, cells, heights=[20] * 3, style="none"))) == [cells]

    def shifted(canvas):
        small_table(canvas, cells, heights=[20] * 3, style="none")
        draw_text(canvas, 52, 173, "行政规范性文件", 9)
        draw_text(canvas, 152, 173, "4", 9)

    assert tables(build_pdf(shifted)) == []
    narrow = build_pdf(lambda c: small_table(c, cells, heights=[20] * 3, widths=[40, 10, 10], style="none"))
    assert tables(narrow) == []


def test_watermark_and_diagonal_line_are_ignored():
    def paint(canvas):
        small_table(canvas)
        canvas.line(50, HEIGHT - 100, 110, HEIGHT - 120)
        canvas.translate(100, HEIGHT - 150)
        canvas.rotate(45)
        canvas.setFont(FONT, 40)
        canvas.drawString(0, 0, "内部资料 2023")

    assert tables(build_pdf(paint)) == [SMALL]


def test_digits_of_a_watermark_that_hardly_leans_join_no_figure():
    # All figures of so small a page are doubtful, and without recognition the whole is refused.
    pytest.importorskip("rapidocr", reason="the optional extra `ocr` is not installed: make ocr")

    def paint(canvas):
        small_table(canvas)
        canvas.translate(117, HEIGHT - 113)
        canvas.rotate(8)
        canvas.setFont(FONT, 9)
        canvas.drawString(6, 0, "2023")

    texts = [text for *_, text in tables(build_pdf(paint))[0]]
    assert not [text for text in texts if text.isdigit() and text not in {"12", "3", "7", "8"}]
    assert [text for text in texts if "\ufffd" in text]


def test_borders_may_be_drawn_as_images():
    dot = ImageReader(Image.new("L", (1, 1)))

    def paint(canvas):
        draw_table(canvas, SMALL, widths=WIDTHS, heights=HEIGHTS, style="none")
        for y in (100, 120, 140):
            canvas.drawImage(dot, 50, HEIGHT - y, 140, 0.75)
        for x in (50, 110, 150, 190):
            canvas.drawImage(dot, x, HEIGHT - 140, 0.75, 40)

    assert tables(build_pdf(paint)) == [SMALL]


def test_frames_are_no_tables():
    lines = ["本机关认真贯彻落实政府信息公开条例，全年主动公开政府信息一千", "二百条，办理申请二十一件。"]

    def paint(canvas):
        canvas.rect(40, 40, 515, 760)
        for number, line in enumerate(lines):
            draw_text(canvas, 72 if number == 0 else 50, 60 + 15 * number, line, 16)
        small_table(canvas)

    document = read_pdf(build_pdf(paint), LIMITS)
    assert document.tables == [SMALL]
    assert document.blocks[0].text == "".join(lines)
    boxed = build_pdf(
        lambda c: draw_table(c, [(1, 1, 1, 1, "框内文字"), (2, 1, 1, 1, "又一段")], widths=[200], heights=[30] * 2)
    )
    assert tables(boxed) == []
    assert texts(boxed) == ["框内文字", "又一段"]


def test_title_of_two_lines_headings_and_paragraphs_over_pages():
    def first(canvas):
        draw_text(canvas, 220, 80, "某某区人民政府", 22)
        draw_text(canvas, 155, 115, "2023年政府信息公开工作年度报告", 19 + 3)
        draw_text(canvas, 50, 700, "一、总体情况", 16)
        draw_text(canvas, 82, 730, "本机关全年主动公开政府信息一千二百条，其中规范性文件五件，", 16)
        draw_text(canvas, 50, 760, "政府网站公开九百条，政务新媒体公开三百条，均在法定期限内公开", 16)
        draw_text(canvas, 290, 820, "— 1 —")

    def second(canvas):
        draw_text(canvas, 50, 60, "完毕。", 16)
        draw_text(canvas, 82, 90, "另起一段。", 16)
        draw_text(canvas, 290, 820, "— 2 —")

    document = read_document("x.pdf", build_pdf(first, second))
    assert [(block.kind.value, block.text[:13]) for block in document.blocks] == [
        ("title", "某某区人民政府2023年政"),
        ("heading", "一、总体情况"),
        ("paragraph", "本机关全年主动公开政府信息"),
        ("paragraph", "另起一段。"),
    ]
    assert document.blocks[2].text.endswith("公开完毕。")


def test_lone_characters_of_a_font_that_is_nowhere_installed_are_kept():
    """PDFium's text page leaves out text of no width: set downwards, a label would vanish on a server without fonts."""
    program = """
import ctypes, sys, tempfile
import pypdfium2, pypdfium2.raw as pdfium
pdfium.FPDF_DestroyLibrary()
paths = (ctypes.POINTER(ctypes.c_char) * 2)(ctypes.cast(ctypes.create_string_buffer(tempfile.mkdtemp().encode()),
                                                       ctypes.POINTER(ctypes.c_char)), None)
pdfium.FPDF_InitLibraryWithConfig(pdfium.FPDF_LIBRARY_CONFIG(version=2, m_pUserFontPaths=paths))
from pipelines.read.pdf.reader import read_pdf
from pipelines.settings import ReadLimits
sys.stdout.reconfigure(encoding="utf-8")
print([cell[4] for cell in read_pdf(sys.stdin.buffer.read(), ReadLimits()).tables[0]])
"""
    cells = [(1, 1, 1, 1, "结\n果\n维\n持"), (1, 2, 1, 1, "商业企\n业"), (1, 3, 1, 1, "3")]
    data = build_pdf(lambda c: draw_table(c, cells, widths=[20, 40, 40], heights=[60]))
    done = subprocess.run([sys.executable, "-c", program], input=data, capture_output=True, check=True)
    assert done.stdout.decode().strip().replace("\\n", "") == str(["结果维持", "商业企业", "3"])


def test_scan_names_the_extra_that_reads_it(monkeypatch):
    monkeypatch.setattr("pipelines.read.recognition.has_recognition", lambda: False)
    from PIL import Image

    image = Image.new("L", (60, 80), 200)

    def scan(canvas):
        canvas.drawInlineImage(image, 0, 0, WIDTH, HEIGHT)

    with pytest.raises(DocumentError, match="`ocr`") as error:
        read_pdf(build_pdf(scan), LIMITS)
    assert error.value.reason_code == "unsupported_format"

    def layered(canvas):
        scan(canvas)
        text = canvas.beginText(50, 700)
        text.setTextRenderMode(3)
        text.textOut("这一层文字由识别软件放在扫描的页面之下供人检索用")
        canvas.drawText(text)

    assert texts(build_pdf(layered))[0].startswith("这一层文字")

    def printed(canvas):
        small_table(canvas)
        draw_text(canvas, 50, 300, "字" * 45)

    mixed = read_pdf(build_pdf(printed, scan), LIMITS)
    assert [notice.reason_code for notice in mixed.notices] == ["unsupported_format"]


def test_encrypted_documents():
    from reportlab.lib.pdfencrypt import StandardEncryption

    locked = build_pdf(small_table, encrypt=StandardEncryption("secret", canPrint=0))
    assert reason(locked) == "password_protected"
    assert tables(build_pdf(small_table, encrypt=StandardEncryption("", "owner"))) == [SMALL]
