"""The small languages in which GB/T 33190 writes numbers, distances and paths."""

import re
from collections.abc import Iterator

_PATH_TOKEN = re.compile(r"[A-Za-z]|[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,2})?")
_PATH_ARGUMENTS = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}


def expand_deltas(text: str, limit: int) -> list[float]:
    """Return the distances of a DeltaX or DeltaY list, in which `g n d` stands for n times d.

    >>> expand_deltas("3.5 g 3 4 2", 10)
    [3.5, 4.0, 4.0, 4.0, 2.0]
    """
    words = iter(text.split())
    deltas: list[float] = []
    for word in words:
        if word == "g":
            repeated = int(min(max(read_float(next(words, "")), 0), limit - len(deltas)))
            deltas += [read_float(next(words, ""))] * repeated
        else:
            deltas.append(read_float(word))
        if len(deltas) >= limit:
            break
    return deltas[:limit]


def read_path(data: str) -> Iterator[tuple[float, float, float, float]]:
    """Yield the straight segments of an AbbreviatedData string; a curve only moves the pen.

    >>> list(read_path("M 0 0 L 10 0 L 10 5 C"))
    [(0.0, 0.0, 10.0, 0.0), (10.0, 0.0, 10.0, 5.0), (10.0, 5.0, 0.0, 0.0)]
    """
    return (line for operator, line in read_moves(data) if operator in "LC")


def read_moves(data: str) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
    """Yield the operators of an AbbreviatedData string, and from where to where each takes the pen.

    >>> list(read_moves("M 0 0 Q 1 1 10 0"))
    [('M', (0.0, 0.0, 0.0, 0.0)), ('Q', (0.0, 0.0, 10.0, 0.0))]
    """
    tokens = _PATH_TOKEN.findall(data)
    place = 0
    x, y, start_x, start_y = 0.0, 0.0, 0.0, 0.0
    while place < len(tokens):
        operator = tokens[place]
        count = _PATH_ARGUMENTS.get(operator)
        arguments = tokens[place + 1 : place + 1 + (count or 0)]
        if count is None or len(arguments) < count or any(argument.isalpha() for argument in arguments):
            place += 1
            continue
        numbers = [read_float(argument) for argument in arguments]
        place += 1 + count
        to_x, to_y = (numbers[-2], numbers[-1]) if count else (start_x, start_y)
        if operator in "SM":
            start_x, start_y = to_x, to_y
        yield operator, (x, y, to_x, to_y)
        x, y = to_x, to_y


def read_numbers(text: str | None, count: int) -> tuple[float, ...] | None:
    """Return exactly `count` numbers separated by white space, or None.

    >>> read_numbers("0 0 210 297", 4)
    (0.0, 0.0, 210.0, 297.0)
    """
    words = (text or "").split()
    return tuple(map(read_float, words)) if len(words) == count else None


def read_float(text: str | None) -> float:
    """Return a finite number, or 0 for anything else: a damaged coordinate misplaces one object and no more.

    >>> read_float("3.5"), read_float("nan"), read_float("x"), read_float(None)
    (3.5, 0.0, 0.0, 0.0)
    """
    try:
        number = float(text) if text and len(text) < 32 else 0.0
    except ValueError:
        return 0.0
    return number if -1e6 < number < 1e6 else 0.0
