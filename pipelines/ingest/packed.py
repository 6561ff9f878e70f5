"""Archives that hold several reports: each member is a file of its own, as if the archive were a folder.

`2023/all.zip` with two reports gives the files `2023/all.zip/甲局年度报告.docx` and `2023/all.zip/乙局年度报告.docx`.
An archive of one report, alone or with its annexes, stays one file, whose members are read as one document.
"""

import polars as pl

from pipelines.errors import DocumentError
from pipelines.ingest.kept import read_kept, write_kept
from pipelines.ingest.members import ARCHIVE_SUFFIX, list_members
from pipelines.ingest.raw import read_raw_file
from pipelines.settings import Workspace
from pipelines.staging.fingerprint import hash_parts

_RULE = "1"  # of which archives are taken apart: raise it when the code decides otherwise of the same names
_KEPT = "members"
# What an archive, told by rule and hash, holds: a row a member, one of nulls where it is no archive of reports.
_CACHE_SCHEMA = pl.Schema({"archive": pl.String(), "member": pl.String(), "bytes": pl.Int64(), "sha256": pl.String()})
_MEMBER = list(_CACHE_SCHEMA)[1:]


def unpack_reports(workspace: Workspace, files: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the files with the members of archives of reports beside them, and which archive each of these is in.

    An archive so taken apart is set aside (`unpacked`). What an archive holds is kept by its hash, so that it is opened
    once.

    Args:
        workspace: Whose raw folder holds the archives.
        files: Listed files with path, bytes, modified_ns, sha256, reason_code and reason.

    Returns:
        The files, members without a `file_id`; and (path, archive): the path of each member and of its archive.
    """
    is_archive = (
        pl.col("reason_code").is_null()
        & pl.col("sha256").is_not_null()
        & pl.col("path").str.to_lowercase().str.ends_with(ARCHIVE_SUFFIX)
    )
    archives = files.filter(is_archive)
    if archives.is_empty():
        return files, pl.DataFrame(schema={"path": pl.String(), "archive": pl.String()})
    # What an archive is taken for depends on the words as well as on its bytes.
    archives = archives.with_columns(pl.concat_str(pl.lit(_hash_rule()), pl.lit(" "), "sha256").alias("archive"))
    held = _list_held(workspace, archives).drop_nulls("member")
    path = pl.concat_str("archive_path", pl.lit("/"), "member")
    members = archives.select("archive", "modified_ns", archive_path="path").join(held, on="archive", how="inner")
    rows = members.select(path.alias("path"), *_MEMBER[1:], "modified_ns")
    counts = members.group_by(path="archive_path").agg(pl.len().alias("count"))
    whole = files.join(counts, on="path", how="left", maintain_order="left").with_columns(
        reason_code=pl.coalesce("reason_code", pl.when(pl.col("count").is_not_null()).then(pl.lit("unpacked"))),
        reason=pl.coalesce(
            "reason",
            pl.format("It is an archive of reports: each of its {} documents is a file of its own.", "count"),
        ),
    )
    links = members.select(path.alias("path"), archive="archive_path")
    return pl.concat([whole.drop("count"), rows], how="diagonal").sort("path"), links


def _list_held(workspace: Workspace, archives: pl.DataFrame) -> pl.DataFrame:
    """Return what each archive holds, opening those that no inventory before has opened; keep it for the next."""
    before = read_kept(workspace, _KEPT, _CACHE_SCHEMA, "all archives are opened again")
    new = archives.unique("archive", keep="first", maintain_order=True).join(before, on="archive", how="anti")
    found = [
        (key, *member)
        for key, path, digest in new.select("archive", "path", "sha256").iter_rows()
        for member in _look_into(workspace, path, digest)
    ]
    known = pl.concat([before, pl.DataFrame(found, schema=_CACHE_SCHEMA, orient="row")])
    known = known.join(archives, on="archive", how="semi")
    if not known.equals(before):
        write_kept(workspace, _KEPT, known)
    return known


def _look_into(workspace: Workspace, path: str, digest: str) -> list[tuple[str | None, int | None, str | None]]:
    """Return the members of an archive of reports; one of nulls where it is the readers' to judge."""
    try:
        members = list(list_members(read_raw_file(workspace, path, digest), workspace.limits))
    except DocumentError:
        members = []
    return [*members] or [(None, None, None)]


def _hash_rule() -> str:
    from schemas.portal import load_link_words  # as in `members`

    words = load_link_words()
    return hash_parts(_RULE, words.report, words.annex.pattern)
