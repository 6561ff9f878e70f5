"""What stands on pages in reading order: tables by their ruling lines, and between them text or tables without lines.

A table without lines may go on overleaf, where nothing but its rows says so: figures of both pages together tell its
columns, so lines that follow one another over a page's end are looked at as one column of text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from pipelines.read.pages.columns import find_aligned_tables
from pipelines.read.pages.lines import TextLine
from pipelines.read.pages.records import Item, is_record, is_row_like
from pipelines.read.pages.tables import Fragment

_PAGE_GAP = 1.2  # sizes that part the lines of two pages: rows of one table, and no two lines of one label


@dataclass(slots=True)
class _Run:
    """Lines with no ruled table between them.

    Attributes:
        lines: From top to bottom, those of later pages below those of the first.
        sources: The page and the line itself behind each, by identity.
    """

    lines: list[TextLine] = field(default_factory=list)
    sources: dict[int, tuple[int, TextLine]] = field(default_factory=dict)

    @property
    def holds_records(self) -> bool:
        return any(map(is_record, self.lines))

    def add(self, page: int, lines: Sequence[TextLine]) -> None:
        """Set the lines of a page below those that are held."""
        down = 0.0
        if self.lines and lines:
            down = self.lines[-1].y1 + _PAGE_GAP * lines[0].size - lines[0].y0
        for line in lines:
            moved = replace(line, y0=line.y0 + down, y1=line.y1 + down) if down else line
            self.lines.append(moved)
            self.sources[id(moved)] = page, line


def lay_out_pages(tables: Sequence[list[Fragment]], texts: Sequence[list[TextLine]]) -> list[list[Item]]:
    """Return each page's tables and lines from top to bottom; a table without lines stands on the page of its first.

    Args:
        tables: Ruled tables of each page.
        texts: Lines outside these, from top to bottom.
    """
    pages: list[list[Item]] = [[] for _ in texts]
    run = _Run()
    for number, (fragments, lines) in enumerate(zip(tables, texts, strict=True)):
        rest = lines
        ordered = sorted(fragments, key=lambda one: one.y0)
        for place, fragment in enumerate([*ordered, None]):
            above = rest if fragment is None else [line for line in rest if line.middle < fragment.y0]
            rest = rest[len(above) :]
            if place == 0 and not (run.holds_records and any(map(is_row_like, above))):
                _finish(run, pages)
                run = _Run()
            run.add(number, above)
            if fragment is not None:
                _finish(run, pages)
                run = _Run()
                pages[number].append(fragment)
    _finish(run, pages)
    return pages


def _finish(run: _Run, pages: list[list[Item]]) -> None:
    """Add what the lines of a run make to their pages."""
    for page, item in _items(run):
        pages[page].append(item)


def _items(run: _Run) -> Iterator[tuple[int, Item]]:
    place = 0
    for item in find_aligned_tables(run.lines):
        if isinstance(item, TextLine):
            place += 1
            yield run.sources[id(item)]
            continue
        while run.lines[place].y0 < item.y0:
            place += 1
        yield run.sources[id(run.lines[place])][0], item
        while place < len(run.lines) and run.lines[place].y1 <= item.y1:
            place += 1
