"""Digits in a cell of a Word document that are printed as something else than their own text, marked as not known.

White, tiny or lowered text beside dark, a fraction or a power in a formula, a formula field: what stands on paper is
not the digits in reading order. A mark beside them keeps the cell from being read as a number, so that it is reported
and never loaded; labels lose nothing, since folding drops the mark. Nearly all documents hold none of this, so the
part's bytes are asked first.
"""

import itertools
import re
from collections.abc import Iterable, Iterator

from lxml import etree

from pipelines.read.model import PICTURE, RED
from pipelines.read.word.markup import CELL, PARAGRAPH, PICTURES, TABLE, VAL, child, owner, word

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
# Structures of a formula in which text does not stand side by side; a run, a box or an argument only holds text.
_BUILT = frozenset(
    _MATH + name
    for name in ("f", "sSup", "sSub", "sSubSup", "sPre", "rad", "nary", "limLow", "limUpp", "m", "eqArr", "func")
)
NO_STYLE = ""  # in the place of a style's name, of text that has none
_TABLE_STYLE = word("tblStyle")
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
    rb"|:rFonts\s[^>]*(?:[Ww]ing|[Ww]eb)dings|:showingPlcHdr|:customMarkFollows|:dataBinding"
)
_VML = "{urn:schemas-microsoft-com:vml}"
_VML_SHAPES = tuple(_VML + name for name in ("rect", "roundrect", "oval", "line", "polyline", "shape"))
# What holds shapes of VML, and a shape as newer programs write it.
SHAPES = (word("pict"), "{http://schemas.microsoft.com/office/word/2010/wordprocessingShape}wsp")
_ANCHOR = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}anchor"
_BEHIND = re.compile(r"z-index:\s*-")
_FILLS = re.compile(rb":fill=\"([0-9A-Fa-f]{6})\"")
_SMALLEST = 6  # half points; what is smaller no one reads on paper
_NARROWEST = 10  # percent of a character's width
UNSTORED_FIELD = re.compile(r"\s*(?:eq|page|numpages|section|sectionpages|date|time|formdropdown)\b", re.IGNORECASE)
"""Fields that draw, those whose result is made anew where the page is laid out or the day is another, and lists to
choose from, whose choice stands elsewhere."""


def mark_doubtful(
    root: etree._Element,
    data: bytes,
    pale_styles: frozenset[str],
    odd_styles: frozenset[str],
    shapes: Iterable[etree._Element] = (),
) -> None:
    """Mark digits that are not printed as the text they are stored as.

    Args:
        root: The part, cleaned.
        data: Its bytes.
        pale_styles: Styles whose text is white.
        odd_styles: Styles whose text is tiny, narrow, lowered, blacked out or printed as pictures.
        shapes: Those of `SHAPES` that it holds.
    """
    doubtful: list[etree._Element] = []
    if _SUSPICIOUS.search(data):
        doubtful += _stand_ins(root, data)
        marks = root.iter(*_MARKS)
        doubtful += (run for node in marks for run in _run_of(node) if _hides(node))
    doubtful += [*_drowned(root, data), *_covered(shapes)]
    if pale_styles:
        doubtful += _pale_by_style(root, pale_styles)
    if odd_styles:
        named = (node for node in root.iter(*_STYLES) if node.get(VAL) in odd_styles)
        doubtful += (run for node in named for run in _runs_of_style(node) if _is_part_of_cell(run))
    if b"oMath" in data:
        doubtful += (node for node in root.iter(*_BUILT) if any(True for _ in node.iter(_TEXT)))
    if b":instr" in data:
        _mark_unstored_fields(root)
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
        return any(_OTHER_FONT.match(node.get(word(script)) or "") for script in ("ascii", "hAnsi", "val"))
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
    if b"dataBinding" in data:  # Word prints what another part says
        bindings = root.iter(word("dataBinding"))
        fields = (next(binding.iterancestors(word("sdt")), None) for binding in bindings)
        yield from (
            field for field in fields if field is not None and next(field.iterancestors(CELL), None) is not None
        )
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
    """Return the runs whose style, or whose paragraph's or table's style, an element names."""
    run = owner(style, _PROPERTIES, _RUN)
    if run is not None:
        return (run,)
    about = style.getparent()
    holder = about.getparent() if about is not None and about.tag in (word("pPr"), word("tblPr")) else None
    return holder.iter(_RUN) if holder is not None else ()


def _pale_by_style(root: etree._Element, pale_styles: frozenset[str]) -> Iterator[etree._Element]:
    """Yield the runs that are white by a style of theirs, of their table, or of text that has none."""
    for node in root.iter(*_STYLES, _TABLE_STYLE):
        if node.get(VAL) in pale_styles:
            yield from _styled_runs(node)
    for paragraph in root.iter(PARAGRAPH) if NO_STYLE in pale_styles else ():
        if next(paragraph.iter(*_STYLES), None) is None:
            yield from _uncoloured(paragraph.iter(_RUN))


def _styled_runs(style: etree._Element) -> Iterator[etree._Element]:
    """Yield the runs that a style colours, unless they say a colour of their own or stand on one."""
    return _uncoloured(_runs_of_style(style))


def _uncoloured(runs: Iterable[etree._Element]) -> Iterator[etree._Element]:
    for run in runs:
        properties = child(run, _PROPERTIES)
        has_own = properties is not None and child(properties, _COLOUR) is not None
        if not has_own and not _stands_on_colour(run if properties is None else properties):
            yield run


def _stands_on_colour(node: etree._Element) -> bool:
    """Tell whether the run, its paragraph, its cell or its table is shaded in a colour: white text is shown then."""
    ground = _ground(node)
    return ground != "auto" and _PALE.fullmatch(ground) is None


def _is_as_its_ground(colour: etree._Element) -> bool:
    return (colour.get(VAL) or "").lower() == _ground(colour)


def _ground(node: etree._Element) -> str:
    """Return the colour in which the run, its paragraph, its cell or its table is shaded; `auto` for none."""
    for above in node.iterancestors():
        for properties in above:
            shade = child(properties, _SHADE) if properties.tag.endswith("Pr") else None
            if shade is not None:
                return (shade.get(word("fill")) or "auto").lower()
        if above.tag == TABLE:
            break
    return "auto"


def _drowned(root: etree._Element, data: bytes) -> Iterator[etree._Element]:
    """Yield the runs that are printed in the colour of the ground on which they stand."""
    fills = {fill.lower() for fill in _FILLS.findall(data)}
    lowered = data.lower() if fills else b""
    if any(b'val="' + fill + b'"' in lowered for fill in fills):
        yield from (run for node in root.iter(_COLOUR) if _is_as_its_ground(node) for run in _run_of(node))


def _covered(shapes: Iterable[etree._Element]) -> Iterator[etree._Element]:
    """Yield the cells at whose figures a line, box or other shape hangs that may lie over them; no picture is one."""
    for shape in itertools.chain.from_iterable((node, *node.iter(*_VML_SHAPES)) for node in shapes):
        if shape.tag == SHAPES[0]:
            continue
        is_behind = _BEHIND.search(shape.get("style") or "") is not None or any(
            above.get("behindDoc") in ("1", "true") for above in shape.iterancestors(_ANCHOR)
        )
        cell = next(shape.iterancestors(CELL), None)
        if cell is not None and not is_behind and next(shape.iter(*PICTURES), None) is None:
            yield cell


def _mark_unstored_fields(root: etree._Element) -> None:
    """Set the mark in the place of the instruction of a field whose result is not what the file says."""
    has_choices = next(root.iter(word("ddList")), None) is not None  # which are written out where the field begins
    for node in root.iter(word("instrText")):
        match = UNSTORED_FIELD.match(node.text or "")
        is_known = match is None or (has_choices and match[0].strip().upper() == "FORMDROPDOWN")
        if not is_known and next(node.iterancestors(CELL), None) is not None:
            node.tag, node.text = _TEXT, PICTURE
    for node in root.iter(word("fldSimple"), word("fldChar")):
        is_stale = node.get(word("dirty")) in ("1", "true", "on")
        is_stale = is_stale or UNSTORED_FIELD.match(node.get(word("instr")) or "") is not None
        if is_stale and next(node.iterancestors(CELL), None) is not None:
            mark = etree.Element(_TEXT)
            mark.text = PICTURE
            node.addnext(mark)


def _has_digits(text: etree._Element) -> bool:
    return any(map(str.isdigit, text.text or ""))
