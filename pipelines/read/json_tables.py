"""Tables in JSON, as converters of documents, editors of pages and sheets, and libraries of data frames write them.

One walk over the parsed values finds them by shape: lists of lists, cells that state their row and column, nodes of
rows that hold nodes of cells, records with the same names. They are made a page, whose reader knows spans. What they
are called differs from program to program (`schemas/documents/words.toml`); shapes hardly do.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from schemas.document import JsonNames, load_document_words

_FEWEST_ROWS, _FEWEST_CELLS, _FEWEST_RECORDS = 2, 9, 3
_MOST_VALUES, _MOST_SPAN, _DEEPEST = 400_000, 200, 60
_PANDOC_CELL, _PANDOC_ROW = 5, 2
_FIGURE = re.compile(r"[-+]?\d[\d,.]*|[-/—－]{0,2}")


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    rows: int = 1
    columns: int = 1


_Rows = list[list[_Cell]]


@dataclass(slots=True)
class _Walk:
    """A walk over the values of a file: what of the page it has found, in order, and how many values it has seen."""

    parts: list[str] = field(default_factory=list)
    tables: set[str] = field(default_factory=set)
    seen: int = 0

    def take(self, value: object, depth: int = 0) -> None:
        self.seen += 1
        if self.seen > _MOST_VALUES or depth > _DEEPEST:
            return
        if isinstance(value, str):
            self._add_text(value)
        elif isinstance(value, Mapping | list):
            rows = find_rows(value)
            if rows is not None and sum(map(len, rows)) >= _FEWEST_CELLS:
                self._add_table(rows)
            elif isinstance(value, Mapping) and (line := _line_of(value)) is not None:
                self._add_text(line)
            else:
                for one in value.values() if isinstance(value, Mapping) else value:
                    self.take(one, depth + 1)

    def _add_text(self, text: str) -> None:
        line = f"<p>{html.escape(text.strip())}</p>"
        if not text.isascii() and self.parts[-1:] != [line]:
            self.parts.append(line)

    def _add_table(self, rows: _Rows) -> None:
        lines = ("".join(map(_element, row)) for row in rows)
        table = f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"
        if table not in self.tables:  # the same cells as a list and as a grid
            self.tables.add(table)
            self.parts.append(table)


def compose_tables(values: Sequence[object]) -> str | None:
    """Return a page of the texts and tables that parsed JSON holds, None where it holds no table.

    >>> compose_tables([{"title": "年报", "rows": [["规章", 1, None], ["文件", 0, 3], *[["许可", 2, ""]] * 2]}])[:59]
    '<p>年报</p><table><tr><td>规章</td><td>1</td><td></td></tr><tr>'
    """
    walk = _Walk()
    for value in values:
        walk.take(value)
    if len(values) >= _FEWEST_RECORDS and not walk.tables:  # a record a line
        walk = _Walk()
        walk.take(list(values))
    if not walk.tables:
        walk.take([[path, text] for value in values for path, text in _leaves(value)])
    return "".join(walk.parts) if walk.tables else None


def _leaves(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Yield the figures of objects within objects, each with the names on its way that are labels."""
    if isinstance(value, Mapping) and len(path) < _DEEPEST:
        for name, held in value.items():
            yield from _leaves(held, path if str(name).isascii() else (*path, str(name)))
    elif len(path) > 1 and _is_plain(value) and _FIGURE.fullmatch(text := _text(value)):
        yield "/".join(path), text


def find_rows(value: Mapping[str, object] | list[object]) -> _Rows | None:
    """Return the rows of the table that a value is, None where it is none."""
    names = load_document_words().json
    if isinstance(value, Mapping):
        return _rows_of_node(value, names) or _rows_of_frame(value, names)
    if len(value) < _FEWEST_ROWS:
        return None
    if all(isinstance(one, list) for one in value):
        return _rows_of_lists(value, names)
    if all(isinstance(one, Mapping) for one in value):
        return _placed_rows(value, names) or _rows_of_records(value)
    return None


def _rows_of_lists(value: list[object], names: JsonNames) -> _Rows | None:
    rows = [row for row in value if isinstance(row, list)]
    if all(_is_plain(one) for row in rows for one in row):
        return [[_Cell(_text(one)) for one in row] for row in rows]
    pandoc = [_pandoc_row(row) for row in rows]
    if any(pandoc) and None not in pandoc:
        return [row for row in pandoc if row is not None]
    cells = [one for row in rows for one in row]
    if cells and all(isinstance(one, Mapping) for one in cells):
        return _placed_rows(cells, names)
    return None


def _rows_of_node(node: Mapping[str, object], names: JsonNames) -> _Rows | None:
    """Return the rows of a node that holds nodes of rows, which hold nodes of cells."""
    rows = _children(node, names.row_kinds)
    if len(rows) < _FEWEST_ROWS:
        return None
    return [[_cell(cell, names) for cell in _children(row, names.cell_kinds)] for row in rows]


def _rows_of_frame(node: Mapping[str, object], names: JsonNames) -> _Rows | None:
    """Return the rows of a node that names its columns beside the lists of their values."""
    heads = next((node[key] for key in names.heads if key in node), None)
    body = next((node[key] for key in names.bodies if key in node), None)
    if not isinstance(heads, list) or not isinstance(body, list) or not body or not all(map(_is_plain, heads)):
        return None
    if not all(isinstance(row, list) and len(row) == len(heads) for row in body):
        return None
    return _rows_of_lists([heads, *body], names)


def _children(node: Mapping[str, object], kinds: frozenset[str]) -> list[Mapping[str, object]]:
    for held in node.values():
        if isinstance(held, list) and held and all(isinstance(one, Mapping) for one in held):
            nodes = [one for one in held if isinstance(one, Mapping) and str(one.get("type")).lower() in kinds]
            if len(nodes) == len(held):
                return nodes
    return []


def _placed_rows(cells: Sequence[object], names: JsonNames) -> _Rows | None:
    """Return the rows of cells that state where they stand, from 0 or 1; those in no cell are blank."""
    placed: dict[tuple[int, int], _Cell] = {}
    for cell in cells:
        if not isinstance(cell, Mapping):
            return None
        row, column = _number(cell, names.rows), _number(cell, names.columns)
        if row is None or column is None:
            return None
        placed.setdefault((row, column), _cell(cell, names))
    first, width = min(column for _, column in placed), max(column for _, column in placed) + 1
    if width - first > _MOST_SPAN:
        return None
    covered: set[tuple[int, int]] = set()
    rows: _Rows = []
    for row, group in groupby(sorted(placed), key=lambda place: place[0]):
        line: list[_Cell] = []
        at = first
        for _, column in group:
            if (row, column) in covered:
                continue
            line += [_Cell("") for blank in range(at, column) if (row, blank) not in covered]
            cell = placed[row, column]
            line.append(cell)
            covered.update((row + down, column + across) for down in range(cell.rows) for across in range(cell.columns))
            at = column + cell.columns
            if len(covered) > _MOST_VALUES:
                return None
        rows.append(line + [_Cell("") for blank in range(at, width) if (row, blank) not in covered])
    return rows


def _rows_of_records(records: Sequence[object]) -> _Rows | None:
    """Return a table of records that have the same names, which head its columns."""
    fields = [record for record in records if isinstance(record, Mapping)]
    heads = list(fields[0])
    if len(fields) < _FEWEST_RECORDS or len(heads) < _FEWEST_ROWS:
        return None
    if any(list(record) != heads or not all(map(_is_plain, record.values())) for record in fields):
        return None
    return [[_Cell(head) for head in heads], *([_Cell(_text(one)) for one in record.values()] for record in fields)]


def _pandoc_row(row: list[object]) -> list[_Cell] | None:
    """Return the cells of a row of pandoc's: attributes, and cells of attributes, alignment, spans and blocks."""
    if len(row) != _PANDOC_ROW or not isinstance(row[1], list) or not row[1]:
        return None
    cells = []
    for cell in row[1]:
        if not isinstance(cell, list) or len(cell) != _PANDOC_CELL or not isinstance(cell[4], list):
            return None
        _, _, rows, columns, blocks = cell
        if not isinstance(rows, int) or not isinstance(columns, int):
            return None
        cells.append(_Cell("\n".join(_strings(blocks)), _span(rows), _span(columns)))
    return cells


def _cell(cell: Mapping[str, object], names: JsonNames) -> _Cell:
    about = [cell, *(held for held in cell.values() if isinstance(held, Mapping))]
    about += [held for own in about[1:] for held in own.values() if isinstance(held, Mapping)]
    down, across = (
        next((size for own in about if (size := _number(own, keys)) is not None), 1)
        for keys in (names.down, names.across)
    )
    texts = (own[key] for own in about for key in names.texts if key in own)
    text = next((one for one in texts if not isinstance(one, Mapping)), "")
    said = _text(text) if _is_plain(text) else "\n".join(_strings(text))
    return _Cell(said, _span(down), _span(across))


def _number(node: Mapping[str, object], keys: Sequence[str]) -> int | None:
    found = next((node[key] for key in keys if key in node), None)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _line_of(node: Mapping[str, object]) -> str | None:
    """Return the text of a paragraph that is parted into words, as pandoc does."""
    return "".join(_strings(node.get("c"))) if node.get("t") in ("Para", "Plain", "Header") else None


def _strings(value: object, depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping) and depth < _DEEPEST:
        held = [value[key] for key in ("content", "children", "text", "c") if key in value]
        for one in held:
            yield from _strings(one, depth + 1)
    elif isinstance(value, list) and depth < _DEEPEST:
        for one in value:
            yield from _strings(one, depth + 1)


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def _text(value: object) -> str:
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _span(number: int) -> int:
    return min(max(number, 1), _MOST_SPAN)


def _element(cell: _Cell) -> str:
    spans = "".join(
        f' {name}="{size}"' for name, size in (("rowspan", cell.rows), ("colspan", cell.columns)) if size > 1
    )
    return f"<td{spans}>{html.escape(cell.text)}</td>"
