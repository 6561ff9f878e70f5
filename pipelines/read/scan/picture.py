"""The picture of a page set upright and level: its ink, its ruling lines, and what of them is text.

Everything here counts in pixels of the levelled picture, y down. A picture is an array of grey values, 0 black; masks
are arrays of the same shape, 255 where something is. NumPy and OpenCV come with the optional extra `ocr`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

import cv2
import numpy as np

from pipelines.read.pages.ruling import Segment

Grey = Any  # a NumPy array of bytes, rows by columns: NumPy is absent where the extra is not installed
Mask = Any
Counts = Any

_NEIGHBOURHOOD = 12.0  # points around a pixel in which the paper is looked for: higher than a line of text
_PAPER_SHARE = 4  # the picture is looked at so many times smaller for it
_WHITE = 255  # the lightest grey value
_SMOOTH = 0.35  # points over which noise is evened out: less than a stroke
# Ink is darker than the paper around it by so many times the paper's noise, by such a share of the page's contrast, and
# by at least so many grey values: every pixel a little, and one of each patch surely.
_FAINT = (2.5, 0.18, 10.0)
_SURE = (5.0, 0.3, 24.0)
_SPECK = 0.9  # points; what is smaller in both directions is dust
_DASH = 3.0  # points by which a ruling line may be interrupted
_SHORTEST = 22.0  # points of the shortest ruling line: longer than any stroke of a character
_THICKEST = 5.0  # points of the thickest ruling line
_BESIDE = 1.0  # points on either side of a ruling line that are looked at
_BESIDE_SHARE = 0.3  # share of its length along which something may stand there: the lines that it meets
_BESIDE_UNBROKEN = 0.6  # the same where the line itself is unbroken
_UNBROKEN = 0.97  # share of its length
_WIDEST_TURN = 6.0  # degrees by which a page is believed to lie askew
_TURN_STEPS = (0.5, 0.1, 0.02)  # degrees, from coarse to fine
_TURN_WIDTH = 700  # pixels of the copy on which the turn is measured


@dataclass(frozen=True, slots=True)
class LevelPicture:
    """A page as it would have been printed.

    Attributes:
        text: What is recognised: the picture turned level, its ruling lines painted over.
        ink: What is darker than the paper around it, without dust.
        rules: The ink of ruling lines.
        segments: The ruling lines, in pixels.
        turn: Degrees by which the picture was turned.
        pixels: Pixels of one point.
    """

    text: Grey
    ink: Mask
    rules: Mask
    segments: list[Segment]
    turn: float
    pixels: float


def level_picture(grey: Grey, pixels: float) -> LevelPicture:
    """Return a page's picture turned level, with its ink and its ruling lines.

    Args:
        grey: Grey values as scanned or rendered, the right way up but for a few degrees.
        pixels: Pixels of one point.
    """
    turn = measure_turn(find_ink(grey, pixels))
    if turn:
        grey = _turn(grey, turn)
    ink = find_ink(grey, pixels)
    rules, segments = find_rules(ink, pixels)
    text = np.where(cv2.dilate(rules, np.ones((5, 5), np.uint8)) > 0, 255, grey).astype(np.uint8)
    return LevelPicture(text, ink, rules, segments, turn, pixels)


def find_ink(grey: Grey, pixels: float) -> Mask:
    """Return where the picture is darker than around it, shadows at the edges and dust left out."""
    smooth = cv2.GaussianBlur(grey, (0, 0), max(_SMOOTH * pixels, 0.5))
    darker = _paper(smooth, pixels).astype(np.int16) - smooth
    # Most of a page is paper: the median strays no farther than its noise.
    noise = 1.5 * _quantile(np.bincount(np.abs(darker).ravel()), 0.5)
    contrast = _quantile(np.bincount((darker + _WHITE).ravel()), 0.995) - _WHITE
    faint, sure = (max(times * noise, share * contrast, least) for times, share, least in (_FAINT, _SURE))
    ink = (darker > faint).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    largest = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    kept = largest > max(1.0, _SPECK * pixels)
    kept &= np.bincount(labels[darker > sure], minlength=count) > 0
    kept[0] = False
    return np.where(kept[labels], 255, 0).astype(np.uint8)


def _quantile(counts: Counts, share: float) -> float:
    """Return the number below which a share of many small numbers lies, as `numpy.quantile` does.

    Counted, not sorted: where most pixels are the same white, selecting among them takes a hundred times as long.

    Args:
        counts: How many there are of 0, 1, 2 and so on.
        share: From 0 to 1.

    >>> _quantile(np.bincount([0, 0, 3, 4]), 0.5)
    1.5
    """
    below = np.cumsum(counts)
    rank = share * float(below[-1] - 1)
    low, high = (int(np.searchsorted(below, place, side="right")) for place in (floor(rank), ceil(rank)))
    return low + (high - low) * (rank % 1)


def _paper(smooth: Grey, pixels: float) -> Grey:
    """Return the grey value of the paper around each pixel: the middle one, as text covers less than half of it."""
    height, width = smooth.shape
    size = max(1, width // _PAPER_SHARE), max(1, height // _PAPER_SHARE)
    small = cv2.resize(smooth, size, interpolation=cv2.INTER_AREA)
    side = max(3, int(_NEIGHBOURHOOD * pixels / _PAPER_SHARE) * 2 + 1)
    return cv2.resize(cv2.medianBlur(small, side), (width, height), interpolation=cv2.INTER_LINEAR)


def measure_turn(ink: Mask) -> float:
    """Return the degrees by which a page must be turned for its lines of text and its rules to lie level.

    Level lines make rows of ink part sharply from rows of paper: the turn is the one under which the ink of
    neighbouring rows differs most.
    """
    height, width = ink.shape
    share = min(1.0, _TURN_WIDTH / width)
    small = cv2.resize(ink, (max(1, int(width * share)), max(1, int(height * share))), interpolation=cv2.INTER_AREA)
    best, reach = 0.0, _WIDEST_TURN
    for step in _TURN_STEPS:
        turns = best + np.arange(-reach, reach + step / 2, step)
        best = float(max(turns, key=lambda turn: (_sharpness(small, float(turn)), -abs(float(turn)))))
        reach = step
    return round(best, 3) if abs(best) >= _TURN_STEPS[-1] else 0.0


def _sharpness(ink: Mask, turn: float) -> float:
    # Of the smoother interpolation of `_turn` the same angles come, at three times the cost.
    rows = _turn(ink, turn, paper=0, flags=cv2.INTER_LINEAR).sum(axis=1, dtype=np.float64)
    return float(((rows[1:] - rows[:-1]) ** 2).sum())


def _turn(picture: Grey, degrees: float, *, paper: int = 255, flags: int = cv2.INTER_CUBIC) -> Grey:
    height, width = picture.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return cv2.warpAffine(picture, matrix, (width, height), flags=flags, borderValue=paper)


def find_rules(ink: Mask, pixels: float) -> tuple[Mask, list[Segment]]:
    """Return the ink of ruling lines, and each line along its middle.

    A rule is long, thin and alone: strokes of neighbouring characters may look like one dashed line, but other strokes
    stand beside them.
    """
    rules = np.zeros_like(ink)
    segments: list[Segment] = []
    for is_level in (True, False):
        lying = ink if is_level else np.ascontiguousarray(ink.T)
        boxes, mask = _level_rules(lying, pixels)
        rules |= mask if is_level else mask.T
        for left, top, width, height in boxes:
            middle = top + height / 2
            ends = (left, middle, left + width, middle)
            segments.append(Segment(*ends) if is_level else Segment(ends[1], ends[0], ends[3], ends[2]))
    return rules, segments


def _level_rules(ink: Mask, pixels: float) -> tuple[list[tuple[int, int, int, int]], Mask]:
    """Return the level rules as (left, top, width, height), and their ink."""
    # A line that still leans by a pixel is a flight of steps: thickened it is one again.
    thick = cv2.dilate(ink, np.ones((3, 1), np.uint8))
    closed = cv2.morphologyEx(thick, cv2.MORPH_CLOSE, np.ones((1, max(2, int(_DASH * pixels))), np.uint8))
    long = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, max(5, int(_SHORTEST * pixels))), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(long, connectivity=8)
    rules = np.zeros_like(ink)
    boxes = []
    for left, top, width, height in _thin_parts(labels, stats, pixels):
        for start, end in _lone_runs(ink[:, left : left + width], top, top + height, pixels):
            area = slice(top, top + height), slice(left + start, left + end)
            rules[area] = ink[area]
            boxes.append((left + start, top, end - start, height))
    return boxes, rules


def _thin_parts(labels: Mask, stats: Mask, pixels: float) -> Iterator[tuple[int, int, int, int]]:
    """Yield the parts of connected ink that are as thin as a rule: text on a rule's height may run into its end."""
    thickest, shortest = _THICKEST * pixels + 2, int(_SHORTEST * pixels)
    for number, (left, top, width, height, _) in enumerate(stats[1:].tolist(), 1):
        if height <= thickest:
            if width >= 2 * height:
                yield left, top, width, height
            continue
        part = labels[top : top + height, left : left + width] == number
        for start, end in _runs_of(part.sum(axis=0) <= thickest):
            rows = np.flatnonzero(part[:, start:end].any(axis=1))
            if end - start >= shortest and rows[-1] + 1 - rows[0] <= thickest:
                yield left + start, top + int(rows[0]), end - start, int(rows[-1] + 1 - rows[0])


def _lone_runs(ink: Mask, top: int, bottom: int, pixels: float) -> list[tuple[int, int]]:
    """Return the stretches of a line along which next to nothing stands right above and right below it.

    Where the line itself is unbroken, as rows of strokes never are, more may stand there: figures may keep close.
    """
    band = max(2, int(_BESIDE * pixels))
    beside = np.concatenate([ink[max(0, top - band) : top], ink[bottom : bottom + band]])
    occupied = beside.any(axis=0) if beside.size else np.zeros(ink.shape[1], bool)
    window = min(max(5, int(_SHORTEST * pixels)), occupied.size)
    shares = [
        cv2.blur(flags.astype(np.float32)[None, :], (window, 1), borderType=cv2.BORDER_REPLICATE)[0]
        for flags in (occupied, ink[top:bottom].any(axis=0))
    ]
    lone = (shares[0] <= _BESIDE_SHARE) | ((shares[0] <= _BESIDE_UNBROKEN) & (shares[1] >= _UNBROKEN))
    taken = np.flatnonzero(occupied)
    runs: list[tuple[int, int]] = []
    for first, last in _runs_of(lone):
        # The window blurs where text beside the line begins: up to there it is lone.
        start = int(max(taken[taken < first], default=-1)) + 1
        end = int(min(taken[taken >= last], default=occupied.size))
        if runs and start <= runs[-1][1]:
            runs[-1] = runs[-1][0], max(end, runs[-1][1])
        elif end - start >= window:
            runs.append((start, end))
    return runs


def _runs_of(mask: Mask) -> list[tuple[int, int]]:
    """Return the stretches where a row of flags is set, ends exclusive."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
