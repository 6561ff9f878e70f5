"""OFD reader (GB/T 33190, the national fixed-layout format): its pages are laid out as those of a PDF."""

from collections.abc import Iterator, Sequence
from functools import partial

from lxml import etree

from pipelines.errors import DocumentError
from pipelines.ingest.zipsafe import SafeZip, open_zip
from pipelines.read.model import UNREADABLE, Block, Document
from pipelines.read.ofd.language import read_numbers
from pipelines.read.ofd.page import PAGE, POINTS, DrawnPage
from pipelines.read.ofd.resources import Resources, local_name, named, resolve
from pipelines.read.pages.content import PageContent
from pipelines.read.pages.flow import fill_document
from pipelines.read.pages.plane import Matrix, combine
from pipelines.read.recognition import recognise_pictures
from pipelines.read.xmlsafe import parse_xml
from pipelines.settings import ReadLimits
from schemas.vocabulary import BlockKind, FileFormat

_ROOT_PART = "OFD.xml"
_MAX_PAGES = 2_000
_MAX_OBJECTS = 500_000  # characters and lines of all pages; a report of 30 pages has 50,000
_SHEET = (210.0, 297.0)  # millimetres, where a document does not say how large its pages are
_RESOURCE_LISTS = frozenset({"PublicRes", "DocumentRes", "PageRes"})
_UNPRINTED = frozenset({"Link", "Watermark"})  # annotations that print nothing, or lie behind everything


def read_ofd(data: bytes, limits: ReadLimits) -> Document:
    """Return an OFD document as laid out: titles, headings, paragraphs and tables.

    Pages are put together as those of a PDF are: a table that goes on over pages is one table. Any namespace is
    accepted, because writers disagree about it. Templates and annotations are read as part of their page.

    Args:
        data: The file's bytes.
        limits: Bounds on size and cells.

    Raises:
        DocumentError: broken_document, password_protected or limit_exceeded; unsupported_format where the pages hold
            pictures and no text, as in a scan, and recognition is not installed.
    """
    package = open_zip(data, limits)
    root = parse_xml(package.read(_ROOT_PART), _ROOT_PART)
    if package.has("Encryptions.xml"):
        raise DocumentError("password_protected", "the document is encrypted; ask for a copy without a password")
    document = Document(FileFormat.OFD)
    drawn: list[DrawnPage] = []
    pages: list[PageContent] = []
    objects = 0
    for body in named(root, "DocBody"):
        _add_title(body, document)
        for location in named(body, "DocRoot"):
            for page in _draw_pages(package, resolve("", location.text)):
                drawn.append(page)
                pages.append(page.finish())
                objects += len(pages[-1].characters) + len(pages[-1].segments)
                if objects > _MAX_OBJECTS:
                    message = f"the pages hold more than {_MAX_OBJECTS} characters and lines"
                    raise DocumentError("limit_exceeded", message)
    if not pages:
        raise DocumentError("broken_document", "the OFD document lists no page; fetch the file again")
    recognise_pictures(document, pages, "OFD", partial(_recognise_pages, drawn, tuple(pages)))
    fill_document(document, pages, limits)
    return document


def _add_title(body: etree._Element, document: Document) -> None:
    for info in named(body, "DocInfo"):
        for title in named(info, "Title"):
            if title.text and title.text.strip():
                document.blocks.append(Block(BlockKind.TITLE, title.text.strip(), label="title"))


def _draw_pages(package: SafeZip, document_part: str) -> Iterator[DrawnPage]:
    """Yield each page as drawn: what lies beneath it first, what is laid over it last."""
    root = parse_xml(package.read(document_part), document_part)
    resources = Resources(package)
    _add_resources(root, document_part, resources)
    templates = {
        node.get("ID"): resolve(document_part, node.get("BaseLoc"))
        for node in root.iter()
        if local_name(node) == "TemplatePage"
    }
    pages = [page for group in named(root, "Pages") for page in named(group, "Page")]
    if len(pages) > _MAX_PAGES:
        raise DocumentError("limit_exceeded", f"the document has {len(pages)} pages, more than {_MAX_PAGES}")
    annotations = _list_annotations(package, root, document_part)
    for page in pages:
        part = resolve(document_part, page.get("BaseLoc"))
        content = parse_xml(package.read(part), part)
        _add_resources(content, part, resources)
        width, height = _page_size(content) or _page_size(root) or _SHEET
        drawn = DrawnPage(width * POINTS, height * POINTS, resources)
        beneath: list[etree._Element] = []
        above: list[etree._Element] = []
        for template in named(content, "Template"):
            template_part = templates.get(template.get("TemplateID"))
            if template_part is not None and package.has(template_part):
                layer = above if template.get("ZOrder") == "Foreground" else beneath
                layer.append(parse_xml(package.read(template_part), template_part))
        for root_of_layer in (*beneath, content, *above):
            drawn.draw(root_of_layer)
        for appearance, place in _appearances(package, annotations.get(page.get("ID") or "", ())):
            drawn.draw(appearance, place)
        yield drawn


def _add_resources(root: etree._Element, part: str, resources: Resources) -> None:
    for node in root.iter():
        if local_name(node) in _RESOURCE_LISTS:
            resources.add(resolve(part, node.text))


def _page_size(root: etree._Element) -> tuple[float, float] | None:
    """Return the width and height of a page's sheet in millimetres, where the part states them."""
    for node in root.iter():
        if local_name(node) == "PhysicalBox":
            box = read_numbers(node.text, 4)
            if box is not None and min(box[2:]) > 0:
                return box[2], box[3]
    return None


def _list_annotations(package: SafeZip, root: etree._Element, document_part: str) -> dict[str, list[str]]:
    """Return the parts that hold the annotations of each page, by the page's number."""
    found: dict[str, list[str]] = {}
    for listing in named(root, "Annotations"):
        part = resolve(document_part, listing.text)
        if not package.has(part):
            continue
        for page in named(parse_xml(package.read(part), part), "Page"):
            for location in named(page, "FileLoc"):
                found.setdefault(page.get("PageID") or "", []).append(resolve(part, location.text))
    return found


def _appearances(package: SafeZip, parts: Sequence[str]) -> Iterator[tuple[etree._Element, Matrix]]:
    """Yield what annotations draw, and where: notes, boxes and stamps that are laid over a page belong to it."""
    for part in parts:
        if not package.has(part):
            continue
        for annotation in named(parse_xml(package.read(part), part), "Annot"):
            if annotation.get("Type") in _UNPRINTED or annotation.get("Visible") == "false":
                continue
            for appearance in named(annotation, "Appearance"):
                left, top, _, _ = read_numbers(appearance.get("Boundary"), 4) or (0.0, 0.0, 0.0, 0.0)
                yield appearance, combine((1.0, 0.0, 0.0, 1.0, left, top), PAGE)


def _recognise_pages(
    drawn: Sequence[DrawnPage], pages: Sequence[PageContent], numbers: Sequence[int]
) -> Iterator[tuple[int, PageContent]]:
    """Yield what pages show: what is recognised in the pictures that they place, and their own text beside it."""
    from pipelines.read.scan.sheets import Sheet, recognise_sheets

    sheets = []
    for number in numbers:
        page = drawn[number]
        pictures = [(partial(page.resources.read_picture, name), matrix) for name, matrix in page.pictures]
        if pictures:
            sheets.append((number, Sheet(page.width, page.height, pictures)))
    for number, content in recognise_sheets(sheets):
        content.characters += [one for one in pages[number].characters if one.text != UNREADABLE]
        yield number, content
