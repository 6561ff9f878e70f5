"""What a stage makes of a batch of which one file fails it: that file is set aside, and the others are made.

What a stage makes of a file depends on the file's own rows, so a batch can be divided until the file is found. Such a
file is a fault of ours: it is rejected with what went wrong, and made again once the code has changed.
"""

import logging
from collections.abc import Mapping

import polars as pl

from pipelines.errors import GongkaiError, one_line
from pipelines.staging.spec import Batch, StageSpec
from schemas.entry import SchemaDataError
from schemas.soundness import is_sound
from schemas.table import table

_log = logging.getLogger(__name__)

_REJECTIONS = "rejections"
# Of the system, the user or our data files: no file of the batch is at fault, and the next one would fail alike.
_OF_NO_FILE = (GongkaiError, SchemaDataError, OSError, MemoryError)


def compute_apart(spec: StageSpec, batch: Batch) -> dict[str, pl.DataFrame]:
    """Return what a stage makes of a batch; a file that it fails at, or whose rows break their frames, is rejected.

    Args:
        spec: The stage; one that has no frame `rejections` fails as a whole.
        batch: What is to be made.

    Raises:
        Exception: What the stage raised, where that is of no file, or where not one of several files got through: then
            it is the stage that is broken.
        SchemaDataError: The rows of every one of several files break their frames, or a frame is not as declared.
    """
    if _REJECTIONS not in spec.outputs:
        return spec.compute(batch)
    files = sorted({file_id for frame in batch.inputs.values() for file_id in frame["file_id"].unique()})
    errors: dict[int, BaseException] = {}
    parts = _make_parts(spec, batch, files, errors)
    if errors and not parts and len(files) > 1:
        raise next(iter(errors.values()))
    for file_id, error in errors.items():
        _log.error("stage %s fails at file %s, which is set aside", spec.name, file_id, exc_info=error)
    faults = {file_id: ("internal_error", _told(error)) for file_id, error in errors.items()}
    made = {name: pl.concat([part[name] for part in parts]) for name in parts[0]} if len(parts) > 1 else dict(*parts)
    if not parts:
        made = {name: table(name).empty_frame() for name in spec.outputs}
    broken = find_broken_files(made)
    if len(files) > 1 and broken.keys() >= set(files):
        raise SchemaDataError(f"stage {spec.name} breaks the frames of every file, the first: {broken[files[0]]}")
    faults |= {file_id: ("schema_violation", reason) for file_id, reason in broken.items()}
    return _reject(spec, made, faults) if faults else made


def find_broken_files(frames: Mapping[str, pl.DataFrame]) -> dict[int, str]:
    """Return the files with rows that their frame does not allow, each with the first fault.

    Raises:
        SchemaDataError: A frame as a whole is not as declared: no file is at fault.
    """
    found: dict[int, str] = {}
    for name, frame in frames.items():
        shaped = table(name).conform(frame)
        if is_sound(table(name), shaped):
            continue
        from schemas.validation import row_faults  # half a second, and only where something is wrong

        for row, fault in row_faults(name, shaped).sort("row", maintain_order=True).iter_rows():
            found.setdefault(shaped["file_id"][row], f"frame {name}: {fault}")
    return found


def without_files(frames: Mapping[str, pl.DataFrame], files: Mapping[int, object]) -> dict[str, pl.DataFrame]:
    """Return the frames without the rows of some files."""
    return {name: frame.filter(~pl.col("file_id").is_in(list(files))) for name, frame in frames.items()}


def _make_parts(
    spec: StageSpec, batch: Batch, files: list[int], errors: dict[int, BaseException]
) -> list[dict[str, pl.DataFrame]]:
    """Return what is made of the batch, whole or in the parts that can be made, and note why the other files fail."""
    try:
        return [spec.compute(batch)]
    except _OF_NO_FILE:
        raise
    except (Exception, pl.exceptions.PanicException) as error:  # noqa: BLE001 - whatever one document does to our code
        if len(files) < 2:
            errors |= dict.fromkeys(files, error)
            return []
    half = len(files) // 2
    halves = files[:half], files[half:]
    return [part for some in halves for part in _make_parts(spec, _only(batch, some), some, errors)]


def _only(batch: Batch, files: list[int]) -> Batch:
    inputs = {name: frame.filter(pl.col("file_id").is_in(files)) for name, frame in batch.inputs.items()}
    return Batch(batch.workspace, batch.partition, batch.buckets, inputs, batch.reviews, batch.executor)


def _reject(
    spec: StageSpec, made: Mapping[str, pl.DataFrame], faults: Mapping[int, tuple[str, str]]
) -> dict[str, pl.DataFrame]:
    rows = [(file_id, spec.name.value, code, reason) for file_id, (code, reason) in faults.items()]
    rejected = pl.DataFrame(rows, ["file_id", "stage", "reason_code", "reason"], orient="row")
    kept = without_files(made, faults)
    return {**kept, _REJECTIONS: pl.concat([kept[_REJECTIONS], table(_REJECTIONS).conform(rejected)])}


def _told(error: BaseException) -> str:
    """Say what failed and where in our code: the file's own words may be long, and are cut."""
    place, trace = "", error.__traceback__
    while trace is not None:
        place = f"{trace.tb_frame.f_globals.get('__name__', '')}.{trace.tb_frame.f_code.co_name}"
        trace = trace.tb_next
    return f"a fault of ours in {place}: {type(error).__name__}: {one_line(error)[:300]}; report it with the file"
