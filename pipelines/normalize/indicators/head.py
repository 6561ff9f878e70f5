"""The head of an indicator table (统计表 before 2019): which columns hold labels, units and which figures."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, lru_cache
from typing import NamedTuple

from pipelines.normalize.grid import CellKind, GridCell, GridRow
from schemas.legacy import CUMULATIVE, YEAR, load_header_words

_PARENTHESES = re.compile(r"\([^()]*\)")
_STATED_YEAR = re.compile(r"20[01][0-9](?=年)")
_HEAD_ROWS = 12  # a head stands near the top; further down such words are labels
_COLUMN_LETTERS = frozenset("甲乙丙丁")


class HeadKind(StrEnum):
    """What a head names."""

    INDICATOR = "indicator"
    UNIT = "unit"
    ORDINAL = "ordinal"
    BESIDE = "beside"
    PERIODIC = "periodic"
    YEAR = "year"
    CUMULATIVE = "cumulative"
    TOTAL = "total"
    PARTS = "parts"


_STRONG = frozenset({HeadKind.INDICATOR, HeadKind.UNIT})
_FIGURES = frozenset({HeadKind.YEAR, HeadKind.CUMULATIVE, HeadKind.TOTAL, HeadKind.PARTS, HeadKind.PERIODIC})
_TELLING = _STRONG | {HeadKind.YEAR, HeadKind.CUMULATIVE, HeadKind.PERIODIC}


@dataclass(frozen=True, slots=True)
class FigureColumn:
    """A column of figures: its code, None for one that is neither the year's nor the cumulative figure as a whole.

    Attributes:
        text: The heads over it from top to bottom, folded.
        column: Its first grid column; its place among the columns of figures in text without a grid.
    """

    code: str | None
    text: str
    column: int


@dataclass(frozen=True, slots=True)
class HeadGroup:
    """Columns that belong to one indicator of a row; tables print several side by side."""

    labels: frozenset[int]
    unit: int | None
    figures: tuple[FigureColumn, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """The head of an indicator table.

    Attributes:
        rows: How many rows from the first it takes, titles above it among them.
        beside: Columns that hold no figure of the table: running numbers, shares, remarks.
        cells: How many cells of the row after `rows` it takes, in text printed one cell a line.
        by_count: Its columns say nothing of where figures stand (text without a grid): only their number and order do.
        periodic: The word by which the table is a monthly or quarterly one; None for an annual table.
    """

    groups: tuple[HeadGroup, ...]
    rows: int
    has_unit: bool
    beside: frozenset[int] = frozenset()
    cells: int = 0
    by_count: bool = False
    has_ordinal: bool = False
    periodic: str | None = None

    @property
    def signature(self) -> tuple[tuple[str | None, str], ...]:
        """What the columns of figures are, by which the head repeated on the next page is known."""
        return tuple((column.code, column.text) for group in self.groups for column in group.figures)


@dataclass(slots=True)
class _Column:
    texts: list[str] = field(default_factory=list)
    kinds: set[HeadKind] = field(default_factory=set)


@cache
def _patterns() -> tuple[tuple[HeadKind, re.Pattern[str]], ...]:
    words = load_header_words()
    # Periodic before cumulative before year: 本季度 is no year, and 截至2014年累计 names a year and means all of them.
    order = (HeadKind.INDICATOR, HeadKind.UNIT, HeadKind.ORDINAL, HeadKind.BESIDE, HeadKind.PERIODIC,
             HeadKind.CUMULATIVE, HeadKind.TOTAL, HeadKind.YEAR, HeadKind.PARTS)  # fmt: skip
    return tuple((kind, re.compile(getattr(words, kind.value))) for kind in order)


@lru_cache(maxsize=16_384)
def head_kind(token: str) -> HeadKind | None:
    """Return what a folded text names as a head, or None where it is none.

    >>> [
    ...     str(head_kind(text))
    ...     for text in ("指标名称", "2014年度", "历年累计", "区直单位统计数", "本季度", "行政复议数")
    ... ]
    ['indicator', 'year', 'cumulative', 'parts', 'periodic', 'None']
    """
    text = _PARENTHESES.sub("", token).strip(":.、")
    return next((kind for kind, pattern in _patterns() if pattern.fullmatch(text)), None)


@lru_cache(maxsize=4_096)
def split_heads(token: str) -> tuple[str, ...]:
    """Return the heads that a text is made of, the longest at each place, or nothing where it holds anything else.

    >>> split_heads("指标名称计量单位2014年度历年累计"), split_heads("主动公开信息数")
    (('指标名称', '计量单位', '2014年度', '历年累计'), ())
    """
    heads: list[str] = []
    rest = _PARENTHESES.sub("", token)
    while rest:
        known = next((rest[:end] for end in range(min(len(rest), 24), 1, -1) if head_kind(rest[:end])), None)
        if known is None:
            return ()
        heads.append(known)
        rest = rest[len(known) :]
    return tuple(heads)


def find_head(rows: Sequence[GridRow]) -> Head | None:
    """Return the head of a table whose indicators go down, or None where it has none.

    A head names the column of indicators or of units, or the year beside the cumulative figure; one that names only a
    year (2014年度 over a blank corner) is a head where nothing better stands.

    Args:
        rows: Rows of one physical table from the top.
    """
    if rows and rows[0].is_stream and len(rows[0].cells) > 1:
        return _stream_head(rows)
    weak: Head | None = None
    for place, row in enumerate(rows[:_HEAD_ROWS]):
        texts = [cell for cell in row.cells if cell.kind is CellKind.TEXT]
        if len(texts) == 1 and not row.has_values and len(heads := split_heads(texts[0].token)) > 1:
            return _counted_head(heads, place + 1, _title_period(rows[:place]))
        kinds = {head_kind(cell.token) for cell in texts}
        if kinds & _STRONG or {HeadKind.YEAR, HeadKind.CUMULATIVE} <= kinds:
            head = _grid_head(rows, place)
            if head is not None:
                return head
        if weak is None and any(_STATED_YEAR.search(cell.token) for cell in texts) and HeadKind.YEAR in kinds:
            weak = _grid_head(rows, place)
    return weak


@lru_cache(maxsize=16_384)
def is_telling(token: str) -> bool:
    """Tell whether a text may stand in the head of an indicator table."""
    return head_kind(token) in _TELLING or len(split_heads(token)) > 1


def _grid_head(rows: Sequence[GridRow], first: int) -> Head | None:
    columns: dict[int, _Column] = {}
    stop = first
    figure_columns: set[int] = set()
    while stop < len(rows) and _is_head_row(rows[stop], figure_columns, is_first=stop == first):
        for cell in rows[stop].cells:
            if cell.kind is CellKind.TEXT:
                _add_head(columns, cell, figure_columns)
        stop += 1
    width = max(cell.last_column for row in rows for cell in row.cells)
    columns = {number: columns.get(number, _Column()) for number in range(1, width + 1)}
    groups = _find_groups(list(columns.values()))
    if not groups or not any(column.kinds & _FIGURES for column in columns.values()):
        return None
    return Head(
        groups,
        stop,
        has_unit=any(group.unit for group in groups),
        beside=frozenset(n for n, column in columns.items() if column.kinds & {HeadKind.ORDINAL, HeadKind.BESIDE}),
        periodic=_periodic_head(columns.values()) or _title_period(rows[:first]),
    )


def _is_head_row(row: GridRow, figure_columns: set[int], *, is_first: bool) -> bool:
    """Tell whether a row belongs to the head: it holds heads alone, or what stands below the heads of figures."""
    texts = [cell for cell in row.cells if cell.kind is CellKind.TEXT]
    if not texts:
        return False
    if {cell.token for cell in texts} <= _COLUMN_LETTERS:
        return True  # 甲 乙 1 2 below the head
    if row.has_values:
        return is_first
    if is_first:
        return True
    below = all(cell.column in figure_columns for cell in texts)
    return below or all(head_kind(cell.token) for cell in texts)


def _add_head(columns: dict[int, _Column], cell: GridCell, figure_columns: set[int]) -> None:
    if cell.token in _COLUMN_LETTERS:
        return
    kind = head_kind(cell.token)
    for number in range(cell.column, cell.last_column + 1):
        column = columns.setdefault(number, _Column())
        column.texts.append(cell.token)
        if kind is not None:
            column.kinds.add(kind)
        if kind not in (HeadKind.INDICATOR, HeadKind.UNIT, HeadKind.ORDINAL, HeadKind.BESIDE):
            figure_columns.add(number)


class _Group(NamedTuple):
    """Numbers of the columns that belong together."""

    labels: list[int]
    units: list[int]
    figures: list[int]


def _find_groups(columns: list[_Column]) -> tuple[HeadGroup, ...]:
    """Part the columns into groups of labels, unit and figures; a column of labels after figures opens the next."""
    groups: list[_Group] = []
    for number, column in enumerate(columns, start=1):
        is_label = HeadKind.INDICATOR in column.kinds or (not column.texts and (not groups or not groups[-1].figures))
        if is_label:
            if not groups or groups[-1].figures:
                groups.append(_Group([], [], []))
            groups[-1].labels.append(number)
        elif column.kinds & {HeadKind.ORDINAL, HeadKind.BESIDE} or not column.texts:
            continue
        elif not groups:
            return ()
        elif HeadKind.UNIT in column.kinds:
            groups[-1].units.append(number)
        else:
            groups[-1].figures.append(number)
    whole = [group for group in groups if group.labels and group.figures and len(group.units) <= 1]
    if len(whole) != len([group for group in groups if group.labels and (group.units or group.figures)]):
        return ()
    return tuple(
        HeadGroup(
            frozenset(labels), units[0] if units else None, _code_columns(figures, [columns[n - 1] for n in figures])
        )
        for labels, units, figures in whole
    )


def _code_columns(numbers: Sequence[int], columns: Sequence[_Column]) -> tuple[FigureColumn, ...]:
    """Give each column of figures its code; two that claim the same one and do not name two years lose it.

    A sub-column for a part of the agency has no code, nor has one whose head nobody knows.
    """
    codes = [_column_code(column) for column in columns]
    stated = [_stated_year(column) for column in columns]
    for code in (YEAR, CUMULATIVE):
        claims = [place for place, own in enumerate(codes) if own == code]
        if len(claims) > 1:
            years = [stated[place] for place in claims]
            latest = max((year for year in years if year), default=None)
            keeps = [place for place in claims if stated[place] == latest] if all(years) else []
            for place in claims:
                if len(keeps) != 1 or place != keeps[0]:
                    codes[place] = None
    return tuple(
        FigureColumn(code, " ".join(column.texts), number)
        for code, column, number in zip(codes, columns, numbers, strict=True)
    )


def _column_code(column: _Column) -> str | None:
    kinds = column.kinds
    if kinds & {HeadKind.PARTS, HeadKind.PERIODIC} or any(head_kind(text) is None for text in column.texts):
        return None
    if HeadKind.CUMULATIVE in kinds:
        return CUMULATIVE if HeadKind.YEAR not in kinds else None
    return YEAR if kinds & {HeadKind.YEAR, HeadKind.TOTAL} else None


def _stated_year(column: _Column) -> str | None:
    return next((match.group() for text in column.texts if (match := _STATED_YEAR.search(text))), None)


def _stream_head(rows: Sequence[GridRow]) -> Head | None:
    """Return the head of text printed one cell a line: the heads before the first label, in a row."""
    for place, row in enumerate(rows[:3]):
        tokens = [cell.token for cell in row.cells]
        first = next((at for at, token in enumerate(tokens) if head_kind(token) is HeadKind.INDICATOR), None)
        if first is None:
            continue
        stop = next((at for at in range(first, len(tokens)) if head_kind(tokens[at]) is None), len(tokens))
        return _counted_head(tokens[first:stop], place, _periodic_text(tokens[:first]), stop)
    return None


def _counted_head(heads: Sequence[str], rows: int, title_period: str | None, cells: int = 0) -> Head | None:
    """Return a head of which only the order of its columns counts."""
    kinds = [head_kind(head) for head in heads]
    figures = [_Column([head], {kind}) for head, kind in zip(heads, kinds, strict=True) if kind in _FIGURES]
    if HeadKind.INDICATOR not in kinds or not figures or HeadKind.BESIDE in kinds:
        return None
    group = HeadGroup(frozenset(), None, _code_columns(range(1, len(figures) + 1), figures))
    return Head(
        (group,),
        rows,
        has_unit=HeadKind.UNIT in kinds,
        cells=cells,
        by_count=True,
        has_ordinal=HeadKind.ORDINAL in kinds,
        periodic=_periodic_head(figures) or title_period,
    )


def _periodic_head(columns: Collection[_Column]) -> str | None:
    """Return the word by which columns are monthly or quarterly; the four quarters beside the year's sum are parts."""
    periodic = [text for column in columns for text in column.texts if head_kind(text) is HeadKind.PERIODIC]
    has_year = any(column.kinds & {HeadKind.YEAR, HeadKind.TOTAL} for column in columns)
    if not periodic or (has_year and len(set(periodic)) > 1 and not any(text.startswith("本") for text in periodic)):
        return None
    return periodic[0]


def _title_period(rows: Sequence[GridRow]) -> str | None:
    return _periodic_text([cell.token for row in rows for cell in row.cells if cell.kind is CellKind.TEXT])


def _periodic_text(texts: Sequence[str]) -> str | None:
    for text in texts:
        match = re.search(load_header_words().periodic_title, text)
        if match is not None:
            return match.group()
    return None
