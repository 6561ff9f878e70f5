"""XML parts of office documents, read without resolving or fetching anything that they name."""

from lxml import etree

from pipelines.errors import DocumentError

_MAX_XML_BYTES = 24 * 2**20  # a tree takes about ten times its text in memory; the body of a report has 1 MB
# What libxml2 reports beyond its own caps: 256 levels of nesting, 10 MB of one text, entities that multiply.
_RESOURCE_LIMIT = etree.ErrorTypes.ERR_RESOURCE_LIMIT


def parse_xml(data: bytes, name: str) -> etree._Element:
    """Return the root of an XML part; entities stay unresolved and nothing is fetched.

    A document type is refused outright: neither OOXML nor OFD has one, and every entity attack needs one.

    Raises:
        DocumentError: broken_document, it is not well formed; limit_exceeded, it is nested beyond libxml2's cap.
    """
    if len(data) > _MAX_XML_BYTES:
        raise DocumentError("limit_exceeded", f"{name!r} has {len(data)} bytes of XML, more than {_MAX_XML_BYTES}")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        code = "limit_exceeded" if getattr(error, "code", None) == _RESOURCE_LIMIT else "broken_document"
        raise DocumentError(code, f"{name!r} is not readable XML ({error}); fetch the file again") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise DocumentError("broken_document", f"{name!r} declares a document type, which this format forbids")
    return root
