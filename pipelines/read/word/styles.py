"""Paragraph and character styles of a Word document, as far as a reader needs them."""

from dataclasses import dataclass

from lxml import etree

from pipelines.read.word.doubt import NO_STYLE, is_odd, is_pale
from pipelines.read.word.markup import UNSEEN, VAL, child, is_on, lifts, word

_STYLE, _PARAGRAPH_STYLE, _OUTLINE, _NUMBERING = word("style"), word("pStyle"), word("outlineLvl"), word("numPr")
_VERTICAL_ALIGN, _POSITION = word("vertAlign"), word("position")
_BODY_LEVEL = 9  # w:outlineLvl 9 is body text
_MAX_ANCESTORS = 32


@dataclass(frozen=True, slots=True)
class Style:
    """What a style says itself; `based_on` names the style that says the rest."""

    based_on: str | None = None
    outline: int | None = None
    list_id: str | None = None
    list_depth: int | None = None
    is_hidden: bool | None = None
    is_raised: bool | None = None
    is_pale: bool | None = None
    is_odd: bool | None = None
    is_title: bool = False


@dataclass(frozen=True, slots=True)
class ParagraphStyle:
    """What a paragraph is, from its own properties and its style's.

    Attributes:
        list_id, list_depth: The list that numbers it, None where none does.
    """

    is_heading: bool = False
    list_id: str | None = None
    list_depth: int = 0
    is_title: bool = False


@dataclass(frozen=True, slots=True)
class StyleSheet:
    """The styles of one document by identifier, inheritance resolved.

    Attributes:
        is_pale: Text of which nothing says a colour is white.
    """

    styles: dict[str, Style]
    is_pale: bool = False

    @property
    def hidden(self) -> frozenset[str]:
        """Styles whose text is not printed, or printed as struck out."""
        return frozenset(name for name, style in self.styles.items() if style.is_hidden)

    @property
    def raised(self) -> frozenset[str]:
        """Styles whose text stands above the line, as note signs do."""
        return frozenset(name for name, style in self.styles.items() if style.is_raised)

    @property
    def pale(self) -> frozenset[str]:
        """Styles whose text is white, `NO_STYLE` where text without one is."""
        names = (
            name for name, style in self.styles.items() if style.is_pale or (self.is_pale and style.is_pale is None)
        )
        return frozenset((*names, NO_STYLE) if self.is_pale else names)

    @property
    def odd(self) -> frozenset[str]:
        """Styles whose digits are not printed as they are stored."""
        return frozenset(name for name, style in self.styles.items() if style.is_odd)

    def of(self, paragraph: etree._Element) -> ParagraphStyle:
        """Return what the paragraph is; its own properties win over its style's."""
        properties = child(paragraph, word("pPr"))
        if properties is None:
            return _NO_STYLE
        style_id, outline, numbering = None, None, None
        for node in properties:
            if node.tag == _PARAGRAPH_STYLE:
                style_id = node.get(VAL)
            elif node.tag == _OUTLINE:
                outline = _digit(node.get(VAL))
            elif node.tag == _NUMBERING:
                numbering = node
        style = self.styles.get(style_id or "", _PLAIN)
        list_id, depth = _list_of(numbering) if numbering is not None else (None, None)
        outline = style.outline if outline is None else outline
        list_id = style.list_id if list_id is None else list_id
        depth = style.list_depth if depth is None else depth
        return ParagraphStyle(
            outline is not None and outline < _BODY_LEVEL,
            list_id if list_id != "0" else None,  # 0 takes the paragraph out of its style's list
            depth or 0,
            style.is_title,
        )

    def number_any(self, root: etree._Element) -> bool:
        """Tell whether a list may number a paragraph below a node."""
        marks = root.iter(_NUMBERING, _PARAGRAPH_STYLE)
        return any(mark.tag == _NUMBERING or self._styled(mark).list_id is not None for mark in marks)

    def _styled(self, mark: etree._Element) -> Style:
        return self.styles.get(mark.get(VAL) or "", _PLAIN)


def read_styles(root: etree._Element | None) -> StyleSheet:
    """Return the styles of a styles part; none where the part is absent."""
    own = {node.get(word("styleId")) or "": _own_style(node) for node in root.iter(_STYLE)} if root is not None else {}
    styles = {name: _resolve(style, own) for name, style in own.items()}
    return StyleSheet(styles, is_pale=root is not None and _is_pale_by_default(root, styles))


def _is_pale_by_default(root: etree._Element, styles: dict[str, Style]) -> bool:
    """Tell whether text is white of which nothing says a colour: by the style of plain paragraphs, or all of them."""
    defaults = child(root, word("docDefaults"))
    is_pale_text = defaults is not None and any(map(is_pale, defaults.iter(word("color"))))
    if not is_pale_text and not any(style.is_pale for style in styles.values()):
        return False  # as in nearly all documents
    for node in root.iter(_STYLE):
        if node.get(word("default")) in ("1", "true", "on") and node.get(word("type")) == "paragraph":
            own = styles[node.get(word("styleId")) or ""].is_pale
            is_pale_text = is_pale_text if own is None else own
    return is_pale_text


def _own_style(node: etree._Element) -> Style:
    based_on, outline, numbering, name = None, None, None, ""
    is_hidden = is_raised = is_pale_text = is_odd_text = None
    for part in node:
        if part.tag == word("basedOn"):
            based_on = part.get(VAL)
        elif part.tag == word("name"):
            name = (part.get(VAL) or "").lower()
        elif part.tag == word("pPr"):
            level, numbering = child(part, _OUTLINE), child(part, _NUMBERING)
            outline = _digit(level.get(VAL)) if level is not None else None
        elif part.tag == word("rPr"):
            toggles = [is_on(toggle) for toggle in part if toggle.tag in UNSEEN]
            is_hidden = any(toggles) if toggles else None
            heights = [_is_above(height) for height in part if height.tag in (_VERTICAL_ALIGN, _POSITION)]
            is_raised = any(heights) if heights else None
            colour = child(part, word("color"))
            is_pale_text = is_pale(colour) if colour is not None else None
            is_odd_text = is_odd(part)
    if is_pale_text and node.get(word("type")) == "table" and next(node.iter(word("shd")), None) is not None:
        is_pale_text = None  # white on the ground that it brings
    if outline is None and name.startswith("heading ") and name[8:] in "123456789":
        outline = int(name[8:]) - 1  # the built-in headings are headings even where a writer leaves their level out
    list_id, depth = _list_of(numbering) if numbering is not None else (None, None)
    is_title = name == "title"
    return Style(based_on, outline, list_id, depth, is_hidden, is_raised, is_pale_text, is_odd_text, is_title)


def _is_above(height: etree._Element) -> bool:
    value = height.get(VAL) or ""
    return value == "superscript" if height.tag == _VERTICAL_ALIGN else lifts(value)


def _resolve(style: Style, own: dict[str, Style]) -> Style:
    """Fill what a style leaves open from the styles that it is based on; a circle ends after a few steps."""
    resolved, parent = style, style.based_on
    for _ in range(_MAX_ANCESTORS):
        base = own.get(parent or "")
        if base is None:
            break
        resolved = Style(
            style.based_on,
            base.outline if resolved.outline is None else resolved.outline,
            base.list_id if resolved.list_id is None else resolved.list_id,
            base.list_depth if resolved.list_depth is None else resolved.list_depth,
            base.is_hidden if resolved.is_hidden is None else resolved.is_hidden,
            base.is_raised if resolved.is_raised is None else resolved.is_raised,
            base.is_pale if resolved.is_pale is None else resolved.is_pale,
            base.is_odd if resolved.is_odd is None else resolved.is_odd,
            resolved.is_title,
        )
        parent = base.based_on
    return resolved


def _list_of(numbering: etree._Element) -> tuple[str | None, int | None]:
    list_id, depth = child(numbering, word("numId")), child(numbering, word("ilvl"))
    return (list_id.get(VAL) if list_id is not None else None, _digit(depth.get(VAL)) if depth is not None else None)


def _digit(text: str | None) -> int | None:
    return int(text) if text is not None and len(text) == 1 and text in "0123456789" else None


_PLAIN = Style()
_NO_STYLE = ParagraphStyle()
