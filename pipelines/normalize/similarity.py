"""Likeness of labels, and the alignment of a table's rows with the rows of a form."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipelines.normalize.folding import FoldedLabel, fold_label, meaning_words, qualifies, tearable_words


@dataclass(frozen=True, slots=True)
class MatchLimits:
    """How alike a label must be to stand for a form's label.

    Attributes:
        accept: Least likeness of a row or column label.
        margin: By how much the best candidate must beat every other one.
        contained: Likeness given to a label that holds the form's whole label, or is held by it, with four characters
            or more.
        exchanged: Least likeness of a label that has another word in the place of one of the form's.
    """

    accept: float = 0.6
    margin: float = 0.12
    contained: float = 0.85
    exchanged: float = 0.9


MATCH_LIMITS = MatchLimits()
_LEAST_OF_SLIP = 2  # characters beside the mistaken one


@lru_cache(maxsize=65_536)
def label_likeness(printed: FoldedLabel, spellings: tuple[str, ...]) -> float:
    """Return how alike a printed label is to the nearest of a form label's spellings, 0 to 1.

    >>> label_likeness(fold_label("2.其他法律行政法规禁止公"), ("2.其他法律行政法规禁止公开",)) > 0.9
    True
    >>> label_likeness(fold_label("属于国家机密"), ("1.属于国家秘密",)) > 0.7
    True
    """
    return max(_pair_likeness(printed, fold_label(spelling)) for spelling in spellings)


def is_piece_of(printed: FoldedLabel, spellings: tuple[str, ...]) -> bool:
    """Tell whether a label stands, word for word, within one of a form label's spellings.

    >>> (
    ...     is_piece_of(fold_label("反复申请"), ("4.无正当理由大量反复申请",)),
    ...     is_piece_of(fold_label("反复申请"), ("2.重复申请",)),
    ... )
    (True, False)
    """
    return any(printed.bare in fold_label(spelling).text for spelling in spellings)


def means_alike(printed: FoldedLabel, spellings: tuple[str, ...]) -> bool:
    """Tell whether a label holds the same words that decide its meaning as one of the form label's spellings.

    >>> (
    ...     means_alike(fold_label("本年失效件数"), ("现行有效件数",)),
    ...     means_alike(fold_label("不予行政许可"), ("行政许可",)),
    ...     means_alike(fold_label("属于工作秘密"), ("属于国家秘密",)),
    ...     means_alike(fold_label("本年借阅件数"), ("本年制发件数", "本年发件数")),
    ... )
    (False, False, False, False)
    """
    if label_likeness(printed, spellings) < MATCH_LIMITS.exchanged and all(
        _exchanges_word(printed, fold_label(spelling)) for spelling in spellings
    ):
        return False
    if qualifies(printed) and printed.text not in (fold_label(spelling).text for spelling in spellings):
        return False
    words = meaning_words(printed.text)
    return any(
        words in (meaning_words(fold_label(spelling).text), meaning_words(fold_label(spelling).bare))
        for spelling in spellings
    )


def is_slip_of(printed: FoldedLabel, spellings: tuple[str, ...]) -> bool:
    """Tell whether one character is mistaken, lost or too many in a label, and no word of another meaning came of it.

    It says no more than that nothing speaks against the row; see `pipelines.normalize.proof`.

    >>> [
    ...     is_slip_of(fold_label(label), ("（一）予以公开",))
    ...     for label in ("（一）予以开", "（一）予以公井", "（一）不予公开", "（一）未予以公开")
    ... ]
    [True, True, False, False]
    >>> is_slip_of(fold_label("二、下年结转申请"), ("二、上年结转申请",))
    False
    """
    from rapidfuzz.distance import Levenshtein  # most reports never need it

    words = meaning_words(printed.text)
    for known in map(fold_label, spellings):
        is_near = any(
            len(mine) > _LEAST_OF_SLIP and Levenshtein.distance(mine, theirs, score_cutoff=1) <= 1
            for mine, theirs in ((printed.text, known.text), (printed.bare, known.bare))
        )
        meant = meaning_words(known.text)
        if is_near and words <= meant and meant - words <= tearable_words():
            return True
    return False


def _exchanges_word(printed: FoldedLabel, known: FoldedLabel) -> bool:
    """Tell whether two characters or more stand in the place of others; figures, as of a year, are no word.

    Slips of pen, keyboard or scanner lose characters, add some or mistake one for another; a word for another word
    (工作秘密 for 国家秘密) is another thing, however much is the same around it.
    """
    from rapidfuzz.distance import Indel  # most reports never need it

    def exchanged(mine: str, theirs: str) -> bool:
        mine_end = theirs_end = 0
        for block in Indel.editops(mine, theirs).as_matching_blocks():
            word = sum(not character.isdigit() for character in mine[mine_end : block.a])
            if word >= 2 and block.b > theirs_end:
                return True
            mine_end, theirs_end = block.a + block.size, block.b + block.size
        return False

    return all(exchanged(mine, theirs) for mine in {printed.text, printed.bare} for theirs in {known.text, known.bare})


def _pair_likeness(printed: FoldedLabel, known: FoldedLabel) -> float:
    from rapidfuzz import fuzz  # most reports never need it

    best = 0.0
    for mine in {printed.text, printed.bare}:
        for theirs in {known.text, known.bare}:
            best = max(best, fuzz.ratio(mine, theirs) / 100)
            short, long = sorted((mine, theirs), key=len)
            if len(short) >= 4 and short in long:
                best = max(best, MATCH_LIMITS.contained)
    return best


def align_sequence(scores: Sequence[Sequence[float]], accept: float) -> list[int | None]:
    """Return for each printed item the index of the form item it aligns with, keeping both orders, or None.

    Needleman–Wunsch alignment (1970) without gap cost: the sum of (score - accept) over aligned pairs is greatest, and
    a pair below `accept` is never aligned.

    Args:
        scores: Likeness of each printed item (rows) to each form item (columns).
        accept: Least likeness of a pair.

    >>> align_sequence([[0.9, 0.1], [0.2, 0.1], [0.0, 0.8]], 0.5)
    [0, None, 1]
    """
    height, width = len(scores), len(scores[0]) if scores else 0
    best = [[0.0] * (width + 1) for _ in range(height + 1)]
    for i in range(height - 1, -1, -1):
        for j in range(width - 1, -1, -1):
            take = scores[i][j] - accept + 1e-9 + best[i + 1][j + 1] if scores[i][j] >= accept else -1.0
            best[i][j] = max(take, best[i + 1][j], best[i][j + 1])
    aligned: list[int | None] = [None] * height
    i = j = 0
    while i < height and j < width:
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            aligned[i] = j
            i, j = i + 1, j + 1
    return aligned
