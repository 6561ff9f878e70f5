"""What a file says of itself in its properties."""

from lxml import etree

from pipelines.ingest.zipsafe import SafeZip
from pipelines.read.model import Block, Document
from pipelines.read.xmlsafe import parse_xml
from schemas.vocabulary import BlockKind

DUBLIN_CORE_TITLE = "{http://purl.org/dc/elements/1.1/}title"


def add_stated_title(properties: etree._Element, tag: str, document: Document) -> None:
    """Add the title that properties state, which may be a leftover of the template and is only a candidate."""
    for node in properties.iter(tag):
        if node.text and node.text.strip():
            document.blocks.append(Block(BlockKind.TITLE, node.text.strip(), label="title"))


def add_packaged_title(package: SafeZip, part: str, document: Document) -> None:
    """Add the title that the part of a package's properties states, where it has that part."""
    if package.has(part):
        add_stated_title(parse_xml(package.read(part), part), DUBLIN_CORE_TITLE, document)
