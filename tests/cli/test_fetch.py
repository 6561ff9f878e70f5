"""`gongkai fetch` as a person sees it; what it fetches is proved in tests/ingest/fetch."""

import re
from io import StringIO

import pytest
from rich.console import Console

from pipelines.cli import fetch
from pipelines.ingest.fetch import Outcome
from schemas.vocabulary import FetchOutcome, FetchRole


@pytest.mark.parametrize("width", [70, 110])
def test_the_view_keeps_its_counts_on_a_narrow_terminal(monkeypatch, width):
    drawn = StringIO()
    console = Console(file=drawn, width=width, force_terminal=True, color_system=None)
    monkeypatch.setattr(fetch, "make_console", lambda _out: console)
    title = "甲县人民政府2023年政府信息公开工作年度报告" * 3
    with fetch.Meter(4, disable=False) as meter:
        for kind in (FetchOutcome.NEW, FetchOutcome.NEW, FetchOutcome.FAILED):
            meter.count(Outcome("http://gov.test/", "甲县", FetchRole.PAGE, 2023, title, kind))
        meter.finish("甲县")
    assert re.search(r"sources \S+ +1/4 \d:\d\d:\d\d new 2  failed 1 甲县: 甲县人民政府2023.*…", drawn.getvalue())
    assert "unchanged" not in drawn.getvalue()  # what did not happen takes no room
