"""What a warehouse says, as one hash a table: to tell whether two builds say the same."""

from pathlib import Path

import duckdb

from schemas.ddl import quote_name, warehouse_tables


def content_hashes(path: Path) -> dict[str, str]:
    """Return a hash of each table's rows whatever their order, by table name; meta_release is none of them.

    It alone knows when and how often was published, which changes nothing of what the warehouse says.

    Sums of row hashes, with the count: a row too many, too few or changed shows. Comparable between files opened by the
    same version of DuckDB, whose hash function this is.

    Raises:
        duckdb.Error: The file is no warehouse or is being written.
    """
    hashes = {}
    with duckdb.connect(str(path), read_only=True) as connection:
        for spec in warehouse_tables():
            if spec.name == "meta_release":
                continue
            columns = ", ".join(quote_name(column.name) for column in spec.columns)
            row = connection.execute(
                f"SELECT count(*), sum(hash({columns})::HUGEINT)::VARCHAR FROM {quote_name(spec.name)}"  # noqa: S608 - quoted
            ).fetchone()
            hashes[spec.name] = "-".join(str(part) for part in row or ())
    return hashes
