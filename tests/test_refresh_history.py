"""Whatever happens to the raw files, step by step: a warehouse that was refreshed says what a fresh one says.

The reports are real documents and the stages the real ones, so the rules across years and agencies, the states of
files, the dimensions and the coverage take part. Every step is one thing that happens to a raw folder; what it touches
is refreshed and everything else is left, and then every table must have the content hash of a build from nothing: in
the suite after four steps, whose traces the last one shows, in `make soak` after each.
"""

import shutil
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from random import Random

import duckdb
import pytest

from pipelines.load import content_hashes, refresh
from pipelines.settings import Workspace
from schemas.ddl import warehouse_tables
from tests.factory.season import Shares, stream_season
from tests.house import build_warehouse

_CONTAINERS = {"tabs": 1, "pipes": 1}  # the cheapest to read: what a file is made of is not the matter here
_SHARES = Shares(breach=0.2, torn=0.2, absent=0.1, corrected=0.1, copied=0.1, broken=0.05)


@pytest.fixture(autouse=True, scope="module")
def _refresh_always(plain_publish):
    """Refresh however much has changed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(refresh, "_MOST_SHARE", 100.0)  # gone files count too: more may change than are left
        patch.setattr(refresh, "_MOST_REFRESHES", 10**9)
        patch.setattr("tests.factory.season.CONTAINER_SHARES", _CONTAINERS)
        patch.setattr("tests.factory.season._SIZE_SHARES", {"small": 1})
        yield


class History:
    """A raw folder to which things happen, and the files that may come into it."""

    def __init__(self, raw: Path, seed: int, count: int) -> None:
        self.raw, self.rng = raw, Random(seed)
        # Each year costs every build a little: two of either form are enough for all that happens between years.
        self.waiting = [file for file in stream_season(2 * count, seed, _SHARES) if file.year < 2023]
        self.rng.shuffle(self.waiting)

    def files(self) -> list[Path]:
        return sorted(path for path in self.raw.rglob("*") if path.is_file())

    def pick(self) -> Path:
        return self.rng.choice(self.files())

    def put(self, path: str, content: bytes) -> None:
        target = self.raw / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)

    def add(self) -> None:
        file = self.waiting.pop()
        self.put(file.path, file.content)

    def remove(self) -> None:
        self.pick().unlink()

    def remove_year(self) -> None:
        """The last file of a partition takes the partition with it."""
        shutil.rmtree(self._year_of(self.pick()))

    def _year_of(self, path: Path) -> Path:
        return self.raw / path.relative_to(self.raw).parts[0]

    def change_figure(self) -> None:
        """One digit more somewhere in the tables: identities break, or the carry-over, or a copy is none any more."""
        path = self.pick()
        text = path.read_bytes()
        places = [place for place, byte in enumerate(text) if 48 <= byte <= 57]
        if places:
            place = self.rng.choice(places[len(places) // 2 :])
            path.write_bytes(text[:place] + b"7" + text[place:])

    def move(self) -> None:
        path = self.pick()
        path.rename(path.with_name(f"moved{self.rng.randrange(10**6)}{path.suffix}"))

    def move_out_of_years(self) -> None:
        path = self.pick()
        (self.raw / "loose").mkdir(exist_ok=True)
        path.rename(self.raw / "loose" / f"{self.rng.randrange(10**6)}{path.suffix}")

    def copy(self) -> None:
        path = self.pick()
        shutil.copyfile(path, path.with_name(f"{path.stem}（副本{self.rng.randrange(10**6)}）{path.suffix}"))

    def correct(self) -> None:
        """Another version of a report: it supersedes the first, and the rules across years look at it instead."""
        path = self.pick()
        content = path.read_bytes()
        later = path.with_name(f"{path.stem}（更正）{path.suffix}")
        later.write_bytes(content.replace(b"1", b"2"))

    def contradict(self) -> None:
        """Another version without a marker: both carry a finding."""
        path = self.pick()
        path.with_name(f"{path.stem}{self.rng.randrange(10**6)}{path.suffix}").write_bytes(
            path.read_bytes().replace(b"3", b"4")
        )

    def borrow(self) -> None:
        """An agency prints another's tables: a copy across agencies, in the same year."""
        path, other = self.pick(), self.pick()
        year = self._year_of(path).name
        name, foreign = path.stem.partition("20")[0], other.stem.partition("20")[0]
        content = other.read_bytes().replace(foreign.encode(), name.encode())
        path.write_bytes(content.replace(self._year_of(other).name.encode(), year.encode()))

    def spoil(self) -> None:
        self.pick().write_bytes(b"")

    def nothing(self) -> None:
        """A copy's time is no news."""
        self.pick().touch()


def begin(folder: Path, seed: int, reports: int, steps: int) -> tuple[Workspace, History]:
    """Build a house with so many reports; at most three more may come at each step."""
    house = Workspace(folder / "house" / "raw", folder / "house" / "warehouse", workers=1)
    history = History(house.raw, seed, reports + 3 * steps)
    for _ in range(reports):
        history.add()
    build_warehouse(house)
    return house, history


@pytest.fixture(scope="module")
def begun(tmp_path_factory, _refresh_always):
    """The house with which the tests of the suite begin."""
    return begin(tmp_path_factory.mktemp("begun"), *BEGUN)


def copy_house(begun: tuple[Workspace, History], folder: Path) -> tuple[Workspace, History]:
    """Copy a house, in which something else may happen."""
    house, history = deepcopy(begun)
    shutil.copytree(house.raw.parent, folder / "house", symlinks=True)
    history.raw = folder / "house" / "raw"
    return Workspace(history.raw, folder / "house" / "warehouse", workers=1), history


BEGUN = (1, 14, 4)  # seed, reports, steps
STEPS = (
    "add", "add", "remove", "remove_year", "change_figure", "change_figure", "move", "move_out_of_years", "copy",
    "correct", "contradict", "borrow", "spoil", "nothing",
)  # fmt: skip


@pytest.mark.parametrize(
    ("start", "every"),
    [(BEGUN, 4), *(pytest.param((seed, 25, 25), 1, marks=pytest.mark.soak) for seed in range(2, 12))],
)
def test_any_history_ends_in_what_a_build_from_nothing_says(tmp_path, begun, start, every):
    *_, steps = start
    house, history = copy_house(begun, tmp_path) if start == BEGUN else begin(tmp_path, *start)
    done = []
    for number in range(1, steps + 1):
        for _ in range(history.rng.choice((1, 1, 1, 3))):
            done.append(history.rng.choice(STEPS))
            getattr(history, done[-1])()
        summary = build_warehouse(house)
        assert summary.is_refreshed or summary.is_unchanged, done
        if number % every == 0:
            assert_says_what_a_build_from_nothing_says(house, summary, done)


def test_a_report_that_is_taken_away_is_taken_out_of_its_batch(tmp_path, begun):
    """Nothing of the batch is made again, so that its file of each twin is what it was without that report."""
    house, history = copy_house(begun, tmp_path)
    years = [path.relative_to(house.raw).parts[0] for path in history.files()]
    next(path for path, year in zip(history.files(), years, strict=True) if years.count(year) > 1).unlink()
    summary = build_warehouse(house)
    assert summary.is_refreshed
    assert_says_what_a_build_from_nothing_says(house, summary, ["taken away"])


def assert_says_what_a_build_from_nothing_says(house, summary, done):
    fresh = replace(house, warehouse=house.warehouse.with_name("fresh"))
    whole = build_warehouse(fresh)
    found, expected = content_hashes(house.database), content_hashes(fresh.database)
    assert [name for name in expected if found[name] != expected[name]] == [], done
    twins = hash_twins(house)
    assert [name for name in expected if twins[name] != expected[name]] == [], done
    counted, counts = dict(summary.rows), dict(whole.rows)
    del counted["meta_release"], counts["meta_release"]  # a row a release: one house has published more often
    assert (counted, summary.files) == (counts, whole.files)
    shutil.rmtree(fresh.warehouse)


def hash_twins(house):
    """Return the content hashes of what the Parquet twins say."""
    path = house.warehouse.with_name("twins.duckdb")
    with duckdb.connect(str(path)) as connection:
        for spec in warehouse_tables():
            twin = house.parquet.resolve() / f"{spec.name}.parquet"
            parts = sorted(str(part) for part in (twin.iterdir() if twin.is_dir() else [twin]))
            connection.execute(f"CREATE VIEW {spec.name} AS FROM read_parquet({parts})")
    hashes = content_hashes(path)
    path.unlink()
    return hashes
