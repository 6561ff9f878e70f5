"""DOC: a real binary document through the converter, and everything that is none."""

from contextlib import suppress
from pathlib import Path

import pytest
from doc2docx.errors import InvalidWordDocument
from doc2docx.msdoc import formatting
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.errors import DocumentError
from pipelines.read.word.doc import read_doc
from pipelines.settings import ReadLimits
from schemas.vocabulary import BlockKind, FileFormat
from tests.read.docx_builder import made_up_figures
from tests.read.printed import check_report

DATA = Path(__file__).parent / "data"
LIMITS = ReadLimits()


def report() -> bytes:
    return (DATA / "report_2021.doc").read_bytes()


def reason(data: bytes, limits: ReadLimits = LIMITS) -> str:
    with pytest.raises(DocumentError) as error:
        read_doc(data, limits)
    return error.value.reason_code


def test_binary_report_keeps_every_figure_in_its_cell():
    document = read_doc(report(), LIMITS)
    check_report(document, made_up_figures(), ("request", "challenge"))
    assert document.format is FileFormat.DOC
    assert document.blocks[0].kind is BlockKind.TITLE
    assert next(b.text for b in document.blocks if b.kind is BlockKind.HEADING).startswith("三、")


def test_encrypted_document_asks_for_a_copy():
    data = bytearray(report())
    start = data.find(b"\xec\xa5\x01\x01")  # the file information block; bit 8 of its flags says encrypted
    data[start + 11] |= 0x01
    assert reason(bytes(data)) == "password_protected"


def test_encrypted_package_is_named():
    data = report() + "EncryptedPackage".encode("utf-16-le")
    assert reason(data) == "password_protected"


def test_padding_of_paragraph_properties_may_hold_anything():
    # As LibreOffice writes it: three properties, and a byte that was left over.
    properties = bytes.fromhex("03240061240041240006")
    document = read_doc(report(), LIMITS)  # makes the converter ready
    assert document.tables
    parsed = formatting.parse_grpprl(properties, label="x", allow_trailing_zero_padding=True)
    assert [modifier.opcode for modifier in parsed] == [0x2403, 0x2461, 0x2441]
    with pytest.raises(InvalidWordDocument):
        formatting.parse_grpprl(properties[:-1] + b"\x03\x24", label="x", allow_trailing_zero_padding=True)


def test_workbook_and_text_are_no_word_documents():
    assert reason((DATA / "formats.xls").read_bytes()) == "unsupported_format"
    assert reason(b"{\\rtf1}") == "broken_document"
    assert reason(b"") == "broken_document"


def test_limit_on_the_file():
    assert reason(report(), ReadLimits(file_bytes=1000)) == "limit_exceeded"


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(0, 39_423),
    st.lists(st.tuples(st.integers(0, 39_423), st.integers(0, 255)), max_size=12),
)
def test_damage_raises_nothing_but_document_errors(cut, changes):
    data = bytearray(report())
    for place, value in changes:
        data[place] = value
    for candidate in (bytes(data), bytes(data[:cut])):
        with suppress(DocumentError):
            read_doc(candidate, LIMITS)
