"""Points, boxes and matrices of a page, as every format that places what it draws writes them."""

from collections.abc import Iterable

Matrix = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def combine(first: Matrix, second: Matrix) -> Matrix:
    """Return the matrix that applies `first`, then `second`.

    >>> combine((2, 0, 0, 2, 0, 0), (1, 0, 0, 1, 5, 7))
    (2, 0, 0, 2, 5, 7)
    """
    a, b, c, d, e, f = first
    p, q, r, s, t, u = second
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def transform_box(box: Box, matrix: Matrix) -> Box:
    """Return the upright box around a box that the matrix may have turned."""
    a, b, c, d, e, f = matrix
    left, bottom, right, top = box
    if not b and not c:
        xs, ys = (a * left + e, a * right + e), (d * bottom + f, d * top + f)
    elif not a and not d:
        xs, ys = (c * bottom + e, c * top + e), (b * left + f, b * right + f)
    else:
        corners = [(x, y) for x in (left, right) for y in (bottom, top)]
        all_xs, all_ys = [a * x + c * y + e for x, y in corners], [b * x + d * y + f for x, y in corners]
        xs, ys = (min(all_xs), max(all_xs)), (min(all_ys), max(all_ys))
    return min(xs), min(ys), max(xs), max(ys)


def transform_boxes(boxes: Iterable[Box], matrix: Matrix) -> list[Box]:
    """Return the upright boxes around boxes that the matrix may have turned: what `transform_box` does, for many.

    >>> transform_boxes([(1, 2, 3, 4)], (1, 0, 0, -1, 0, 10))
    [(1, 6, 3, 8)]
    """
    a, b, c, d, e, f = matrix
    if b or c:
        return [transform_box(box, matrix) for box in boxes]
    placed = []
    for left, bottom, right, top in boxes:
        x0, y0, x1, y1 = a * left + e, d * bottom + f, a * right + e, d * top + f
        if x1 < x0:
            x0, x1 = x1, x0
        if y1 < y0:
            y0, y1 = y1, y0
        placed.append((x0, y0, x1, y1))
    return placed


def middle_line(box: Box) -> Box:
    """Return the line that a thin box draws, from its start to its end.

    >>> middle_line((10, 20, 110, 21))
    (10, 20.5, 110, 20.5)
    """
    left, low, right, high = box
    if right - left >= high - low:
        return left, (low + high) / 2, right, (low + high) / 2
    return (left + right) / 2, low, (left + right) / 2, high


def intersect(box: Box, other: Box) -> Box | None:
    """Return what two boxes share, None where that is nothing.

    >>> intersect((0, 0, 4, 4), (2, -1, 9, 3)), intersect((0, 0, 4, 4), (4, 0, 9, 9))
    ((2, 0, 4, 3), None)
    """
    left, bottom, right, top = (
        max(box[0], other[0]),
        max(box[1], other[1]),
        min(box[2], other[2]),
        min(box[3], other[3]),
    )
    return (left, bottom, right, top) if left < right and bottom < top else None


def turn_matrix(turn: int, width: float, height: float) -> Matrix:
    """Return the matrix that sets upright a displayed page whose text is turned clockwise by `turn` quarters."""
    matrices: dict[int, Matrix] = {
        0: IDENTITY,
        1: (0.0, -1.0, 1.0, 0.0, 0.0, width),
        2: (-1.0, 0.0, 0.0, -1.0, width, height),
        3: (0.0, 1.0, -1.0, 0.0, height, 0.0),
    }
    return matrices[turn]
