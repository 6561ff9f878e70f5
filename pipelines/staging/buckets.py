"""Which bucket of its partition a file falls into."""

from collections.abc import Sequence

import polars as pl

_MOST_FILES = 384  # so that a bucket holds 192 to 384 files, about 256, once a partition needs more than one


def count_buckets(files: int) -> int:
    """Return how many buckets a partition of so many files has: a power of two, decided by the number alone.

    Doubling splits every bucket in two, and nothing but the set of files decides it, so that every machine and every
    order of arrival lead to the same batches.

    >>> [count_buckets(files) for files in (0, 1, 384, 385, 5_556, 100_000)]
    [1, 1, 1, 2, 16, 512]
    """
    count = 1
    while files > count * _MOST_FILES:
        count *= 2
    return count


def assign_buckets(files: pl.DataFrame) -> pl.DataFrame:
    """Return `files` (of any partitions, with `file_id` and `partition`) with the column `bucket` added.

    It is the name of the bucket's folder, such as `0003-of-0016`: with the count, so that two layouts never mix.
    `file_id` is a hash of the path, so its last bits spread the files evenly, and a path keeps its bucket for as long
    as the count of buckets stays.
    """
    counts = (
        files.group_by("partition")
        .len("files")
        .with_columns(pl.col("files").map_elements(count_buckets, return_dtype=pl.Int64).alias("count"))
    )
    number = (pl.col("file_id") % pl.col("count")).cast(pl.String).str.zfill(4)
    count = pl.col("count").cast(pl.String).str.zfill(4)
    return (
        files.join(counts.select("partition", "count"), on="partition", how="left", maintain_order="left")
        .with_columns(pl.concat_str(number, pl.lit("-of-"), count).alias("bucket"))
        .drop("count")
    )


def divide_portions(sizes: Sequence[int], most: int, processes: int) -> list[range]:
    """Return runs of batches to be made at once, about equal: of at most `most` files, give or take a batch.

    More than half of `most` is divided for as many processes as there are, and what is more so that none waits long for
    the last; less is not worth starting one.

    Args:
        sizes: Files of each batch.
        most: Files of a portion; 0 leaves each batch by itself.
        processes: How many portions are made side by side.

    >>> divide_portions([200, 200, 200], 0, 2)
    [range(0, 1), range(1, 2), range(2, 3)]
    >>> divide_portions([200] * 4, 2048, 2), divide_portions([200] * 8, 2048, 2)
    ([range(0, 4)], [range(0, 4), range(4, 8)])
    >>> [len(run) for run in divide_portions([200] * 64, 2048, 2)]
    [8, 8, 8, 8, 8, 8, 8, 8]
    """
    if not most:
        return [range(number, number + 1) for number in range(len(sizes))]
    total = sum(sizes)
    count = -(-total // most)
    if total > most / 2:
        count = -(-count // processes) * processes
    runs: list[range] = []
    share, start, files = total / max(count, 1), 0, 0
    for number, size in enumerate(sizes, start=1):
        files += size
        is_scarce = len(sizes) - number < count - len(runs)  # one batch for each of the other runs, or fewer
        if is_scarce or files >= share * (len(runs) + 1) or number == len(sizes):
            runs.append(range(start, number))
            start = number
    return runs
