"""What a build of the warehouse may use."""

from dataclasses import dataclass, field
from datetime import date

from pipelines.settings import get_today


@dataclass(frozen=True, slots=True)
class LoadLimits:
    """Bounds of one build.

    Attributes:
        memory: Memory that DuckDB may use before it spills to the build's own folder. A portion takes less; what is
            sorted whole (facts) and read whole (quality page) must not take more because there is more of it.
        storage_version: Oldest DuckDB that shall open the file. A file written with the defaults of 2.0 is closed to
            clients of 1.4 and 1.5.
        sample_rows: Rows of each big table that the Pandera model sees; all rows are proved by SQL.
        row_group_rows: Rows of a row group of the Parquet twins.
        last_season: Last report year whose season is over: `coverage` expects reports up to it.
    """

    memory: str = "400MB"
    storage_version: str = "v1.0.0"
    sample_rows: int = 10_000
    row_group_rows: int = 122_880
    last_season: int = field(default_factory=lambda: last_season(get_today()))


def last_season(day: date) -> int:
    """Return the last report year whose season is over.

    A report is due on 31 January (Regulations of 2019, article 50), before 2019 on 31 March; two months of grace for
    agencies that publish late make one date of both.

    >>> last_season(date(2022, 3, 31)), last_season(date(2022, 4, 1))
    (2020, 2021)
    """
    return day.year - 1 if day >= date(day.year, 4, 1) else day.year - 2
