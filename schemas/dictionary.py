"""The data dictionary of `docs/warehouse.md`, generated from the definitions so that it cannot fall behind them."""

from collections.abc import Iterator

from schemas.ddl import list_text, warehouse_tables, warehouse_views
from schemas.entry import SchemaDataError
from schemas.macro import macro_lines
from schemas.table import ColumnSpec, TableSpec

_START = "<!-- generated from schemas/tables: python -m pipelines.load.dictionary -->"
_END = "<!-- end of the generated part -->"

_LAYER_TITLES = {
    "dimension": "Dimensions · 维度",
    "fact": "Facts · 事实",
    "evidence": "Evidence · 证据",
    "summary": "Summaries · 汇总",
    "meta": "About the warehouse · 元数据",
    "view": "Views · 视图",
}


def refresh_page(page: str) -> str:
    """Return `page` with the part between the markers made anew.

    Raises:
        SchemaDataError: The page lacks a marker.
    """
    head, start, rest = page.partition(_START)
    _, end, tail = rest.partition(_END)
    if not start or not end:
        raise SchemaDataError(f"the page of the data dictionary must hold {_START!r} and then {_END!r}")
    return f"{head}{_START}\n\n{render_dictionary()}\n{_END}{tail}"


def render_dictionary() -> str:
    """Return the dictionary of all tables and views as Markdown, by layer, and of the macros."""
    specs = (*warehouse_tables(), *warehouse_views())
    lines = [line for layer in _LAYER_TITLES for line in _layer_lines(layer, specs)]
    return "\n".join([*lines, *macro_lines()])


def _layer_lines(layer: str, specs: tuple[TableSpec, ...]) -> Iterator[str]:
    yield f"## {_LAYER_TITLES[layer]}"
    yield ""
    for spec in specs:
        if spec.layer == layer:
            yield from _table_lines(spec)


def _table_lines(spec: TableSpec) -> Iterator[str]:
    yield f"### `{spec.name}`"
    yield ""
    yield spec.en
    yield spec.zh
    yield ""
    if spec.key:
        yield f"Key: {', '.join(f'`{name}`' for name in spec.key)}"
        yield ""
    for target, names in spec.joint_references.items():
        yield f"{', '.join(f'`{name}`' for name in names)} → `{target}`"
        yield ""
    yield "| column | type | kind | meaning | 含义 |"
    yield "|---|---|---|---|---|"
    for column in spec.columns:
        kind = f"{column.kind}{' (key)' if column.name in spec.key else ''}"
        yield f"| `{column.name}` | {_type_text(column)} | {kind} | {_meaning(column)} | {_escape(column.zh)} |"
    yield ""


def _type_text(column: ColumnSpec) -> str:
    return f"{column.type}{', null' if column.nullable else ''}"


def _meaning(column: ColumnSpec) -> str:
    parts = [column.en]
    if column.unit:
        parts.append(f"Unit: {column.unit}.")
    if column.references:
        parts.append(f"→ `{column.references}`.")
    if listed := list_text(column):
        parts.append(f"{listed}.")
    if column.formula:
        parts.append(f"= `{column.formula}`.")
    if column.caveat:
        parts.append(f"**{column.caveat}**")
    return _escape(" ".join(parts))


def _escape(text: str) -> str:
    return text.replace("|", "\\|")
