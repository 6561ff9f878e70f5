"""The labels in front of the figures of a table without lines: their columns, and the lines that make one label."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

Piece = tuple[float, float, str]
"""Where a part of a line begins and ends, and its text."""

_SAME_PLACE = 3.0  # points by which labels of one column begin, or have their middle, at different places
_MOST_COLUMNS = 6
_LEVEL = 0.3  # sizes by which figures may stand off the middle of their label


@dataclass(frozen=True, slots=True)
class LabelColumns:
    """Where columns of labels begin and end, from left to right.

    Labels of a column begin at one place or, being centred, have one middle. Where a column ends is told of centred
    ones only; else it ends where it begins.
    """

    spans: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, pieces: Sequence[Piece]) -> "LabelColumns | None":
        """Return the columns that labels stand in, or None where there are too many."""
        held = [(x0, x1) for x0, x1, text in pieces if text.strip()]
        starts: list[float] = []
        for x0 in sorted(x0 for x0, _ in held):
            if not starts or x0 - starts[-1] > _SAME_PLACE:
                starts.append(x0)
        if len(starts) <= _MOST_COLUMNS:
            return cls(tuple((x0, x0) for x0 in starts))
        centred: list[tuple[float, float, float]] = []
        for middle, x0, x1 in sorted(((x0 + x1) / 2, x0, x1) for x0, x1 in held):
            if centred and middle - centred[-1][0] <= _SAME_PLACE:
                centred[-1] = middle, min(centred[-1][1], x0), max(centred[-1][2], x1)
            else:
                centred.append((middle, x0, x1))
        if len(centred) > _MOST_COLUMNS:
            return None
        spans: list[tuple[float, float]] = []
        for _, x0, x1 in sorted(centred, key=lambda one: one[2] - one[1]):
            touched = [one for one in spans if x0 < one[1] and one[0] < x1]
            if len(touched) <= 1:  # else labels over several columns
                spans = [one for one in spans if one not in touched]
                spans.append((min(x0, *(one[0] for one in touched), x0), max(x1, *(one[1] for one in touched), x1)))
        return cls(tuple(sorted(spans)))

    @property
    def start(self) -> float:
        """Where the first of them begins; 0 where there is none."""
        return self.spans[0][0] if self.spans else 0.0

    @property
    def _are_centred(self) -> bool:
        return any(left < right for left, right in self.spans)

    def start_of(self, piece: Piece) -> float:
        """Return where the first column begins in which a label stands."""
        x0, x1, _ = piece
        if not self._are_centred:
            return max((left for left, _ in self.spans if left <= x0), default=x0)
        return next((left for left, right in self.spans if x0 < right and left < x1), x0)

    def end_of(self, piece: Piece, last: float) -> float:
        """Return where the last label of a line ends: where its column does if it stays in it, else at the figures.

        Args:
            piece: The label.
            last: Where the figures begin.
        """
        for (left, right), (after, _) in pairwise(self.spans):
            if left <= piece[0] and piece[1] <= right:
                return after
        return last

    def parts(self, piece: Piece, size: float) -> list[Piece]:
        """Return a piece as it is, or its two parts where a space in it lies between two columns."""
        x0, x1, text = piece
        before, space, after = text.partition(" ")
        middle = x0 + size * sum(0.5 if one.isascii() else 1.0 for one in before)
        for (_, right), (left, _) in pairwise(self.spans if space and self._are_centred else ()):
            if x0 < right and middle <= min(right, left) + size / 2 and x0 < left < x1:
                return [(x0, min(middle, right), before), (left, x1, after)]
        return [piece]

    def join(
        self, rows: Sequence[list[Piece]], middles: Sequence[float], records: Collection[int], size: float
    ) -> list[list[Piece]]:
        """Return the labels of each line, those of the last column whole beside their figures.

        Figures stand at the middle of their label's lines; that tells which lines are one label, from the first on.
        Where it does not come out even, the lines stay as they are, for the next stage to judge.

        Args:
            rows: The labels of each line.
            middles: The height of each line.
            records: Which lines have figures.
            size: Of the text.
        """
        last = self.spans[-1][0] if self.spans else 0.0
        waiting = [(line, row[-1]) for line, row in enumerate(rows) if row and row[-1][1] > last + size / 2]
        joined = [list(row) for row in rows]
        for record in sorted(records):
            around = (
                count
                for count in range(1, len(waiting) + 1)
                if abs((middles[waiting[0][0]] + middles[waiting[count - 1][0]]) / 2 - middles[record]) <= _LEVEL * size
            )
            count = next(around, 0)
            taken, waiting = waiting[:count], waiting[count:]
            if not taken or any(line in records and line != record for line, _ in taken):
                return list(map(list, rows))
            if len(taken) > 1:
                for line, piece in taken:
                    joined[line].remove(piece)
                pieces = [piece for _, piece in taken]
                text = "".join(text for _, _, text in pieces)
                joined[record].append((min(one[0] for one in pieces), max(one[1] for one in pieces), text))
        return joined
