"""Files whose bytes cost more than they hold: each is refused, or costs no more than its length."""

import time
from collections.abc import Callable

import pytest

from pipelines.errors import DocumentError
from pipelines.normalize.folding import fold_label
from pipelines.normalize.lexicon import load_lexicon
from pipelines.read.headed_tables import head_tables
from pipelines.read.html.mhtml import read_mhtml
from pipelines.read.html.reader import read_html
from pipelines.read.model import Block, Document
from pipelines.read.rtf.reader import read_rtf
from pipelines.read.text.reader import read_text
from pipelines.settings import ReadLimits
from schemas.vocabulary import BlockKind, FileFormat
from tests.normalize.tables import read_tables

_MAIL = (
    "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x{}\r\n\r\n--x\r\nContent-Type: text/html{}\r\n\r\n"
)


def _attributes(count: int) -> str:
    return " ".join(f"a{number}=''" for number in range(count))


@pytest.mark.parametrize(
    ("read", "data"),
    [
        (read_html, f"<p {_attributes(30_000)}>1"),
        (read_html, f"<p {_attributes(15_000)}><p {_attributes(15_000)}>1"),
        (read_html, "<br>" * 3_000_001),
        (read_text, "1," * 4_000_001),
        (lambda data: read_mhtml(data, ReadLimits()), _MAIL.format(";a=b" * 5_000, "")),
        (lambda data: read_mhtml(data, ReadLimits()), _MAIL.format("", ";a=b" * 5_000)),
    ],
    ids=["attributes", "attributes of two", "tags", "text", "header", "header of a part"],
)
def test_what_would_cost_much_is_refused(read: Callable[[bytes], Document], data: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read(data.encode())
    assert caught.value.reason_code == "limit_exceeded"


@pytest.mark.parametrize(
    "page",
    [
        f"<p {_attributes(10_000)}>1",
        f"<script>if(a<b){{c={'1 ' * 10_000}}}</script>1",
        "<img src='data:image/png;base64," + "iVBORw0KGgo/+" * 10_000 + "'>1",
        "<p title='" + "政府 信息 " * 20_000 + "'>1",
    ],
)
def test_long_tags_scripts_and_pictures_are_read(page: str) -> None:
    assert read_html((page + " " * 64 * 1024).encode()).blocks[-1].text == "1"


def test_heads_are_looked_for_once_for_all_tables() -> None:
    count = 20_000
    cells = [(1, 1, 1, 1, "一、本年新收"), (1, 2, 1, 1, "3")]
    blocks = [Block(BlockKind.TABLE, "", table_number=number + 1) for number in range(count)]
    document = Document(FileFormat.HTML, blocks=blocks, tables=[list(cells) for _ in range(count)])
    started = time.process_time()
    head_tables(document)
    assert time.process_time() - started < 1.5  # each of all with all takes three times as long


def test_a_label_is_as_quick_to_look_up_however_long_it_is() -> None:
    label = fold_label("（一）" * 50_000 + "予以公开")
    started = time.process_time()
    assert not load_lexicon().find(label)
    assert time.process_time() - started < 0.5
    groups = fold_label("三、本年度办理结果" * 2_000 + "1.重复申请")
    assert not load_lexicon().find(groups)


def test_a_first_line_is_looked_for_once_in_each_paragraph() -> None:
    lines = "a\\par " * 20_000
    started = time.process_time()
    assert len(read_rtf(f"{{\\rtf1 {lines}}}".encode(), ReadLimits()).blocks) == 20_000
    assert time.process_time() - started < 5  # each with all before it: three times as long


def test_a_table_of_nothing_but_heads_is_as_quick_as_its_length() -> None:
    rows = [["自然人", "商业企业", "总计"] * 15 for _ in range(600)]
    started = time.process_time()
    read_tables([[*rows, ["一、本年新收政府信息公开申请数量", "1", "0", "1"]]])
    assert time.process_time() - started < 4  # with all heads above: three times as long
