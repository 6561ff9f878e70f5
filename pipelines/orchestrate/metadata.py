"""What the UI shows of a frame or table: columns with their meaning, how many rows, and how the first ones look."""

from collections.abc import Mapping

import dagster as dg
import polars as pl

from schemas.ddl import list_text
from schemas.table import ColumnSpec, TableSpec
from schemas.vocabulary import KeyRole

PREVIEW_ROWS = 5
_PREVIEW_WIDTH = 60


def describe_table(spec: TableSpec) -> dict[str, dg.TableSchema | str]:
    """Return what holds of a table whatever is in it: its columns, their types and meanings."""
    return {
        "dagster/column_schema": dg.TableSchema([_describe_column(spec, column) for column in spec.columns]),
        "meaning_zh": spec.zh,
    }


def describe_rows(frame: pl.DataFrame, row_count: int | None = None) -> dict[str, dg.MetadataValue | int]:
    """Return the row count of a materialization and a look at its first rows.

    Args:
        frame: The rows, or only the first of them where `row_count` is given.
        row_count: Rows of the whole; those of `frame` where None.
    """
    return {
        "dagster/row_count": frame.height if row_count is None else row_count,
        "preview": dg.MetadataValue.md(preview_markdown(frame)),
    }


def preview_markdown(frame: pl.DataFrame) -> str:
    r"""Return the first rows as a Markdown table, long texts cut, cell borders and line breaks escaped.

    >>> print(preview_markdown(pl.DataFrame({"a": [1, None], "b": ["x|y", "two\nlines"]})))
    | a | b |
    |---|---|
    | 1 | x\|y |
    |  | two lines |
    """
    if not frame.columns:
        return ""
    lines = [_markdown_row(frame.columns), "|" + "---|" * frame.width]
    lines += [_markdown_row([_cell_text(value) for value in row]) for row in frame.head(PREVIEW_ROWS).iter_rows()]
    return "\n".join(lines)


def sample_record(frame: pl.DataFrame) -> Mapping[str, dg.MetadataValue]:
    """Return the rows as a table for the UI, or nothing where there are none."""
    if frame.is_empty():
        return {}
    return {
        "sample": dg.MetadataValue.table(
            [
                dg.TableRecord({name: _plain(value) for name, value in row.items()})
                for row in frame.iter_rows(named=True)
            ],
            dg.TableSchema([dg.TableColumn(name) for name in frame.columns]),
        )
    }


def _describe_column(spec: TableSpec, column: ColumnSpec) -> dg.TableColumn:
    meaning = " ".join(part for part in (column.en, column.zh, column.caveat) if part)
    role = spec.key_role(column)
    tags = {
        "kind": column.kind.value if column.kind else "",
        "unit": column.unit_text,
        "key": "" if role is KeyRole.NONE else role.value,
    }
    return dg.TableColumn(
        column.name,
        type=column.type,
        description=meaning,
        constraints=dg.TableColumnConstraints(
            nullable=column.nullable, other=[text for text in (column.references, list_text(column)) if text]
        ),
        tags={name: value for name, value in tags.items() if value},
    )


def _markdown_row(texts: list[str]) -> str:
    return "| " + " | ".join(texts) + " |"


def _cell_text(value: object) -> str:
    text = "" if value is None else " ".join(str(value).split()).replace("|", "\\|")
    return text if len(text) <= _PREVIEW_WIDTH else text[: _PREVIEW_WIDTH - 1] + "…"


def _plain(value: object) -> str | int | float | bool | None:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
