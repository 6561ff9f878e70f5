"""Which of two documents of one report, such as page and attachment, prints all figures of the other."""

import tempfile
from pathlib import Path

import duckdb
import polars as pl

from pipelines.load.staged_views import query_files, show_frame
from pipelines.settings import Workspace
from pipelines.staging import list_frame_files
from schemas.ddl import quote_text
from schemas.vocabulary import Stage

# Every printed number of the files in `contested_file`, with all that tells it from another.
_PRINTED_FIGURES = """
SELECT file_id, concat_ws(chr(9), table_code, coalesce(row_code, '?' || coalesce(raw_label, '')),
    coalesce(column_code, '?'), value::VARCHAR, coalesce(unit, '')) AS figure
FROM all_figures SEMI JOIN contested_file USING (file_id) WHERE value_status = 'reported'
"""
_FULLER = f"""
WITH printed AS MATERIALIZED ({_PRINTED_FIGURES})
SELECT lesser, fuller FROM compared_pair
WHERE NOT EXISTS (
    FROM printed AS one WHERE one.file_id = lesser AND NOT EXISTS (
        FROM printed AS other WHERE other.file_id = fuller AND other.figure = one.figure
    )
)
"""  # noqa: S608 - our own query


def list_fuller(workspace: Workspace, pairs: list[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return the pairs of files of which the second prints every figure that the first prints.

    Args:
        workspace: Whose figures are read; what does not fit into memory goes beside its warehouse.
        pairs: (file_id, file_id); few, as only page and attachments of one report are compared.
    """
    frame = pl.DataFrame(pairs, schema={"lesser": pl.Int64, "fuller": pl.Int64}, orient="row")
    named = pl.concat([frame["lesser"], frame["fuller"]]).unique().alias("file_id")
    with (
        # Of a build that is killed the next publish removes what stands under its prefix.
        tempfile.TemporaryDirectory(prefix=".publish-parts-", dir=workspace.warehouse) as folder,
        duckdb.connect() as connection,
    ):
        connection.execute(f"SET temp_directory = {quote_text(f'{folder}/spill')}")
        show_frame(connection, Path(folder), "compared_pair", frame)
        show_frame(connection, Path(folder), "contested_file", named.to_frame())
        figures = query_files(list_frame_files(workspace, Stage.NORMALIZE, "figures"), "figures")
        connection.execute(f"CREATE TEMP VIEW all_figures AS {figures}")
        rows = connection.execute(_FULLER).fetchall()
    return {(lesser, fuller) for lesser, fuller in rows}
