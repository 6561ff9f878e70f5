"""A person's verdicts on cells and broken rules: `data/reviews/verdicts.csv`, read strictly, written so that it diffs.

One row a verdict, keyed by the hash of the file and by what the person saw (`raw_text`), so that it survives every
rerun, a renamed file and a changed rule, and cannot be taken for a verdict on something else. Rows stand in the order
of their paths; a new verdict on the same subject takes the place of the old one.
"""

import csv
import fcntl
import math
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cache
from io import StringIO
from pathlib import Path

from pipelines.check.catalogue import load_catalogue
from pipelines.errors import UsageError
from pipelines.settings import Workspace
from pipelines.staging.store import write_file
from schemas.legacy import all_forms
from schemas.rule import load_rules
from schemas.unit import yuan_by_unit
from schemas.vocabulary import ReviewVerdict, TableCode, ValueKind

CLOSING = (ReviewVerdict.SOURCE_ERROR, ReviewVerdict.ACCEPTED, ReviewVerdict.CORRECTED)
"""Verdicts after which nothing is left to decide; an error of ours stays open until it is mended."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SPREADSHEET_DATE = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})", re.ASCII)
_LARGEST = 2.0**53  # beyond it not every whole number is one of its own
_QUOTED = re.compile(r'[",\r\n]|^\s|\s$')


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row of the file; the fields are its columns, in order.

    Attributes:
        path: Path of the file when the verdict was recorded, for the reader; the hash decides.
        table_code, row_code, column_code: The cell that it is about; all empty where it is about a rule.
        rule_id, scope: The broken rule that it is about; both empty where it is about a cell.
        raw_text: What the person saw: the cell as printed, or both sides of the rule (`describe_outcome`).
        value: For `corrected` the right value.
        unit: Unit of the value where it is not the printed one.
        read_where: Where the right value was read.
    """

    path: str
    sha256: str
    table_code: str
    row_code: str
    column_code: str
    rule_id: str
    scope: str
    raw_text: str
    verdict: ReviewVerdict
    value: float | None
    unit: str
    read_where: str
    reviewer: str
    date: date
    comment: str
    line: int = field(default=0, compare=False)

    @property
    def is_cell(self) -> bool:
        """Whether it is about a cell, and not about a rule."""
        return bool(self.table_code)

    @property
    def subject(self) -> str:
        """What it is about, in one word: `request.granted.business` or `T3-sum:total`."""
        if self.is_cell:
            return f"{self.table_code}.{self.row_code}.{self.column_code}"
        return f"{self.rule_id}:{self.scope}"

    @property
    def key(self) -> tuple[str, str]:
        """The file and the subject: one verdict stands for each."""
        return self.sha256, self.subject


COLUMNS = tuple(column.name for column in fields(Verdict) if column.compare)


def verdicts_file(workspace: Workspace) -> Path:
    """Return where the verdicts stand, there or not."""
    return workspace.reviews / "verdicts.csv"


def read_verdicts(path: Path) -> list[Verdict]:
    """Return the verdicts of a file; none where there is no file.

    Raises:
        UsageError: A line is no verdict, or two speak of the same subject; the message names file and line.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return []
    except UnicodeDecodeError as error:
        message = f"{path.name}: byte {error.start} is not UTF-8; save the file as UTF-8 (in Excel: CSV UTF-8)"
        raise UsageError(message) from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    return parse_verdicts(text, path.name)


def parse_verdicts(text: str, source: str) -> list[Verdict]:
    """Return the verdicts that `text` holds as CSV.

    Raises:
        UsageError: See `read_verdicts`.
    """
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    found: dict[tuple[str, str], Verdict] = {}
    start = 1
    try:
        for number, row in enumerate(reader):
            if number == 0:
                _require_header(row, source)
            elif any(field.strip() for field in row):  # a spreadsheet writes an empty line as commas
                verdict = _parse_row(row, f"{source}, line {start}", start)
                if verdict.key in found:
                    raise UsageError(
                        f"{source}, line {start}: {verdict.subject} of {verdict.path} has a verdict in line "
                        f"{found[verdict.key].line} already; keep one of them"
                    )
                found[verdict.key] = verdict
            start = reader.line_num + 1
    except csv.Error as error:
        raise UsageError(f"{source}, line {reader.line_num}: {error}; mend the quotes of the row") from error
    return list(found.values())


def format_verdicts(verdicts: Iterable[Verdict]) -> str:
    """Return the verdicts as CSV, ordered by path and subject, a line a verdict, quoted only where needed."""
    ordered = sorted(verdicts, key=lambda v: (v.path, v.sha256, v.is_cell, v.subject))
    rows = [COLUMNS, *(tuple(_write_field(getattr(verdict, name)) for name in COLUMNS) for verdict in ordered)]
    return "".join(",".join(_quote(text) for text in row) + "\n" for row in rows)


def record_verdict(path: Path, verdict: Verdict) -> bool:
    """Put a verdict into the file in the place of one on the same subject, and tell whether there was one.

    The file is replaced in one step, and two recorders take turns.

    Raises:
        UsageError: The verdict or the file is not valid, or the folder cannot be written to.
    """
    _prove(verdict, "the verdict")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _turn(path.parent):
            before = read_verdicts(path)
            others = [other for other in before if other.key != verdict.key]
            text = format_verdicts([*others, verdict])
            # What cannot be read back as it was meant must not replace what can.
            if sorted(parse_verdicts(text, path.name), key=_identity) != sorted([*others, verdict], key=_identity):
                raise UsageError("the verdict cannot be written as it is meant: a text holds what CSV cannot")
            write_file(path, text.encode())
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error
    return len(others) < len(before)


def describe_outcome(left: float | None, right: float | None, note: str | None) -> str:
    """Return a rule's outcome as a person sees it and a verdict refers to it.

    >>> (
    ...     describe_outcome(27.0, 21.0, None),
    ...     describe_outcome(None, None, "other_agency"),
    ...     describe_outcome(None, 3, None),
    ... )
    ('27 against 21', 'other_agency', 'fails')
    """
    if left is None or right is None:
        return note or "fails"
    return f"{left:.15g} against {right:.15g}"


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _identity(verdict: Verdict) -> tuple[str, str]:
    return verdict.key


def _require_header(row: list[str], source: str) -> None:
    if tuple(row) != COLUMNS:
        raise UsageError(f"{source}, line 1: the columns must be {','.join(COLUMNS)}")


def _parse_row(row: list[str], where: str, line: int) -> Verdict:
    if len(row) != len(COLUMNS):
        raise UsageError(f"{where}: {len(row)} fields, the header has {len(COLUMNS)}")
    texts = dict(zip(COLUMNS, row, strict=True))
    kind, value, day = texts.pop("verdict"), texts.pop("value"), texts.pop("date")
    if kind not in set(ReviewVerdict):
        raise UsageError(f"{where}: verdict {kind!r} is none of {', '.join(ReviewVerdict)}")
    verdict = Verdict(
        **texts,
        verdict=ReviewVerdict(kind),
        value=None if value == "" else _parse_number(value, where),
        date=_parse_date(day, where),
        line=0,
    )
    _prove(verdict, where)
    return replace(verdict, line=line)


def _parse_number(text: str, where: str) -> float:
    try:
        value = float(text) if re.fullmatch(r"[-+0-9.eE]+", text) else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(f"{where}: value {text!r} is no number; write it without separators or unit")
    return value


def _parse_date(text: str, where: str) -> date:
    """Return the date; a spreadsheet turns 2026-01-31 into 2026/1/31 when it saves the file."""
    match = _SPREADSHEET_DATE.fullmatch(text)
    try:
        return date(*map(int, match.groups())) if match else date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{where}: date {text!r} is no date; write it as 2026-01-31") from error


def _prove(verdict: Verdict, where: str) -> None:
    """Refuse a verdict that could not mean anything.

    Raises:
        UsageError: With the first thing that is wrong.
    """
    complaint = next(_complaints(verdict), None)
    if complaint is not None:
        raise UsageError(f"{where}: {complaint}")


def _complaints(verdict: Verdict) -> Iterator[str]:
    cell = (verdict.table_code, verdict.row_code, verdict.column_code)
    rule = (verdict.rule_id, verdict.scope)
    if not _SHA256.fullmatch(verdict.sha256):
        yield f"sha256 {verdict.sha256!r} is no SHA-256 in lower case"
    if not (all(cell) and not any(rule)) and not (all(rule) and not any(cell)):
        yield "it must name either a cell (table_code, row_code, column_code) or a rule (rule_id, scope)"
    if verdict.is_cell and cell not in known_cells():
        yield f"no edition of the form has {verdict.subject}"
    if verdict.rule_id and verdict.rule_id not in load_rules():
        yield f"there is no rule {verdict.rule_id}"
    yield from _value_complaints(verdict)
    if not verdict.reviewer.strip():
        yield "reviewer is empty"
    if any(0xD800 <= ord(letter) < 0xE000 for text in _texts(verdict) for letter in text):
        yield "a text holds half a character, which UTF-8 cannot"


def _value_complaints(verdict: Verdict) -> Iterator[str]:
    is_corrected = verdict.verdict is ReviewVerdict.CORRECTED
    if is_corrected and not verdict.is_cell:
        yield "only a cell can be corrected; a rule is accepted or a source_error"
    if is_corrected != (verdict.value is not None):
        yield "a value belongs to `corrected`, and to no other verdict"
    if is_corrected and not verdict.read_where.strip():
        yield "`corrected` must say in read_where where the right value was read"
    kinds = _value_kinds().get((verdict.table_code, verdict.row_code, verdict.column_code), frozenset())
    if verdict.unit and (verdict.value is None or verdict.unit not in yuan_by_unit() or ValueKind.AMOUNT not in kinds):
        yield f"unit {verdict.unit!r} must be one of {', '.join(yuan_by_unit())} and belongs to the value of an amount"
    if verdict.value is not None and not math.isfinite(verdict.value):
        yield f"value {verdict.value!r} is no number"
    elif verdict.value is not None and kinds and not any(_is_possible(verdict.value, kind) for kind in kinds):
        yield f"value {verdict.value!r} is none that {verdict.subject} can have ({', '.join(sorted(kinds))})"


def _is_possible(value: float, kind: str) -> bool:
    """Tell whether a figure of a kind can be so: counts and changes are whole, only a change is negative."""
    is_whole, is_negative = value == math.floor(value), value < 0
    has_kind = (is_whole or kind == ValueKind.AMOUNT) and (not is_negative or kind == ValueKind.CHANGE)
    return has_kind and abs(value) <= _LARGEST


def _texts(verdict: Verdict) -> Iterator[str]:
    return (text for name in COLUMNS if isinstance(text := getattr(verdict, name), str))


@cache
def known_cells() -> frozenset[tuple[str, str, str]]:
    """Return table, row and column of every cell of every edition of the form."""
    return frozenset(
        (table.code, row.code, column.code)
        for form in all_forms().values()
        for table in form.tables
        if table.code in set(TableCode)
        for clause in table.clauses
        for row in clause.rows
        for column in clause.columns
    )


@cache
def _value_kinds() -> dict[tuple[str, str, str], frozenset[str]]:
    """Return the kinds of figure that a cell holds in any edition."""
    kinds: dict[tuple[str, str, str], set[str]] = {}
    columns = ("table_code", "row_code", "column_code", "value_kind")
    for *cell, kind in load_catalogue().cells.select(columns).iter_rows():
        kinds.setdefault((cell[0], cell[1], cell[2]), set()).add(kind)
    return {cell: frozenset(found) for cell, found in kinds.items()}


def _write_field(value: object) -> str:
    if value is None:
        return ""
    # repr is the shortest text that reads back as the same number.
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text
