"""The corpus at scale: the same from the same seed, coherent from year to year, and scored against what was built."""

import polars as pl
import pytest

from pipelines.settings import Workspace
from tests.factory.season import LAST_YEAR, stream_season
from tests.factory.truth import broken_identities
from tests.house import build_warehouse
from tests.scale import ROOT, main, score_warehouse, write_corpus


def test_the_same_seed_gives_the_same_files_and_every_file_has_its_own_path():
    first = [(file.path, file.content) for file in stream_season(60, 4)]
    assert first == [(file.path, file.content) for file in stream_season(60, 4)]
    assert first != [(file.path, file.content) for file in stream_season(60, 5)]
    assert len({path for path, _ in first}) == len(first)


def test_trajectories_hold_every_identity_and_the_carry_over():
    forward: dict[tuple[str, int], object] = {}
    torn = 0
    for file in stream_season(150, 2):
        if file.made is None or file.note == "copy":
            continue
        truth = file.made.truth
        assert broken_identities(truth) == []
        before = forward.get((file.agency_name, file.year - 1))
        if before is not None:
            torn += (truth.value("request", "carried_in", "natural_person") != before) != file.is_torn
        forward[file.agency_name, file.year] = truth.value("request", "carried_forward", "natural_person")
    assert torn == 0
    assert max(year for _, year in forward) == LAST_YEAR


def test_a_misprint_is_told_with_what_it_should_be():
    breaches = [(file.breach, file.made) for file in stream_season(150, 3) if file.breach and file.made]
    assert breaches
    for (key, true), made in breaches:
        printed = made.figures.get(key)
        assert made.truth.figures[key].value == true
        assert printed is None or printed.value != true


def test_the_score_tells_what_is_wrong(tmp_path, plain_publish):
    files, _ = write_corpus(tmp_path / "corpus", 16, 1)
    workspace = Workspace(tmp_path / "corpus" / "raw", tmp_path / "corpus" / "warehouse", workers=1)
    build_warehouse(workspace)
    scores = score_warehouse(tmp_path / "corpus", workspace.database)
    assert scores["files"] == files
    assert scores["cells wrong"] == 0
    assert scores["cells right"] > 1000
    part = next((tmp_path / "corpus" / "truth").iterdir())
    truth = pl.read_parquet(part)
    truth.with_columns(pl.col("value") + 1).write_parquet(part)
    assert score_warehouse(tmp_path / "corpus", workspace.database)["cells wrong"] > 1000
    assert main(["score", str(tmp_path / "corpus")]) == 1


def test_invented_reports_are_kept_from_the_real_ones(tmp_path):
    with pytest.raises(ValueError, match="must not lie among the real ones"):
        write_corpus(ROOT / "data" / "raw" / "2021", 1, 1)
    (tmp_path / "something").touch()
    with pytest.raises(ValueError, match="is not empty"):
        write_corpus(tmp_path, 1, 1)
