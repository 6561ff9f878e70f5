"""What tests of publishing share: a house of three reports, and what a publish may leave beside the warehouse."""

from tests.load.staged import FakeFile, request


def files(new_received):
    return [
        FakeFile(f"2021/{number}.html", f"{number}局", figures=request("new_received", new_received, 1))
        for number in range(3)
    ]


def assert_untouched(house, before):
    """Prove that the warehouse is the very file that it was, by its bytes, and that nothing is left beside it."""
    assert house.database.read_bytes() == before
    assert_tidy(house)


def assert_tidy(house):
    left = {path.name for path in house.warehouse.iterdir() if not path.name.startswith(".parquet-")}
    assert left == {
        ".build.lock",
        ".published-files.parquet",
        ".published-seen.parquet",
        ".published-series.parquet",
        ".published.json",
        "gongkai.duckdb",
        "parquet",
        "quality.html",
        "staging",
    }
    assert len(list(house.warehouse.glob(".parquet-*"))) <= 2
