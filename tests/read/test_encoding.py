"""Encodings: what is declared, what is true, and what must never happen to a figure."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import DocumentError
from pipelines.read.encoding import decode_text, wide_encoding

SIMPLIFIED = "二〇二一年政府信息公开工作年度报告，收到和处理政府信息公开申请情况：规章 15 件，行政规范性文件 3 件。" * 3
TRADITIONAL = "政府資訊公開年度報告，受理申請案件數量統計表，行政機關處理決定，規範性檔案 15 件。" * 3


def page(text, charset):
    return f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}"></head><p>{text}'


@pytest.mark.parametrize("text", [SIMPLIFIED, TRADITIONAL])
@pytest.mark.parametrize("declared", ["utf-8", "gb2312", "GBK", "big5", "iso-8859-1", "utf-16", "x-none", "hex", ""])
@pytest.mark.parametrize("actual", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-32"])
def test_a_wrong_declaration_is_survived(text, declared, actual):
    if text is TRADITIONAL and actual.startswith("gb") and declared == "big5":
        pytest.skip("both readings are traditional text: the declaration is all there is")
    written = page(text, declared)
    assert decode_text(written.encode(actual)).text == written


@pytest.mark.parametrize("declared", ["big5", "gb2312", "utf-8", ""])
def test_big5_is_told_from_gb18030(declared):
    decoded = decode_text(page(TRADITIONAL, declared).encode("big5"))
    assert decoded.text == page(TRADITIONAL, declared)
    assert decoded.encoding == "big5hkscs"


def test_gb2312_is_read_as_its_superset():
    decoded = decode_text(page("朱镕基 㐀", "gb2312").encode("gb18030"))
    assert (decoded.text[-5:], decoded.encoding) == ("朱镕基 㐀", "gb18030")


def test_a_broken_byte_in_prose_is_replaced_and_named():
    good = (SIMPLIFIED.replace("15", "").replace("3", "") * 20).encode()
    decoded = decode_text(good[:300] + b"\xff" + good[300:])
    assert 1 <= decoded.text.count("\ufffd") <= 4
    assert [notice.reason_code for notice in decoded.notices] == ["damaged_text"]


@pytest.mark.parametrize("damage", [b"\xff", b"\xe4", b"\x81"])
def test_a_broken_byte_near_a_figure_refuses(damage):
    good = (SIMPLIFIED * 20).encode()
    place = good.index(b"15") + 1
    with pytest.raises(DocumentError) as caught:
        decode_text(good[:place] + damage + good[place:])
    assert caught.value.reason_code == "undecodable_text"


def test_many_broken_bytes_refuse():
    text = ("规章" * 400).encode()
    with pytest.raises(DocumentError):
        decode_text(b"\xff".join(text[i : i + 30] for i in range(0, len(text), 30)))


@pytest.mark.parametrize("mark", ["\u200b", "\ufeff", "\u200d", "\u00a0", "\u00ad"])
def test_marks_that_nobody_sees_hide_no_encoding(mark):
    text = "表\n" + "\n".join(
        f"{mark}{row}{mark}\t{mark}3{mark}" for row in ("规章", "行政规范性文件", "行政许可", "行政处罚")
    )
    assert wide_encoding(text.encode("utf-16-le")) == "utf-16-le"
    assert decode_text(text.encode("utf-16-be")).text == text


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80), st.sampled_from(["utf-8-sig", "utf-16"]))
def test_marked_text_round_trips(text, encoding):
    assert decode_text(text.encode(encoding)).text == text


@given(st.binary(max_size=300))
def test_any_bytes_are_decoded_or_refused(data):
    with contextlib.suppress(DocumentError):
        decode_text(data)


@given(
    st.integers(0, 10**7),
    st.binary(min_size=1, max_size=6),
    st.integers(0, 5000),
    st.sampled_from(["utf-8", "gb18030"]),
)
def test_figures_are_never_altered(figure, noise, place, encoding):
    """Noise may refuse the text; where it is read all the same, the figure stands there with all its digits."""
    noise = bytes(byte for byte in noise if not chr(byte).isdigit())
    text = ("叙述文字" * 800 + f" 规章 {figure} 件。" + "叙述文字" * 800).encode(encoding)
    start = text.index(str(figure).encode())
    place = min(place, start)
    try:
        decoded = decode_text(text[:place] + noise + text[place:])
    except DocumentError:
        return
    assert str(figure) in decoded.text


def test_a_footer_in_another_encoding_leaves_the_page_readable():
    """A portal sets its own footer in GBK under each page in UTF-8: the page was refused."""
    head = "<p>" + "本机关主动公开政府信息情况如下，规章三件，" * 40 + "规章 12 件</p>"
    decoded = decode_text(head.encode() + "<div>版权所有 技术支持</div>".encode("gbk"))
    assert decoded.encoding == "utf-8"
    assert "规章 12 件" in decoded.text
    assert [notice.reason_code for notice in decoded.notices] == ["damaged_text"]


def test_a_piece_of_another_encoding_with_digits_refuses():
    head = "<p>" + "本机关主动公开政府信息情况如下，规章三件，" * 40 + "</p>"
    with pytest.raises(DocumentError):
        decode_text(head.encode() + "版权所有12".encode("gbk"))
