"""Whether recognised digits can be believed: the model's word against its own second look and against the ink.

Digits are believed or left illegible, never guessed. A figure is believed where two looks at it, framed otherwise, give
the same digits with high scores, and where as many digits as were read fit its ink: a digit that the model skipped
(`11` read as 1) leaves a patch of ink or a width that no digit accounts for.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import cv2
import numpy as np

from pipelines.read.model import UNREADABLE
from pipelines.read.scan.lines import Piece
from pipelines.read.scan.model import Seen
from pipelines.read.scan.picture import Grey

_DIGIT_SCORE = 0.8  # the least score of a digit in both looks
_LONE_SCORE = 0.6  # the same where every digit is one patch of ink and none is left over
_TEXT_SCORE = 0.5  # mean score below which ink outside tables is no text
_NAME_SCORE = 0.8  # the least score of a Chinese character outside tables, where nothing else tells what it must be
_TALL = 0.45  # share of the highest patch from which ink is a digit's and no mark's
_RAISED = 0.8  # share of the highest digit below which one is a footnote's
_DIGIT_HEIGHTS = (0.45, 1.15)  # ems between which a digit's ink is high
_MARK_SIZE = 0.09  # ems from which ink beside digits may be a mark
_COUNTED_EM = 64.0  # pixels of an em at which ink is counted
_COUNTED_BLUR = 1.6  # pixels; evens out noise and the gaps of faint strokes
_FAINT_SHARE = 0.35  # share of the way from paper to the darkest ink from which a stroke is seen
_DARK_SHARE, _PALE_SHARE = 0.6, 0.3  # of the darkest ink: a stroke, and what is more than paper
_EDGE = 19  # pixels of a counted em within which ink is the edge of a stroke, from side to side
_OTHER_INK = 0.01  # square ems of other ink that may be dirt
_SURE_SCORE = 0.95  # score of the figures from which a page's spacing is measured
_FEWEST_SAMPLES = 5
_LEAN = 0.15  # share of its height by which a slash's head stands right of its foot
_SKIPPED = 1.6  # times the usual distance of two Chinese characters between which one is missing
_NARROWEST = 0.1  # ems: the ink of a 1
_WIDER = 0.25  # share of the spacing by which a figure may be wider than its digits should be
# What would be read as a number, or as none, without a digit.
_NUMBER_WORDS = frozenset("〇零一二三四五六七八九十百千万亿两壹贰叁肆伍陆柒捌玖拾佰仟无")
_FIGURE = re.compile(r"[-+－＋]?[\d.,，．%％]*\d[\d.,，．%％]*")
_DIGIT = re.compile(r"\d")
_SEVERAL = re.compile(r"\d +\d")
_HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of a piece of text, at first and at a second look; the latter only where it decides something."""

    piece: Piece
    grey: Grey
    first: Sequence[Seen]
    second: Sequence[Seen] | None

    @property
    def text(self) -> str:
        """The first look's text."""
        return "".join(one.text for one in self.first)

    @property
    def figure(self) -> str | None:
        """The text without its spaces where it is a number and nothing else."""
        text = self.text.replace(" ", "")
        return text if _FIGURE.fullmatch(text) else None


@dataclass(frozen=True, slots=True)
class Spacing:
    """How a page sets its figures, in ems: from one digit to the next, and the ink of the widest digit."""

    advance: float
    width: float

    def fits(self, ems: float, digits: int) -> bool:
        """Tell whether so many digits, and not one more, are as wide as this.

        >>> spacing = Spacing(0.5, 0.45)
        >>> spacing.fits(0.95, 2), spacing.fits(0.95, 1), spacing.fits(0.7, 2)
        (True, False, True)
        """
        least = (digits - 1) * self.advance
        return least + _NARROWEST <= ems <= least + self.width + _WIDER * self.advance


# Of all usual fonts; by it one digit is told from two and two from three, but not five from six.
_USUAL_SPACING = Spacing(0.48, 0.47)
_SURELY_COUNTED = 2


def needs_second_look(seen: Sequence[Seen]) -> bool:
    """Tell whether a cell's text may be a figure or the mark that stands for none: digits, or nothing but signs."""
    text = "".join(one.text for one in seen)
    return bool(text) and (_DIGIT.search(text) is not None or _HAN.search(text) is None or _is_number_word(text))


def _is_number_word(text: str) -> bool:
    """Tell whether a text would be read as a number, or as none, though it has no digit: 八 was a 0 under a seal."""
    return all(character in _NUMBER_WORDS for character in text)


def measure_spacing(looks: Iterable[Look]) -> Spacing | None:
    """Return how a page sets its figures, by those that are beyond doubt; None where these are too few."""
    widths: list[float] = []
    numbers: list[tuple[int, float]] = []
    for look in looks:
        figure = look.figure
        if figure is None or not figure.isdigit() or min(one.score for one in look.first) < _SURE_SCORE:
            continue
        ems = (look.piece.box.right - look.piece.box.left) / look.piece.em
        if "1" in (figure[0], figure[-1]):
            continue  # narrow, wherever its font sets it
        if len(figure) > 1:
            numbers.append((len(figure), ems))
        else:
            widths.append(ems)
    if min(len(widths), len(numbers)) < _FEWEST_SAMPLES:
        return None
    width = median(widths)
    return Spacing(median((ems - width) / (count - 1) for count, ems in numbers), width)


def weigh(look: Look, spacing: Spacing | None) -> list[Seen]:
    """Return a piece's characters, those as U+FFFD that are not beyond doubt."""
    if not look.piece.region.is_cell:
        return _weigh_text(_with_gaps(look.first))
    if not look.first:
        return [Seen(UNREADABLE, 0.5, 0.0)]
    if look.second is None:
        return list(look.first)
    if not _DIGIT.search(look.text):
        is_same = look.text == "".join(one.text for one in look.second)
        least = _SURE_SCORE if _is_number_word(look.text) else _LONE_SCORE
        is_sure = is_same and not (look.piece.is_blotted or look.piece.box.is_cut) and _is_sure(look.first, least)
        return list(look.first) if is_sure else [_doubt(one) for one in look.first]
    figure = look.figure
    is_same = _numeric(look.first, figure) == _numeric(look.second, figure)
    is_hurt = look.piece.box.is_cut or look.piece.is_blotted
    if not is_same or is_hurt or _SEVERAL.search(look.text):
        return [_doubt(one) if _is_digit(one) else one for one in look.first]
    least = _DIGIT_SCORE if figure is None else _least_score(look, figure, spacing)
    scores = iter(
        min(one.score, other.score) for one, other in zip(*map(_digits, (look.first, look.second)), strict=True)
    )
    return [_doubt(one) if _is_digit(one) and next(scores) < least else one for one in look.first]


def _with_gaps(seen: Sequence[Seen]) -> list[Seen]:
    """Return a line with U+FFFD where a Chinese character was skipped: its neighbours stand too far apart.

    >>> line = [Seen(text, place, 1.0) for text, place in zip("石镇人民政府", (0.1, 0.3, 0.4, 0.5, 0.6, 0.7))]
    >>> "".join(one.text for one in _with_gaps(line)) == f"石{UNREADABLE}镇人民政府"
    True
    """
    pairs = [(one, two) for one, two in pairwise(seen) if _HAN.match(one.text) and _HAN.match(two.text)]
    if not pairs:
        return list(seen)
    usual = median(two.place - one.place for one, two in pairs)
    whole = list(seen[:1])
    for one, two in pairwise(seen):
        if (one, two) in pairs and two.place - one.place > _SKIPPED * usual:
            whole.append(Seen(UNREADABLE, (one.place + two.place) / 2, 0.0))
        whole.append(two)
    return whole


def _weigh_text(seen: Sequence[Seen]) -> list[Seen]:
    """Return the characters of a line outside tables, nothing where it is none."""
    if not seen or sum(one.score for one in seen) / len(seen) < _TEXT_SCORE:
        return []
    return [
        _doubt(one)
        if (_is_digit(one) and one.score < _DIGIT_SCORE) or (_HAN.match(one.text) and one.score < _NAME_SCORE)
        else one
        for one in seen
    ]


def _least_score(look: Look, figure: str, spacing: Spacing | None) -> float:
    """Return the score that a figure's digits must have, beyond 1 where its ink speaks against it."""
    expected = sum(map(str.isdigit, figure))
    ink = count_figure_ink(look.grey, look.piece.em)
    if has_other_ink(look.grey, look.piece.em):
        return 2.0
    if ink is None or ink[1] != len(figure) - expected or (figure == "1" and leans(look.grey)):
        return 2.0
    if ink[0] == expected:
        return _LONE_SCORE
    # Digits that touch and faint ones that fall apart cannot be counted; their width can still be measured.
    measure = spacing or (_USUAL_SPACING if expected <= _SURELY_COUNTED else None)
    if measure is None or not figure.isdigit():
        return 2.0
    box = look.piece.box
    return _DIGIT_SCORE if measure.fits((box.right - box.left) / look.piece.em, expected) else 2.0


def count_figure_ink(grey: Grey, em: float) -> tuple[int, int] | None:
    """Return of how many digits and of how many marks the ink of a figure seems to be, without reading it.

    Args:
        grey: The figure on white paper.
        em: Height of the text around it, in pixels.

    Returns:
        None where the ink is too high or too low for digits, or of two sizes, as beside a footnote's mark.
    """
    scale = _COUNTED_EM / em
    large = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    smooth = cv2.GaussianBlur(large, (0, 0), _COUNTED_BLUR)
    darkest = float(np.percentile(smooth, 2))
    faint = (smooth < 255 - _FAINT_SHARE * (255 - darkest)).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(faint, connectivity=8)
    columns: list[list[int]] = []  # left, right, top, bottom of the patches that stand over one another
    for left, top, width, height, _ in sorted(stats[1:].tolist()):
        if columns and left < columns[-1][1]:
            last = columns[-1]
            columns[-1] = [last[0], max(last[1], left + width), min(last[2], top), max(last[3], top + height)]
        else:
            columns.append([left, left + width, top, top + height])
    highest = max((bottom - top for _, _, top, bottom in columns), default=0)
    tall = [bottom - top for _, _, top, bottom in columns if bottom - top >= _TALL * highest]
    marks = sum(
        max(right - left, bottom - top) >= _MARK_SIZE * _COUNTED_EM
        for left, right, top, bottom in columns
        if bottom - top < _TALL * highest
    )
    is_likely = _DIGIT_HEIGHTS[0] * _COUNTED_EM <= highest <= _DIGIT_HEIGHTS[1] * _COUNTED_EM
    return (len(tall), marks) if is_likely and min(tall) >= _RAISED * highest else None


def has_other_ink(grey: Grey, em: float) -> bool:
    """Tell whether ink of another tone lies in a figure's box: a seal over 9 left what was read as 2.

    The edges of strokes are paler than the strokes, so only pale ink away from dark counts.

    >>> figure = np.full((40, 40), 255, np.uint8)
    >>> figure[8:32, 18:22] = 0
    >>> sealed = figure.copy()
    >>> sealed[:, 30:34] = 130
    >>> has_other_ink(figure, 40.0), has_other_ink(sealed, 40.0)
    (False, True)
    """
    scale = _COUNTED_EM / em
    large = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    smooth = cv2.GaussianBlur(large, (0, 0), _COUNTED_BLUR)
    paper, darkest = 255.0, float(np.percentile(smooth, 2))
    ink = (paper - smooth) / max(paper - darkest, 1.0)
    edges = cv2.dilate((ink >= _DARK_SHARE).astype(np.uint8), np.ones((_EDGE, _EDGE), np.uint8))
    return bool(((ink >= _PALE_SHARE) & (edges == 0)).sum() > _OTHER_INK * _COUNTED_EM**2)


def leans(grey: Grey) -> bool:
    """Tell whether ink leans to the right as a slash does, which models take for a 1.

    >>> slash = np.full((12, 9), 255, np.uint8)
    >>> slash[np.arange(2, 10), 8 - np.arange(1, 9)] = 0
    >>> bool(leans(slash)), bool(leans(slash[:, ::-1]))
    (True, False)
    """
    ink = np.maximum(0.0, 128.0 - grey.astype(np.float64) / 2) * (grey < grey.min() / 2 + 128)
    rows = np.flatnonzero(ink.any(axis=1))
    high = max(len(rows) // 3, 1)
    upper, lower = (ink[part].sum(axis=0) for part in (rows[:high], rows[-high:]))
    across = np.arange(ink.shape[1])
    lean = (upper * across).sum() / upper.sum() - (lower * across).sum() / lower.sum()
    return bool(lean > _LEAN * len(rows))


def _is_sure(seen: Sequence[Seen], least: float) -> bool:
    return min(one.score for one in seen) >= least


def _is_digit(one: Seen) -> bool:
    return one.text.isdigit()


def _digits(seen: Sequence[Seen]) -> list[Seen]:
    return [one for one in seen if _is_digit(one)]


def _numeric(seen: Sequence[Seen], figure: str | None) -> str:
    """Return the digits of a text, of a figure all but its spaces."""
    return "".join(one.text for one in seen if one.text.isdigit() or (figure and one.text != " "))


def _doubt(one: Seen) -> Seen:
    return Seen(UNREADABLE, one.place, one.score)
