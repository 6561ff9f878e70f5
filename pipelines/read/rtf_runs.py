"""Runs of RTF: what a group inherits, how its text looks, and the paragraphs that are made of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter

from lxml import etree

from pipelines.read.docx_xml import PARAGRAPH, word
from pipelines.read.rtf_tables import element
from pipelines.read.rtf_text import printable


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


@dataclass(slots=True)
class State:
    r"""What a group inherits and its end restores.

    Attributes:
        destination: What the group is for; empty for the text itself.
        skipped_by: The destination because of which nothing is read; empty where it is.
        is_wide: The next font is the one of characters of two bytes.
        substitute: Characters behind a `\u` that stand for it where Unicode is not known.
        depth: In how many tables the paragraph stands.
    """

    destination: str = ""
    skipped_by: str = ""
    look: Look = Look()
    font: int | None = None
    wide_font: int | None = None
    is_wide: bool = False
    substitute: int = 1
    depth: int = 0
    level: int | None = None
    ground: str | None = None


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
    about = etree.SubElement(run, word("rPr"))
    about.extend(element(word(name), val=value) for name, value in look.properties)
    if look.ground:
        about.append(element(word("shd"), fill=look.ground))
    etree.SubElement(run, word("t")).text = text
    return run
