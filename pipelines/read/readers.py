"""Which reader opens which container, and the one door through which a document is read.

Readers are imported when their container first turns up: a run over text files loads neither lxml nor PDFium, and an
installation without an optional extra reads everything else.
"""

from collections.abc import Callable
from functools import cache
from importlib import import_module

from pipelines.errors import DocumentError
from pipelines.read.answers import unwrap_answer
from pipelines.read.colour import settle_red_figures
from pipelines.read.detect import describe_unread, detect_format
from pipelines.read.enumerations import read_enumerations
from pipelines.read.exported import leave_out_additions
from pipelines.read.gzipped import is_gzip, unpack_gzip
from pipelines.read.headed_tables import head_tables
from pipelines.read.long_tables import widen_long_tables
from pipelines.read.metadata import label_document
from pipelines.read.model import PICTURE, Document
from pipelines.read.pair_lists import read_pair_lists
from pipelines.read.stacked_rows import part_stacked_rows
from pipelines.settings import ReadLimits
from schemas.vocabulary import FileFormat

Reader = Callable[[bytes, ReadLimits], Document]

# Container → module and function. A function takes bytes and limits, returns a Document and raises DocumentError.
READERS: dict[FileFormat, str] = {
    FileFormat.HTML: "pipelines.read.html.reader:read_html",
    FileFormat.TEXT: "pipelines.read.text.reader:read_text",
    FileFormat.DOCX: "pipelines.read.word.docx:read_docx",
    FileFormat.DOC: "pipelines.read.word.doc:read_doc",
    FileFormat.RTF: "pipelines.read.rtf.reader:read_rtf",
    FileFormat.ODT: "pipelines.read.word.odt:read_odt",
    FileFormat.WORD_XML: "pipelines.read.word.flat_xml:read_word_xml",
    FileFormat.MHTML: "pipelines.read.html.mhtml:read_mhtml",
    FileFormat.PDF: "pipelines.read.pdf.reader:read_pdf",
    FileFormat.XLSX: "pipelines.read.sheet.reader:read_spreadsheet",
    FileFormat.XLS: "pipelines.read.sheet.reader:read_spreadsheet",
    FileFormat.OFD: "pipelines.read.ofd.reader:read_ofd",
    FileFormat.ZIP: "pipelines.read.archive:read_archive",
    FileFormat.IMAGE: "pipelines.read.scan.image:read_image",
}
_ANSWERS = (FileFormat.HTML, FileFormat.TEXT)  # what the answers of interfaces pass for
_EXTRAS = {FileFormat.IMAGE: "ocr"}


def read_document(name: str, data: bytes, limits: ReadLimits = ReadLimits()) -> Document:
    """Return the document in `data`, read by what its bytes are.

    Args:
        name: Name of the file, for messages only.
        data: The whole file.
        limits: Bounds beyond which the document is refused.

    Raises:
        DocumentError: With the reason code under which the file is rejected.

    >>> read_document("a.md", "# 某局2021年报告".encode()).blocks[0].text
    '某局2021年报告'
    """
    limits.refuse_large(data, name)
    if is_gzip(data):
        data = unpack_gzip(data, limits)
    file_format = detect_format(name, data)
    if file_format is FileFormat.UNKNOWN:
        known = describe_unread(data)
        what = f"is {known}" if known else f"begins with {data[:8]!r}, which fits no container that is read"
        raise DocumentError("unknown_format", f"{name} {what}")
    answer = unwrap_answer(data) if file_format in _ANSWERS else None
    if answer is not None:
        document = load_reader(answer.format)(answer.content, limits)
        document.encoding = answer.encoding
    else:
        document = load_reader(file_format)(data, limits)
    leave_out_additions(document)
    part_stacked_rows(document)
    widen_long_tables(document)
    settle_red_figures(document, is_painted=file_format is FileFormat.PDF)
    head_tables(document)
    read_enumerations(document)
    read_pair_lists(document)
    for block in document.blocks:
        block.text = block.text.replace(PICTURE, "")  # doubts about digits concern figures, and these are in tables now
    label_document(document)
    return document


@cache
def load_reader(file_format: FileFormat) -> Reader:
    """Return the reader of a container.

    Raises:
        DocumentError: unsupported_format, the reader or a library that it needs is not installed.
    """
    module_name, function_name = READERS[file_format].split(":")
    try:
        module = import_module(module_name)
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get(file_format)
        remedy = f"install the extra `{extra}`" if extra else f"install {error.name}"
        message = f"{file_format.value} files cannot be read here ({error.name} is missing): {remedy}"
        raise DocumentError("unsupported_format", message) from error
    reader: Reader = getattr(module, function_name)
    return reader
