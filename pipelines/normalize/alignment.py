"""Rows whose label no form knows, aligned with the form's rows between their neighbours by likeness and order."""

from collections.abc import Sequence

from pipelines.normalize.folding import fold_label
from pipelines.normalize.pair_labels import pair_entries
from pipelines.normalize.rows import DataRow, RowChoice
from pipelines.normalize.similarity import MATCH_LIMITS, align_sequence, is_piece_of, label_likeness, means_alike
from schemas.vocabulary import MatchMethod

_SHORTEST_LABEL = 4  # characters of a label that is not a word of many others, as 其他 is


def align_rows(rows: Sequence[DataRow], choices: Sequence[RowChoice]) -> None:
    """Give rows whose label no form knows the code of the form row that they are alike and whose place they hold.

    Rows with a known label are anchors. Between two anchors the unknown ones are aligned, in order, with the form rows
    that no anchor holds; a pair counts where the likeness passes `MATCH_LIMITS.accept` and beats every other free row
    by `MATCH_LIMITS.margin`. A row without a label is never aligned here: its place alone proves nothing.
    """
    free = [choice for choice in choices if choice.label.code not in {row.code for row in rows}]
    places = {choice.label.code: choice.place for choice in choices}
    for start, stop in _unknown_runs(rows):
        low = max((places[row.code] for row in rows[:start] if row.code in places), default=-1.0)
        high = min((places[row.code] for row in rows[stop:] if row.code in places), default=float("inf"))
        between = [choice for choice in free if low < choice.place < high]
        _align_run([row for row in rows[start:stop] if row.label is not None], between, free, choices)
    _doubt_blanks(rows, choices)


def _doubt_blanks(rows: Sequence[DataRow], choices: Sequence[RowChoice]) -> None:
    """Take the code from a row of blanks where an unknown label with figures beside it may be half of its label.

    A page cuts a row within its label: the blanks are then no figures of the row. A row that was only alike is doubted
    beside any such label, one that is known where the label above it completes its own.
    """
    spellings = {choice.label.code: choice.label.spellings for choice in choices}
    for row, before, after in zip(rows, [None, *rows], [*rows[1:], None], strict=False):
        if row.code is None or row.has_values:
            continue
        beside = [other for other in (before, after) if other is not None and _is_unknown_with_figures(other)]
        is_doubtful = row.method is MatchMethod.SIMILAR or (
            before in beside and _completes(before, row, spellings.get(row.code, ()))
        )
        if beside and is_doubtful:
            row.uncode()


def _is_unknown_with_figures(row: DataRow) -> bool:
    return row.code is None and row.label is not None and row.has_values


def _completes(above: DataRow | None, row: DataRow, spellings: Sequence[str]) -> bool:
    """Tell whether two labels, one below the other, are the end of a form's label."""
    if above is None or above.label is None or row.label is None:
        return False
    both = above.label.label.bare + row.label.label.text
    return any(fold_label(spelling).text.endswith(both) for spelling in spellings)


def _unknown_runs(rows: Sequence[DataRow]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for place, row in enumerate(rows):
        if row.code is not None:
            continue
        if runs and runs[-1][1] == place:
            runs[-1] = (runs[-1][0], place + 1)
        else:
            runs.append((place, place + 1))
    return runs


def _align_run(
    rows: list[DataRow], between: list[RowChoice], free: list[RowChoice], choices: Sequence[RowChoice]
) -> None:
    if not rows or not between:
        return
    scores = [[_row_likeness(row, choice) for choice in between] for row in rows]
    for place, index in enumerate(align_sequence(scores, MATCH_LIMITS.accept)):
        row = rows[place]
        if index is None:
            continue
        others = [choice for choice in free if choice is not between[index]]
        if _is_rest_of_another(row, others) or _holds_several(row, choices):
            continue
        rivals = [_row_likeness(row, choice) for choice in others]
        if scores[place][index] - max(rivals, default=0.0) >= MATCH_LIMITS.margin:
            row.code, row.clause = between[index].label.code, between[index].clause
            row.method, row.score = MatchMethod.SIMILAR, round(scores[place][index], 3)


def _is_rest_of_another(row: DataRow, others: Sequence[RowChoice]) -> bool:
    """Tell whether a label is a piece of another row's, word for word.

    A row of a spreadsheet that is printed too low shows the last line of its label only: 反复申请, the rest of
    无正当理由大量反复申请, is more like 重复申请 than like the whole, and 申请数量 is the end of two.
    """
    return row.label is not None and any(is_piece_of(row.label.label, choice.label.spellings) for choice in others)


def _holds_several(row: DataRow, choices: Sequence[RowChoice]) -> bool:
    """Tell whether a label is made of the labels of several rows, as where a cell lists those of a whole group."""
    if row.label is None:
        return False
    text = row.label.label.text
    held = {
        choice.label.code: spelling
        for choice in choices
        for spelling in (fold_label(choice.label.label).text,)
        if len(spelling) >= _SHORTEST_LABEL and spelling in text
    }
    if len([one for one in held.values() if not any(one != other and one in other for other in held.values())]) > 1:
        return True
    # However short they are: no rule parts 规章 from 规范性文件 below it.
    codes = {fold_label(spelling).text: choice.label.code for choice in choices for spelling in choice.label.spellings}
    return any(text.startswith(one) and codes.get(text[len(one) :], code) != code for one, code in codes.items())


def _row_likeness(row: DataRow, choice: RowChoice) -> float:
    if row.label is None or (row.clause is not None and choice.clause != row.clause):
        return 0.0
    if (
        row.groups
        and choice.label.parent is not None
        and choice.label.parent not in row.groups
        and _is_specific(row.groups)
    ):
        return 0.0
    if not means_alike(row.label.label, choice.label.spellings) or _is_numbered_otherwise(row, choice):
        return 0.0
    if pair_entries(row.label.token):  # 予以公开-自然人 is not all of 予以公开
        return 0.0
    return label_likeness(row.label.label, choice.label.spellings)


def _is_numbered_otherwise(row: DataRow, choice: RowChoice) -> bool:
    """Tell whether a label bears a number of the kind that the form's has, and another: 二、 is not what 一、 is."""
    own = row.label.label.ordinal if row.label is not None else ""
    known = {fold_label(spelling).ordinal for spelling in choice.label.spellings} - {""}
    return bool(own and known) and own not in known and _kind_of_number(own) in map(_kind_of_number, known)


def _kind_of_number(ordinal: str) -> str:
    return "digit" if ordinal.isdigit() else ordinal[:1] if ordinal.startswith("(") else "numeral"


def _is_specific(groups: frozenset[str]) -> bool:
    """Tell whether the groups over a row say more than that it is a result."""
    return bool(groups - {"results"})
