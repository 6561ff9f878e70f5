"""Make the generated part of docs/warehouse.md anew: `python -m pipelines.load.dictionary [page]`."""

import sys
from pathlib import Path

from schemas.dictionary import refresh_page

DEFAULT_PAGE = Path("docs/warehouse.md")


def refresh_file(path: Path) -> bool:
    """Rewrite the page where it is behind the definitions, and tell whether it was.

    Raises:
        OSError: The page cannot be read or written.
        SchemaDataError: The page lacks the markers of its generated part.
    """
    page = path.read_text(encoding="utf-8")
    fresh = refresh_page(page)
    if fresh != page:
        path.write_text(fresh, encoding="utf-8")
    return fresh != page


if __name__ == "__main__":
    refresh_file(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_PAGE)
