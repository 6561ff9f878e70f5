"""RTF reader: what many a .doc on government sites is in truth, rewritten as WordprocessingML and read as such."""

from lxml import etree

from pipelines.errors import DocumentError
from pipelines.read.model import Block, Document, Notice
from pipelines.read.rtf.interpreter import interpret_rtf
from pipelines.read.word.build import element
from pipelines.read.word.docx import read_word_tree
from pipelines.read.word.markup import word
from pipelines.settings import ReadLimits
from schemas.vocabulary import BlockKind, FileFormat

_MAGIC = b"{\\rtf"


def read_rtf(data: bytes, limits: ReadLimits) -> Document:
    """Return an RTF document as laid out, whatever its name; Word, WPS and LibreOffice write it.

    Tracked deletions, hidden and struck text, headers and footers are left out, as in DOCX; the text of boxes follows
    the paragraph at which they hang, footnotes follow the body.

    Args:
        data: The file's bytes.
        limits: Bounds on size, cells and nesting.

    Raises:
        DocumentError: broken_document, it holds no text; limit_exceeded.
    """
    limits.refuse_large(data)
    if not data.lstrip().startswith(_MAGIC):
        raise DocumentError("broken_document", "the file does not begin as RTF does; its extension may be wrong")
    root = element(word("document"))
    body = etree.SubElement(root, word("body"))
    found = interpret_rtf(data, limits)
    body.extend(found.blocks)
    document = Document(FileFormat.RTF)
    if found.is_cut:
        message = "the file ends within the text; what stood behind is missing, fetch the file again"
        document.notices.append(Notice("damaged_text", message))
    if found.title:
        document.blocks.append(Block(BlockKind.TITLE, found.title, label="title"))
    read_word_tree(root, etree.tostring(root, encoding="utf-8"), document, limits)
    if not document.blocks and not document.tables:
        raise DocumentError("broken_document", "the RTF holds no text; fetch the file again")
    return document
