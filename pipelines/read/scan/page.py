"""The picture of a page to what it prints: the same placed characters and ruling lines that a PDF with text has.

The text is recognised piece by piece: no piece reaches over a ruling line, so the grid is the picture's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import cv2
import numpy as np

from pipelines.read.model import UNREADABLE
from pipelines.read.pages.content import PageContent
from pipelines.read.pages.ruling import Character
from pipelines.read.scan.figures import Look, measure_spacing, needs_second_look, weigh
from pipelines.read.scan.lines import Piece, Place, find_pieces, to_points
from pipelines.read.scan.model import RecognitionModel, Seen, load_model
from pipelines.read.scan.picture import Grey, LevelPicture, level_picture

_PLAUSIBLE_EM = (6.0, 16.0)  # points; text of another size tells that the picture's scale was guessed wrongly
_USUAL_EM = 10.5  # points
_UPRIGHT_SCORE = 0.92  # mean score of a page; below, it may lie on its side
_AROUND = 0.2  # ems around the ink that are looked at as well
_DIGIT_HEIGHT = 0.72  # ems


@dataclass(frozen=True, slots=True)
class _Framing:
    """How a piece of text is held before the model.

    Attributes:
        beside: Paper left and right of the ink, in ems.
        height: Of the picture, as a share of the line's.
        paper: Share of the pixels that are darker than what becomes white.
        blur: Pixels over which noise is evened out, 0 for none.
    """

    beside: float
    height: float
    paper: float
    blur: float


_FIRST_LOOK = _Framing(beside=0.2, height=1.1, paper=0.75, blur=0.0)
_SECOND_LOOK = _Framing(beside=0.3, height=1.17, paper=0.9, blur=0.8)


@dataclass(frozen=True, slots=True)
class _Frame:
    """A piece cut out of the picture: its grey values, and where its left edge stands in pixels."""

    grey: Grey
    left: float


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one way of holding a page says; `score` is the mean over its characters, 1 where it is empty."""

    picture: LevelPicture
    lines: list[tuple[Piece, list[Seen], _Frame]]
    hidden: list[Place]
    score: float


def read_picture(grey: Grey, pixels: float) -> PageContent:
    """Return what the picture of a page prints, in points from the upper left corner of the levelled page.

    Args:
        grey: Grey values, rows by columns; a page on its side or on its head is set upright.
        pixels: Pixels of one point, or a guess at it: the size of the text corrects it.
    """
    model = load_model()
    best = _recognise(model, grey, pixels)
    if best.score < _UPRIGHT_SCORE:
        turned = (np.ascontiguousarray(np.rot90(grey, quarters)) for quarters in (2, 1, 3))
        best = max([best, *(_recognise(model, other, pixels) for other in turned)], key=lambda one: one.score)
    picture = best.picture
    height, width = picture.text.shape
    characters = [
        character for piece, seen, frame in best.lines for character in _place(piece, seen, frame, picture.pixels)
    ]
    share = 1 / picture.pixels
    characters += [_hide(place, share) for place in best.hidden]
    return PageContent(width * share, height * share, characters, to_points(picture), image_share=1.0)


def _hide(place: Place, share: float) -> Character:
    """Return what stands where nobody knows what is printed."""
    x, y = place[0] * share, place[1] * share
    return Character(x - 1, y - 1, x + 1, y + 1, UNREADABLE)


def _look(grey: Grey, pixels: float) -> tuple[LevelPicture, list[Piece], list[Place]]:
    picture = level_picture(grey, pixels)
    pieces, hidden = find_pieces(picture)
    em = median(piece.em for piece in pieces) if pieces else _USUAL_EM * pixels
    if not _PLAUSIBLE_EM[0] <= em / pixels <= _PLAUSIBLE_EM[1]:
        picture = level_picture(grey, em / _USUAL_EM)
        pieces, hidden = find_pieces(picture)
    return picture, pieces, hidden


def _recognise(model: RecognitionModel, grey: Grey, pixels: float) -> _Reading:
    """Return what each piece of text says, digits that are not beyond doubt as U+FFFD."""
    picture, pieces, hidden = _look(grey, pixels)
    frames = [_cut_out(picture, piece, _FIRST_LOOK) for piece in pieces]
    first = model.recognise([frame.grey for frame in frames])
    scores = [one.score for seen in first for one in seen]
    figures = [number for number, seen in enumerate(first) if pieces[number].region.is_cell and needs_second_look(seen)]
    second = model.recognise([_cut_out(picture, pieces[number], _SECOND_LOOK).grey for number in figures])
    again = dict(zip(figures, second, strict=True))
    looks = [
        Look(piece, frame.grey, seen, again.get(number))
        for number, (piece, seen, frame) in enumerate(zip(pieces, first, frames, strict=True))
    ]
    spacing = measure_spacing(looks)
    lines = [(look.piece, weigh(look, spacing), frame) for look, frame in zip(looks, frames, strict=True)]
    return _Reading(picture, lines, hidden, sum(scores) / len(scores) if scores else float(not pieces))


def _cut_out(picture: LevelPicture, piece: Piece, framing: _Framing) -> _Frame:
    """Return a piece on white paper of its own: neither a border nor a neighbour reaches into it."""
    box = piece.box
    high = round(max(box.bottom - box.top, piece.em) * framing.height)
    margin = max(2, round(piece.em * framing.beside))
    top, left = round((box.top + box.bottom - high) / 2), box.left - margin
    paper: Grey = np.full((high, box.right - box.left + 2 * margin), 255, np.uint8)
    # Faint strokes are no ink yet: a little of what lies around belongs to the piece.
    around = min(margin, max(2, round(_AROUND * piece.em)))
    rows = slice(max(box.top - around, top, 0), min(box.bottom + around, top + high, picture.text.shape[0]))
    columns = slice(max(box.left - around, 0), min(box.right + around, picture.text.shape[1]))
    ink = picture.text[rows, columns]
    if framing.blur:
        ink = cv2.GaussianBlur(ink, (0, 0), framing.blur)
    # The paper's own grey becomes white, so that the piece has no frame that could be taken for strokes.
    levelled = cv2.convertScaleAbs(ink, alpha=255.0 / max(float(np.quantile(ink, framing.paper)), 1.0))
    paper[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = levelled
    return _Frame(paper, float(left))


def _place(piece: Piece, seen: Sequence[Seen], frame: _Frame, pixels: float) -> list[Character]:
    """Return characters where they stand, in points: as high as their line, as wide as their kind and neighbours allow.

    Boxes are as high as the text is large and not as its ink is, as they are in a PDF.
    """
    box = piece.box
    is_low = all(one.text.isascii() or one.text == UNREADABLE for one in seen)
    size = (box.bottom - box.top) / (_DIGIT_HEIGHT if is_low else 1.0)
    if piece.region.is_cell or size < piece.em:
        size = piece.em
    middle = (box.top + box.bottom) / 2
    places = [frame.left + one.place * frame.grey.shape[1] for one in seen]
    bounds = [-1e9, *((a + b) / 2 for a, b in pairwise(places)), 1e9]
    characters = []
    for number, (one, x) in enumerate(zip(seen, places, strict=True)):
        if one.text == " ":
            continue
        half = size * (0.25 if one.text.isascii() or one.text == UNREADABLE else 0.5)
        left, right = max(x - half, bounds[number], float(box.left)), min(x + half, bounds[number + 1])
        right = max(min(right, float(box.right)), left + 1)
        top, bottom = (middle - size / 2) / pixels, (middle + size / 2) / pixels
        characters.append(Character(left / pixels, top, right / pixels, bottom, one.text))
    return characters
