"""What each file of a batch was made from, as one digest a file: who has the same digest is not made again."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from pipelines.staging.fingerprint import hash_parts

if TYPE_CHECKING:
    from pipelines.staging.spec import StageSpec

SOURCES = "_sources"  # the frame that `digest_sources` returns, as it stands beside a batch's own frames
_SCHEMA = pl.Schema({"file_id": pl.Int64(), "digest": pl.String()})
_NO_CONTENT = "modified_ns"  # nothing that a stage makes depends on the time of a copy


def digest_sources(
    spec: "StageSpec", files: pl.DataFrame, inputs: Mapping[str, pl.DataFrame], reviews: Mapping[str, str]
) -> pl.DataFrame:
    """Return (file_id, digest) of every file of a batch: a hash of what the stage knows of it.

    A stage that reads raw files knows their bytes and whether the inventory set them aside. Any other knows the rows
    that its input frames hold of the file, and what people have decided. The sum of a file's row hashes does not mind
    the order of rows, which in every frame is told by columns.
    """
    if spec.reads_raw:
        known = pl.concat_str("sha256", pl.col("reason_code").fill_null(""), separator=" ")
        return files.select("file_id", known.alias("digest")).drop_nulls().cast(_SCHEMA)
    decided = hash_parts(*(part for name in sorted(reviews) for part in (name, reviews[name]))) if reviews else ""
    names = [name for name, frame in sorted(inputs.items()) if "file_id" in frame.columns]
    parts = [_hash_rows(inputs[name].drop(_NO_CONTENT, strict=False), seed) for seed, name in enumerate(names)]
    hashes = pl.concat(parts).group_by("file_id").agg(pl.col("hash").sum())
    return (
        files.select("file_id")
        .join(hashes, on="file_id", how="left")
        .select("file_id", pl.format("{} {}", pl.col("hash").fill_null(0), pl.lit(decided)).alias("digest"))
        .cast(_SCHEMA)
    )


def _hash_rows(frame: pl.DataFrame, seed: int) -> pl.DataFrame:
    hashes = frame.hash_rows(seed=seed).alias("hash")
    return frame.select("file_id").with_columns(hashes).group_by("file_id").agg(pl.col("hash").sum())
