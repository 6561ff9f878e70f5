"""Files that stand whole or not at all."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Yield the file to write to; once the block has ended, it is `path`.

    A full disk or an answer that breaks off leaves what was there. A link stays one; a device or pipe is written to,
    and so is what stands below /dev, where the shell's own output may be a file that must not be replaced.

    Raises:
        OSError: The file cannot be written.
    """
    if path.is_relative_to("/dev") or (path.exists() and not path.is_file() and not path.is_dir()):
        with tempfile.TemporaryDirectory() as folder:
            whole = Path(folder) / "whole"
            yield whole
            with whole.open("rb") as source, path.open("wb") as out:
                shutil.copyfileobj(source, out, 2**20)
        return
    target = path.resolve()
    new = target.with_name(f".{target.name}.new")
    try:
        yield new
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)
