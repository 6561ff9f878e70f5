"""WordprocessingML made by readers of its relatives: what is printed is decided in one place for all of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter

from lxml import etree

from pipelines.read.word.markup import PARAGRAPH, TRANSITIONAL, word

_VML = "urn:schemas-microsoft-com:vml"
_SHAPE = f"{{{_VML}}}rect"
_NAMESPACES = {"w": TRANSITIONAL}
# What XML has no place for, lone surrogates among it.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Look:
    """How a run looks, as far as it decides whether its text counts: the properties of WordprocessingML by name."""

    properties: tuple[tuple[str, str], ...] = ()
    ground: str | None = None
    is_deleted: bool = False

    def having(self, name: str, value: str | None) -> "Look":
        """Return the look with a property set, or without it where `value` is None."""
        others = tuple(entry for entry in self.properties if entry[0] != name)
        return replace(self, properties=others if value is None else (*others, (name, value)))


PLAIN = Look()
DRAWN = Look((("drawn", "1"),))
"""In the place of a run: a line, box or other shape that hangs at the text and may lie over it."""


def element(tag: str, **attributes: str) -> etree._Element:
    """Return an element of WordprocessingML with attributes of its namespace."""
    return etree.Element(tag, {word(name): value for name, value in attributes.items()}, nsmap=_NAMESPACES)


def make_paragraph(runs: Sequence[tuple[Look, str]], level: int | None, ground: str | None) -> etree._Element:
    """Return a paragraph of WordprocessingML.

    Args:
        runs: Its texts and how they look.
        level: Its outline level from 0, 9 for body text.
        ground: Colour of its ground.
    """
    made, about = element(PARAGRAPH), element(word("pPr"))
    if level is not None and 0 <= level <= 9:
        about.append(element(word("outlineLvl"), val=str(level)))
    if ground:
        about.append(element(word("shd"), fill=ground))
    made.append(about)
    made.extend(_run(look, printable("".join(text for _, text in same))) for look, same in groupby(runs, itemgetter(0)))
    return made


def _run(look: Look, text: str) -> etree._Element:
    run = element(word("r"))
    if look == DRAWN:
        etree.SubElement(etree.SubElement(run, word("pict")), _SHAPE, nsmap={"v": _VML})
        return run
    about = etree.SubElement(run, word("rPr"))
    about.extend(element(word(name), val=value) for name, value in look.properties)
    if look.ground:
        about.append(element(word("shd"), fill=look.ground))
    etree.SubElement(run, word("t")).text = text
    return run


def printable(text: str) -> str:
    r"""Return a text as XML can hold it: halves of a surrogate pair joined, what has no place replaced.

    >>> printable("\ud842\udfb7 \x01")
    '𠮷 \ufffd'
    """
    if not _NO_XML.search(text):
        return text
    joined = text.encode("utf-16-le", errors="surrogatepass").decode("utf-16-le", errors="replace")
    return _NO_XML.sub("\ufffd", joined)
