"""Digits in a cell of a Word document that are printed as something else than their own text, marked as not known.

White, tiny or lowered text beside dark, a fraction or a power in a formula, a formula field: what stands on paper is
not the digits in reading order. A mark beside them keeps the cell from being read as a number, so that it is reported
and never loaded; labels lose nothing, since folding drops the mark. Nearly all documents hold none of this, so the
part's bytes are asked first.
"""

import re
from collections.abc import Iterable, Iterator

from lxml import etree

from pipelines.read.model import PICTURE, RED
from pipelines.read.word.markup import CELL, PARAGRAPH, TABLE, VAL, child, owner, word

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
# Structures of a formula in which text does not stand side by side; a run, a box or an argument only holds text.
_BUILT = frozenset(
    _MATH + name
    for name in ("f", "sSup", "sSub", "sSubSup", "sPre", "rad", "nary", "limLow", "limUpp", "m", "eqArr", "func")
)
_TEXT, _RUN, _PROPERTIES, _STYLES = word("t"), word("r"), word("rPr"), (word("rStyle"), word("pStyle"))
_COLOUR, _SIZE, _WIDTH, _SHADE = word("color"), word("sz"), word("w"), word("shd")
_LOWERED = (word("vertAlign"), word("position"))
_RED = re.compile(r"[c-f][0-9a-f](?:[0-3][0-9a-f]){2}", re.IGNORECASE)
_SAYS_RED = re.compile(rb":color\s[^>]*val=\"[C-Fc-f][0-9A-Fa-f](?:[0-3][0-9A-Fa-f]){2}\"")
_PALE = re.compile(r"(?:[ef][0-9a-f]){3}", re.IGNORECASE)
_BACKGROUNDS = frozenset({"background1", "light1", "bg1", "lt1"})
_OTHER_FONT = re.compile(r"(?:wing|web)dings|marlett", re.IGNORECASE)  # which print pictures in the place of digits
_FONTS, _HIGHLIGHT = word("rFonts"), word("highlight")
_FILL = "{http://schemas.microsoft.com/office/word/2010/wordml}textFill"
_MARKS = (_COLOUR, _SIZE, _WIDTH, _FONTS, _HIGHLIGHT, _FILL, *_LOWERED)
_SUSPICIOUS = re.compile(
    rb":color\s[^>]*(?:val=\"(?:[EFef][0-9A-Fa-f]){3}\"|themeColor=\"(?:background|light|bg|lt)1\")"
    rb"|:vertAlign\s[^>]*val=\"subscript\"|:position\s[^>]*val=\"-"
    rb"|:sz\s[^>]*val=\"[0-6]\"|:w\s[^>]*val=\"\d\"|:highlight\s[^>]*val=\"black\"|:textFill"
    rb"|:rFonts\s[^>]*(?:[Ww]ing|[Ww]eb)dings|:showingPlcHdr|:customMarkFollows"
)
_SMALLEST = 6  # half points; what is smaller no one reads on paper
_NARROWEST = 10  # percent of a character's width
_FIELD_FORMULA = re.compile(r"\s*eq\b", re.IGNORECASE)


def mark_doubtful(root: etree._Element, data: bytes, pale_styles: frozenset[str], odd_styles: frozenset[str]) -> None:
    """Mark digits that are not printed as the text they are stored as.

    Args:
        root: The part, cleaned.
        data: Its bytes.
        pale_styles: Styles whose text is white.
        odd_styles: Styles whose text is tiny, narrow, lowered, blacked out or printed as pictures.
    """
    doubtful: list[etree._Element] = []
    if _SUSPICIOUS.search(data):
        doubtful += _stand_ins(root, data)
        marks = root.iter(*_MARKS)
        doubtful += (run for node in marks for run in _run_of(node) if _hides(node))
    if pale_styles:
        doubtful += (run for node in root.iter(*_STYLES) if node.get(VAL) in pale_styles for run in _styled_runs(node))
    if odd_styles:
        named = (node for node in root.iter(*_STYLES) if node.get(VAL) in odd_styles)
        doubtful += (run for node in named for run in _runs_of_style(node) if _is_part_of_cell(run))
    if b"oMath" in data:
        doubtful += (node for node in root.iter(*_BUILT) if any(True for _ in node.iter(_TEXT)))
    if b"instrText" in data:
        _mark_formula_fields(root)
    if _SAYS_RED.search(data):
        _mark_red(root)
    for node in doubtful:
        texts = list(node.iter(_TEXT))
        if any(map(_has_digits, texts)):
            texts[-1].text = (texts[-1].text or "") + PICTURE


def _mark_red(root: etree._Element) -> None:
    """Set a mark behind the digits of red runs in table cells; see `pipelines.read.colour`."""
    for colour in root.iter(_COLOUR):
        if _RED.fullmatch(colour.get(VAL) or "") and next(colour.iterancestors(CELL), None) is not None:
            for run in _run_of(colour):
                for text in filter(_has_digits, run.iter(_TEXT)):
                    text.text = (text.text or "") + RED


def is_pale(colour: etree._Element) -> bool:
    """Tell whether a w:color is white or nearly so."""
    return colour.get(word("themeColor")) in _BACKGROUNDS or _PALE.fullmatch(colour.get(VAL) or "") is not None


def is_odd(properties: etree._Element) -> bool | None:
    """Tell whether run properties leave digits unlike their text but for the colour; None where they say nothing."""
    marks = [node for node in properties if node.tag in _MARKS and node.tag != _COLOUR]
    return any(map(_distorts, marks)) if marks else None


def _hides(node: etree._Element) -> bool:
    if node.tag == _COLOUR:
        return is_pale(node) and not _stands_on_colour(node)
    return _distorts(node) and (node.tag not in _LOWERED or _is_part_of_cell(node))


def _distorts(node: etree._Element) -> bool:
    value = node.get(VAL) or ""
    if node.tag in _LOWERED:
        return value == "subscript" or value.startswith("-")
    if node.tag == _FONTS:
        return any(_OTHER_FONT.match(node.get(word(script)) or "") for script in ("ascii", "hAnsi"))
    if node.tag == _HIGHLIGHT:
        return value == "black"
    if node.tag == _FILL:
        colours = [inner.get(f"{{{etree.QName(inner).namespace}}}val") or "" for inner in node.iter()]
        is_empty = any(etree.QName(inner).localname == "noFill" for inner in node.iter())
        return is_empty or any(colour in _BACKGROUNDS or _PALE.fullmatch(colour) for colour in colours)
    return value.isdigit() and int(value) < (_SMALLEST if node.tag == _SIZE else _NARROWEST)


def _stand_ins(root: etree._Element, data: bytes) -> Iterator[etree._Element]:
    """Yield what holds digits that are none of the report's: hints of empty fields, and signs that notes chose."""
    if b"showingPlcHdr" in data:
        for hint in root.iter(word("showingPlcHdr")):
            field = next(hint.iterancestors(word("sdt")), None)
            if field is not None:
                yield field
    if b"customMarkFollows" in data:
        for note in root.iter(word("footnoteReference"), word("endnoteReference")):
            run = note.getparent()
            if run is not None and run.tag == _RUN and note.get(word("customMarkFollows")) in ("1", "true", "on"):
                yield run


def _is_part_of_cell(node: etree._Element) -> bool:
    """Tell whether a run stands beside others in its cell; a cell lowered as a whole is read as it stands."""
    run = node if node.tag == _RUN else next(node.iterancestors(_RUN), None)
    cell = next(node.iterancestors(CELL), None)
    if run is None or cell is None:
        return False
    return _text_of(run) != _text_of(cell)


def _text_of(node: etree._Element) -> str:
    return "".join(text.text or "" for text in node.iter(_TEXT)).strip()


def _run_of(node: etree._Element) -> Iterable[etree._Element]:
    run = owner(node, _PROPERTIES, _RUN)
    return () if run is None else (run,)


def _runs_of_style(style: etree._Element) -> Iterable[etree._Element]:
    """Return the runs whose style, or whose paragraph's style, an element names."""
    run = owner(style, _PROPERTIES, _RUN)
    paragraph = owner(style, word("pPr"), PARAGRAPH)
    return (run,) if run is not None else paragraph.iter(_RUN) if paragraph is not None else ()


def _styled_runs(style: etree._Element) -> Iterator[etree._Element]:
    """Yield the runs that a style colours, unless they say a colour of their own or stand on one."""
    for candidate in _runs_of_style(style):
        properties = child(candidate, _PROPERTIES)
        has_own = properties is not None and child(properties, _COLOUR) is not None
        if not has_own and not _stands_on_colour(style):
            yield candidate


def _stands_on_colour(node: etree._Element) -> bool:
    """Tell whether the run, its paragraph, its cell or its table is shaded in a colour: white text is shown then."""
    for above in node.iterancestors():
        for properties in above:
            shade = child(properties, _SHADE) if properties.tag.endswith("Pr") else None
            if shade is not None:
                fill = (shade.get(word("fill")) or "auto").lower()
                return fill != "auto" and _PALE.fullmatch(fill) is None
        if above.tag == TABLE:
            return False
    return False


def _mark_formula_fields(root: etree._Element) -> None:
    """Set the mark in the place of a field whose instruction draws a formula: it has no result of its own."""
    for node in root.iter(word("instrText")):
        if _FIELD_FORMULA.match(node.text or "") and next(node.iterancestors(CELL), None) is not None:
            node.tag, node.text = _TEXT, PICTURE


def _has_digits(text: etree._Element) -> bool:
    return any(map(str.isdigit, text.text or ""))
