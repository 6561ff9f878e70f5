"""Documents and what a reading of them must give: those of a folder, and those that the factory makes on the spot.

A folder is laid out as tests/corpus (<form>/<container>/<name>/document.* beside expected.csv and case.toml) or flat
(documents/** beside expected/<file name>.csv, and manifest.csv where the factory made it).
"""

import csv
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path

from schemas.vocabulary import ValueStatus
from tests.factory.choice import stream_documents
from tests.factory.document import expected_csv

Key = tuple[str, str, str]
_Loader = Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Expected:
    """One line of an expected file; `status` and `unit` are None where the file does not say."""

    value: Decimal | None
    status: str
    unit: str | None

    def __str__(self) -> str:
        text = self.status if self.value is None else f"{self.value:f}"
        return text + (f" {self.unit}" if self.unit else "")


@dataclass(frozen=True, slots=True)
class Case:
    """A document and what a reading of it must give.

    Attributes:
        path: Under which the file would stand below data/raw, its first part the report year.
        expected: None where nobody wrote down what the document says: it is read, and nothing of it is scored.
        unscored: Why nothing is.
        indicators: For a 统计表 before 2019 the code of each printed label, None for one that no form has; empty where
            the expected file does not say.
        refused: Reason codes, parted by spaces, with one of which the document may be set aside in place of a proved
            reading.
        must_find: Reason codes that its findings must hold.
    """

    name: str
    path: str
    container: str
    load: _Loader
    expected: dict[Key, Expected] | None
    quirks: tuple[str, ...] = ()
    refused: str | None = None
    must_find: tuple[str, ...] = ()
    year: int | None = None
    agency_name: str | None = None
    unscored: str = "nothing expected is written down"
    indicators: dict[str, str | None] = field(default_factory=dict)


def load_cases(folder: Path) -> list[Case]:
    """Return the documents of a folder laid out either way.

    Raises:
        FileNotFoundError: The folder is laid out in neither.
    """
    if (folder / "documents").is_dir():
        return list(_flat_cases(folder))
    cases = [_corpus_case(path, folder) for path in sorted(folder.rglob("document.*"))]
    if not cases:
        raise FileNotFoundError(f"{folder}: neither documents/ nor */document.* stand here")
    return cases


def read_expected(lines: Iterable[str]) -> dict[Key, Expected]:
    """Return the expected figures by key; without a `value_status` an empty value is a blank cell.

    >>> read_expected(["table_code,row_code,column_code,value", "request,other,total,"])
    {('request', 'other', 'total'): Expected(value=None, status='blank', unit=None)}
    """
    expected = {}
    for row in csv.DictReader(lines):
        value = Decimal(row["value"]) if row["value"] else None
        printed = ValueStatus.BLANK if value is None else ValueStatus.REPORTED
        key = (row["table_code"], row["row_code"], row["column_code"])
        expected[key] = Expected(value, row.get("value_status") or printed.value, row.get("unit") or None)
    return expected


def read_expected_legacy(lines: Iterable[str]) -> tuple[dict[Key, Expected], dict[str, str | None]]:
    """Return the expected figures of a 统计表 before 2019 by label and column, and its codes where the file has them.

    An indicator that no form knows has a label and no code, so the label is the key; an empty figure is not printed.

    >>> read_expected_legacy(["label,unit,year,cumulative", "主动公开文件数,条,3,"])
    ({('legacy', '主动公开文件数', 'year'): Expected(value=Decimal('3'), status='reported', unit='条')}, {})
    """
    expected, codes = {}, {}
    for row in csv.DictReader(lines):
        for column in ("year", "cumulative"):
            if row[column]:
                figure = Expected(Decimal(row[column]), ValueStatus.REPORTED.value, row["unit"] or None)
                expected["legacy", row["label"], column] = figure
        if "code" in row:
            codes[row["label"]] = row["code"] or None
    return expected, codes


def fresh_cases(count: int, seed: int) -> Iterator[Case]:
    """Yield documents that the factory makes on the spot."""
    for number, made in enumerate(stream_documents(count, seed)):
        yield Case(
            name=f"fresh {seed}/{number} {made.form_code}/{made.container.name}",
            path=f"{made.truth.year}/{made.file_name}",
            container=made.container.name,
            load=partial(bytes, made.content),
            expected=read_expected(expected_csv(made.figures).splitlines()),
            quirks=made.quirks,
            refused=made.refused,
            must_find=made.must_find,
            year=made.truth.year,
            agency_name=made.truth.agency_name,
        )


def _corpus_case(path: Path, folder: Path) -> Case:
    home = path.parent
    facts = tomllib.loads((home / "case.toml").read_text(encoding="utf-8"))
    refused = home / "expected.refused"
    expected, indicators = _read_expectation(home / "expected.csv", home / "expected.legacy.csv")
    name = home.relative_to(folder).as_posix()
    return Case(
        name=name,
        path=f"{facts['year']}/{name.replace('/', '-')}{path.suffix}",
        container=home.parent.name,
        load=path.read_bytes,
        expected=expected,
        indicators=indicators,
        quirks=tuple(facts["quirks"]),
        refused=refused.read_text(encoding="utf-8").strip() if refused.exists() else None,
        must_find=tuple(facts["must_find"]),
        year=facts["year"],
        agency_name=facts["agency_name"],
    )


def _read_expectation(national: Path, legacy: Path) -> tuple[dict[Key, Expected] | None, dict[str, str | None]]:
    """Return the expected figures of both sorts of file together, None where neither stands, and indicator codes."""
    expected: dict[Key, Expected] | None = None
    indicators: dict[str, str | None] = {}
    if national.exists():
        expected = read_expected(national.read_text(encoding="utf-8").splitlines())
    if legacy.exists():
        figures, indicators = read_expected_legacy(legacy.read_text(encoding="utf-8").splitlines())
        expected = {**(expected or {}), **figures}
    return expected, indicators


def _flat_cases(folder: Path) -> Iterator[Case]:
    manifest = {}
    if (folder / "manifest.csv").exists():
        with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
            manifest = {row["file_name"]: row for row in csv.DictReader(file)}
    for path in sorted((folder / "documents").rglob("*")):
        if not path.is_file():
            continue
        home = folder / "expected"
        expected, indicators = _read_expectation(home / f"{path.name}.csv", home / f"{path.name}.legacy.csv")
        facts = manifest.get(path.name, {})
        yield Case(
            name=path.name,
            path=path.relative_to(folder / "documents").as_posix(),
            container=facts.get("container", path.suffix.removeprefix(".")),
            load=path.read_bytes,
            expected=expected,
            indicators=indicators,
            quirks=tuple(facts.get("quirks", "").split()),
            refused=facts.get("refused") or None,
            must_find=tuple(facts.get("must_find", "").split()),
            year=int(facts["year"]) if facts else None,
            agency_name=facts.get("agency_name"),
        )
