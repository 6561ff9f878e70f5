"""Rows that a page draws as cards: a title, and the name of each column beside its figure.

Screens of phones and front ends show 表三 so. All cards of a page have the same names at the same places, and what
changes from card to card is the title and the figures; blanks are elements without text. So each card is a row, and the
names are the head of all.
"""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.read.html.cells import UNSEEN, clean_text
from pipelines.read.html.grid import is_figure
from pipelines.read.model import PICTURE
from pipelines.read.text.rows import is_figure_field

_CONTAINERS = "div,section,article,main,ul,ol,td,form,body"
_CARDS = frozenset({"div", "section", "article", "li", "dl", "ul", "fieldset", "details", "tr"})
_FEWEST_CARDS = 3
_FEWEST_NAMES = 4
_MOST_PIECES = 60
_LONGEST_PIECE = 150
_SIGNS = frozenset({"br", "hr", "img", "input", "-comment"})

Signature = tuple[int, int, int, tuple[str, ...]]
"""Where the names of a card begin, how far apart they stand, where the figures begin, and the names."""


def find_cards(tree: LexborHTMLParser) -> Iterator[tuple[list[LexborNode], str]]:
    """Yield runs of cards, each with the table that says the same.

    A run of one or two is taken where its cards have the names of a longer one.
    """
    runs = [
        (cards, pieces)
        for container in tree.css(_CONTAINERS)
        for cards in _runs(container)
        if (pieces := _pieces_of_all(cards)) is not None
    ]
    known: set[Signature] = set()
    drawn: list[tuple[list[LexborNode], list[list[str]], Signature]] = []
    for cards, pieces in sorted(runs, key=lambda run: len(run[0]), reverse=True):
        signature = next((own for own in _signatures(pieces) if len(cards) >= _FEWEST_CARDS or own in known), None)
        if signature is not None:
            known.add(signature)
            drawn.append((cards, pieces, signature))
    for cards, pieces, signature in drawn:
        yield cards, _draw(pieces, signature)


def _runs(container: LexborNode) -> Iterator[list[LexborNode]]:
    children = (child for child in container.iter() if (child.tag or "-")[0] != "-")
    for tag, run in groupby(children, key=lambda child: child.tag):
        if tag in _CARDS:
            yield list(run)


def _pieces_of_all(cards: Sequence[LexborNode]) -> list[list[str]] | None:
    """Return the pieces of each card, None where they are not alike; signs without text are left out."""
    pieces: list[list[str]] = []
    for card in cards:
        own = _pieces(card)
        if not 2 * _FEWEST_NAMES < len(own) + 1 <= _MOST_PIECES or (pieces and len(own) != len(pieces[0])):
            return None
        pieces.append(own)
    return pieces


def _pieces(card: LexborNode) -> list[str]:
    """Return the texts of a card in their order, an empty one for each element that holds nothing."""
    pieces: list[str] = []
    for node in card.traverse(include_text=True):
        if node.tag == "-text":
            if text := clean_text(node.text_content or ""):
                pieces.append(text)
        elif node.tag not in _SIGNS and node.tag not in UNSEEN and _is_empty(node):
            pieces.append("")
        if len(pieces) > _MOST_PIECES:
            break
    return pieces


def _is_empty(node: LexborNode) -> bool:
    inner = node.first_child
    return inner is None or (inner.next is None and inner.tag == "-text" and not (inner.text_content or "").strip())


def _signatures(pieces: Sequence[Sequence[str]]) -> Iterator[Signature]:
    """Yield what the cards say of themselves: each name before its figure, behind it, or all names first."""
    count, is_titled = divmod(len(pieces[0]), 2)
    places = [(1, 2, 2), (2, 2, 1), (1, 1, 1 + count)] if is_titled else []
    places.append((0, 2, 1))  # the title stands last, or has a name of its own
    for first, step, figures in places:
        names = tuple(pieces[0][first + step * number] for number in range(count))
        signature = (first, step, figures, names)
        if _is_sound(pieces, signature):
            yield signature


def _is_sound(pieces: Sequence[Sequence[str]], signature: Signature) -> bool:
    first, step, _, names = signature
    places = [first + step * number for number in range(len(names))]
    if len(set(names)) < len(names) or any(not _is_name(name) for name in names):
        return False
    if any(own[place] != name for own in pieces for place, name in zip(places, names, strict=True)):
        return False
    rows = [_row(own, signature) for own in pieces]
    titles = {row[0] for row in rows}
    values = [text for row in rows for text in row[1:] if text]
    numbers = sum(is_figure(text) or is_figure_field(text) for text in values)
    is_titled = len(titles) == len(rows) and all(title and not is_figure(title) for title in titles)
    return is_titled and len(rows[0]) > _FEWEST_NAMES and bool(numbers) and numbers == len(values)


def _is_name(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_PIECE and PICTURE not in text and not any(map(str.isdigit, text))


def _row(pieces: Sequence[str], signature: Signature) -> list[str]:
    first, step, figures, names = signature
    values = [pieces[figures + step * number] for number in range(len(names))]
    if first == 0:
        return [pieces[-1], *values] if len(pieces) % 2 else values
    return [pieces[0], *values]


def _draw(pieces: Sequence[Sequence[str]], signature: Signature) -> str:
    heads = [name.rstrip("：: ") for name in signature[3]]
    rows = [_row(own, signature) for own in pieces]
    rows.insert(0, heads if len(rows[0]) == len(heads) else ["", *heads])
    lines = ("".join(f"<td>{escape(text)}</td>" for text in row) for row in rows)
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"
