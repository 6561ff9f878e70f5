"""What each document says of itself: title candidates, metadata, the lines at its beginning and end, its path."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache

import polars as pl

from pipelines.normalize.identity.dates import date_below_title, read_chinese_date, read_date
from pipelines.normalize.identity.periods import long_periods, period_years
from pipelines.normalize.identity.site import frame_lines
from schemas.agency import load_wordings
from schemas.vocabulary import BlockKind

HEAD_BLOCKS = 12
"""So many lines of a text are its head."""

_TAIL_BLOCKS = 6
_LONGEST_LINE = 2_000
_LONGEST_DATE = 30
_TITLE_ORDER = {"h1": 0, "ArticleTitle": 1, "meta": 1, "title": 2, "first_line": 3}
_SEPARATOR = re.compile(r"[:：|]")
# An enum's value costs a call, and these are asked for a million times.
_TITLE, _METADATA = BlockKind.TITLE.value, BlockKind.METADATA.value
_TITLES_IN_TEXT = ("h1", "first_line")
_DATE_LINE = re.compile(
    r"^[\s(（]*(?:20\d\d|[二2][〇○零0O][〇○零一二三四五六七八九\d]{2}\s*年)[\d\s年月日./〇○零一二三四五六七八九十-]*[)）\s]*$"
)
_URL = re.compile(r"https?://[^\s<>\"'，。）)]+")


@dataclass(slots=True)
class DocumentEvidence:
    """The lines of one document that can say who reports, when, and where it was published.

    Attributes:
        titles: Where a candidate was found and its text, in the order in which they are believed.
        head, tail: First and last lines of the text.
        metadata: Label and value pairs, labels in lower case.
        address: Where the page was fetched; None where nobody knows.
        frame: Lines below the last table that may tell whose site it is.
        hijacked: The first of these lines that carries words of the trade that takes over lapsed sites.
        has_traditional: One of these lines has characters of the traditional script only.
        period_year: Year whose first of January the text names as the beginning of its statistics.
        period_text: The words that name it.
        part_of_year: The words by which its statistics end before the year does, None where none say so.
        long_period: The words by which its statistics are of several years, None where none say so.
    """

    file_id: int
    path: str
    folder_year: int | None
    titles: list[tuple[str, str]] = field(default_factory=list)
    head: list[str] = field(default_factory=list)
    tail: list[str] = field(default_factory=list)
    metadata: list[tuple[str, str]] = field(default_factory=list)
    address: str | None = None
    frame: list[str] = field(default_factory=list)
    period_year: int | None = None
    period_text: str = ""
    part_of_year: str | None = None
    long_period: str | None = None
    hijacked: str | None = None
    has_traditional: bool = False

    def labelled(self, kind: str) -> Iterator[tuple[str, str]]:
        """Yield label and value of the metadata of one kind: title, agency, context, date, url or period."""
        labels = load_wordings().labels[kind]
        return ((label, value) for label, value in self.metadata if label in labels and value)

    @property
    def published_date(self) -> date | None:
        """The first date behind a label of publication or beside the source, else the one below the title."""
        beside = (read_date(value) for kind in ("date", "context") for _, value in self.labelled(kind))
        return next((found for found in beside if found is not None), None) or date_below_title(self.head)

    @property
    def signed_date(self) -> tuple[str, date] | None:
        """The last line of the text that is a date and nothing else, as printed and as read."""
        for line in reversed(self.tail):
            if len(line) <= _LONGEST_DATE and _DATE_LINE.match(line):
                found = read_date(line) or read_chinese_date(line)
                if found is not None:
                    return line.strip(), found
        return None

    @property
    def url(self) -> str | None:
        """The address that the document states for itself."""
        values = (match[0] for _, value in self.labelled("url") if (match := _URL.search(value)))
        return next(values, None)


def collect_evidence(
    files: pl.DataFrame, blocks: pl.DataFrame, captures: pl.DataFrame | None = None
) -> list[DocumentEvidence]:
    """Return the evidence of every file, in the order of `files`.

    Args:
        files: Frame `files`.
        blocks: Frame `blocks`.
        captures: Frame `captures`, where the files were fetched.
    """
    addresses = {} if captures is None else dict(captures.select("file_id", "page_url").iter_rows())
    found = {
        row["file_id"]: DocumentEvidence(
            row["file_id"], row["path"], row["folder_year"], address=addresses.get(row["file_id"])
        )
        for row in files.select("file_id", "path", "folder_year").iter_rows(named=True)
    }
    text = blocks.filter(pl.col("kind") != BlockKind.TABLE.value).sort("file_id", "block_number", maintain_order=True)
    telling = _telling_blocks(text)
    for file_id, kind, label, line in telling.iter_rows():
        _add_line(found[file_id], kind, label, line)
    for file_id, _, _, line in telling.filter(pl.col("text").str.contains(load_wordings().hijacked)).iter_rows():
        found[file_id].hijacked = found[file_id].hijacked or line
    traditional = pl.col("text").str.contains(f"[{''.join(sorted(load_wordings().traditional))}]")
    for file_id in telling.filter(traditional).get_column("file_id").unique().to_list():
        found[file_id].has_traditional = True
    _add_periods(found, text)
    for file_id, line in frame_lines(text, blocks).iter_rows():
        found[file_id].frame.append(line)
    for evidence in found.values():
        evidence.titles.sort(key=lambda candidate: _TITLE_ORDER.get(candidate[0], 2))
    return list(found.values())


def _add_periods(found: dict[int, DocumentEvidence], text: pl.DataFrame) -> None:
    for file_id, year, words, part in period_years(text).iter_rows():
        if file_id in found:
            found[file_id].period_year, found[file_id].period_text = year, words
            found[file_id].part_of_year = part
    for file_id, words in long_periods(text).iter_rows():
        if file_id in found:
            found[file_id].long_period = words


def body_texts(blocks: pl.DataFrame, file_ids: Iterable[int], length: int) -> dict[int, str]:
    """Return the text of some files, blocks joined by newlines and cut to `length` characters."""
    wanted = blocks.filter(pl.col("file_id").is_in(list(file_ids)) & (pl.col("text") != ""))
    joined = (
        wanted.sort("file_id", "block_number").group_by("file_id").agg(pl.col("text").str.join("\n").str.head(length))
    )
    return dict(joined.iter_rows())


def _telling_blocks(text: pl.DataFrame) -> pl.DataFrame:
    """Return the titles and metadata, and of the other blocks the first and last of each file, in reading order."""
    told = [BlockKind.TITLE.value, BlockKind.METADATA.value]
    is_told = pl.col("kind").is_in(told)
    place = pl.int_range(pl.len(), dtype=pl.Int64).over("file_id")
    count = pl.len().over("file_id").cast(pl.Int64)
    # Titles and metadata stand first and must not use up the lines of the text's own head.
    lines = text.filter(~is_told).with_columns(place.alias("place"), count.alias("count"))
    ends = lines.filter((pl.col("place") < HEAD_BLOCKS) | (pl.col("place") >= pl.col("count") - _TAIL_BLOCKS))
    marked = ends.with_columns(
        pl.when(pl.col("place") < HEAD_BLOCKS).then(pl.lit("head")).otherwise(pl.lit("tail")).alias("kind")
    )
    # A short document's last lines are its first lines too.
    both = ends.filter((pl.col("place") < HEAD_BLOCKS) & (pl.col("place") >= pl.col("count") - _TAIL_BLOCKS))
    columns = ["file_id", "block_number", "kind", "label", "text"]
    return (
        pl.concat(
            [
                text.filter(is_told).select(columns),
                marked.select(columns),
                both.with_columns(pl.lit("tail").alias("kind")).select(columns),
            ]
        )
        .with_columns(pl.col("text").str.head(_LONGEST_LINE))
        .sort("file_id", "block_number", maintain_order=True)
        .select("file_id", "kind", "label", "text")
    )


def _add_line(evidence: DocumentEvidence, kind: str, label: str | None, text: str) -> None:
    if kind == _TITLE:
        evidence.titles.append((label or "title", text))
        if label in _TITLES_IN_TEXT:
            evidence.head.append(text)  # it may go on in the next line
    elif kind == _METADATA:
        evidence.metadata.append(((label or "").strip().lower(), text))
    elif kind == "tail":
        evidence.tail.append(text)
    elif text not in load_wordings().page_labels:
        evidence.head.append(text)
        if _SEPARATOR.search(text):
            evidence.metadata.extend(_inline_metadata(text))


def _inline_metadata(text: str) -> Iterator[tuple[str, str]]:
    """Yield the labelled facts that stand inside a line: 发布日期：2020-01-31, <!-- url: … -->."""
    for match in _inline_labels().finditer(text):
        yield match["label"].replace(" ", "").lower(), match["value"].strip(" |")


@cache
def _inline_labels() -> re.Pattern[str]:
    labels = sorted({label for kind in load_wordings().labels.values() for label in kind}, key=len, reverse=True)
    spaced = "|".join(
        r"\s?".join(map(re.escape, label)) if label[0] > "\u3000" else re.escape(label) for label in labels
    )
    return re.compile(
        rf"(?:^|[\s|,，;；(（\[【>-])(?P<label>{spaced})\s*(?:[:：]|\|)\s*(?P<value>[^\n|]*?)(?=\s*(?:$|\n|\||-->|\s(?:{spaced})\s*[:：]))",
        re.IGNORECASE,
    )
