"""The quality page: what it counts, where it marks, that it is bounded, and that no report can smuggle anything in."""

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.load import publish_warehouse, refresh
from pipelines.load.page import drawn
from pipelines.load.page.compose import PageLimits, compose_page
from pipelines.load.page.drawn import Drawn, note_drawn, read_drawn
from pipelines.load.page.filled import GAP, fill_matrix, fill_table
from pipelines.load.page.markup import load_words, text
from pipelines.load.page.pictures import describe_shares
from pipelines.load.page.pixels import HEIGHT, round_rates, round_shares
from pipelines.load.page.svg import draw_svg
from pipelines.load.page.tally import Twins
from pipelines.load.page.worst import WorstLimits
from pipelines.settings import Workspace
from schemas.rule import load_rules
from schemas.vocabulary import Severity
from tests.browser import browse, needs_browser, overflow
from tests.check.builders import made_up_request
from tests.check.house import as_figures, check_files
from tests.load.staged import FakeFile, request, stage_files, workspace_in

ROOT = Path(__file__).parents[2]
SAID = "新收申请99999件，<b>下略。"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>局"


class Reader(HTMLParser):
    """Collects what a browser would act on, and proves that what is opened is closed in order."""

    VOID = frozenset({"meta", "input", "br", "i"})

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()
        self.open: list[str] = []
        self.cells: list[tuple[str, str]] = []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= set(attrs)
        if tag not in {"meta", "input", "br"}:
            self.open.append(tag)
        if tag == "td":
            self.cells.append((dict(attrs).get("class") or "", ""))

    def handle_startendtag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= set(attrs)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "td" in self.open:
            kind, words = self.cells[-1]
            self.cells[-1] = (kind, words + data)


def read_page(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def publish(workspace: Workspace, files) -> str:
    check_files(workspace, files)
    publish_warehouse(workspace)
    return workspace.quality_page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Workspace:
    """One report whose 表三 has one wrong cell, one that is sound, one that is hostile, and one that is no report."""
    workspace = workspace_in(tmp_path_factory.mktemp("house"))
    sound, wrong = made_up_request("2021", seed=3), made_up_request("2021", seed=4)
    wrong["granted", "business"] = (wrong["granted", "business"] or 0) + 6
    files = [
        FakeFile("2021/甲.html", "甲市人民政府", figures=as_figures(request=sound)),
        FakeFile("2021/乙.html", "乙县审计局", figures=as_figures(request=wrong), sections=(SAID,)),
        FakeFile(f"2021/{HOSTILE.replace('/', '_')}.html", HOSTILE, figures=request("granted", 1, 2, HOSTILE, total=1)),
        FakeFile("2020/空.html", ingest_reason="empty_file", figures=None),
    ]  # fmt: skip
    publish(workspace, files)
    return workspace


@pytest.fixture(scope="module")
def page(house):
    return house.quality_page.read_text(encoding="utf-8")


def test_the_guilty_cell_is_marked_inside_the_form(page):
    printed = made_up_request("2021", seed=4)["granted", "business"] or 0
    marked = [words for kind, words in read_page(page).cells if kind == "unique"]
    assert marked == [f"{printed + 6} → {printed:g}"]
    assert '<th class="broken" colspan="2"><span class="zh" lang="zh">（一）予以公开</span>' in page
    assert "✗ T3-row +6" in page
    assert "✗ T3-sum +6" in page


def test_the_sentence_that_differs_from_the_table_is_quoted(page):
    assert f"“{text(SAID)}”" in page


def test_no_report_can_smuggle_anything_in(page):
    reader = read_page(page)
    assert not reader.tags & {"script", "iframe", "img", "link", "object", "embed", "form", "base", "a"}
    assert not [name for name, _ in reader.attributes if name.startswith("on") or name in ("src", "href", "action")]
    assert text(HOSTILE) in page
    assert HOSTILE not in page
    assert "default-src 'none'" in page


def test_the_page_asks_no_network(page):
    """The namespaces of SVG are names and not addresses that are fetched."""
    namespaces = {'xmlns="http://www.w3.org/2000/svg"', 'xmlns:xlink="http://www.w3.org/1999/xlink"'}
    for namespace in namespaces:
        page = page.replace(namespace, "")
    assert "://" not in page
    assert "url(" not in re.sub(r"url\(#[\w-]+\)", "", page)
    assert "@import" not in page


def test_counts_are_those_of_the_warehouse(house, page):
    with duckdb.connect(str(house.database), read_only=True) as connection:
        ((failed, assessed),) = connection.execute(
            "SELECT count(*) FILTER (status = 'fail'), count(*) FILTER (status <> 'not_assessable') "
            "FROM quality_result WHERE rule_id = 'T3-row'"
        ).fetchall()
    row = next(part for part in page.split("<tr>") if "<b>T3-row</b>" in part)
    assert f"<b>{failed}</b> / {assessed}" in row
    assert failed == 1


def test_a_rule_that_found_nothing_to_look_at_is_named_below_the_others(page):
    rules, below = page.split('id="table-rules"')[1].split("</table>")[:2]
    named = set(re.findall(r"<b>([A-Z0-9]+-[\w-]+)</b>", rules))
    idle = set(re.findall(r"[A-Z0-9]+-[\w-]+", below.split("</p>")[0]))
    assert named | idle >= set(load_rules())
    assert not named & idle
    assert {"T3-row", "T3-sum"} <= named
    assert "LEG-year" in idle


@needs_browser
def test_it_is_laid_out_for_wide_and_narrow_screens_in_both_languages(house):
    with browse() as (shown, heard):
        shown.goto(house.quality_page.as_uri(), wait_until="load")
        for width, lang, other in ((400, "en", "zh"), (400, "zh", "en"), (1280, "en", "zh"), (1280, "zh", "en")):
            shown.set_viewport_size({"width": width, "height": 900})
            shown.click(f"label[for={lang}]")
            assert shown.locator(f"main .{lang}").first.is_visible()
            assert not shown.locator(f"main .{other}").first.is_visible()
            tiles = [box["y"] for box in (tile.bounding_box() for tile in shown.locator(".tiles li").all())]
            assert len(tiles) > 1
            assert len({tiles.count(y) for y in tiles}) == 1  # every row of tiles is full
            assert overflow(shown) == 0
            meaning = shown.locator("#table-rules td small").first.bounding_box()
            assert meaning["x"] + meaning["width"] <= width
        assert heard == []


@pytest.mark.parametrize("count", [1, 1_200])
def test_the_axis_of_agencies_says_no_number_twice(count):
    shown = pl.DataFrame({"year": [2021], "kind": ["passed"], "count": [count], "place": [0]})
    told = re.findall(r">([\d,]+)</text>", draw_svg(shown, describe_shares({"passed": "#000000"}), "shares"))
    assert len(told) == len(set(told))
    assert {"0", f"{count:,}", "2021"} <= set(told)


def test_every_picture_keeps_its_identifiers_to_itself(page):
    identifiers = re.findall(r'\bid="([^"]+)"', page)
    assert page.count("<svg") == 4
    assert len(identifiers) == len(set(identifiers))


def test_the_same_warehouse_gives_the_same_page(house, page):
    with duckdb.connect(str(house.database), read_only=True) as connection:
        assert compose_page(connection) == page


def test_what_shows_the_same_is_not_drawn_again(house, page, tmp_path, monkeypatch):
    before = json.loads((house.staging / "page" / "drawn.json").read_bytes())
    ways = []

    def draw(way, *_facts, **_more):
        ways.append(way)
        return f"<p>{way}</p>"

    monkeypatch.setattr(drawn, "_draw", draw)
    shutil.copy(house.database, tmp_path / "gongkai.duckdb")
    with duckdb.connect(str(tmp_path / "gongkai.duckdb")) as connection:
        assert compose_page(connection, drawn=Drawn(before["drawn"])) == page
        assert ways == []
        connection.execute("UPDATE quality_result SET status = 'pass' WHERE rule_id = 'T3-row'")
        now = compose_page(connection, drawn=Drawn(before["drawn"]))
        row = next(part for part in now.split("<tr>") if "<b>T3-row</b>" in part)
        assert "<b>0</b> / " in row  # the table is kept, its cells are not
        assert ways == ["svg"]  # so is the description of the picture


def test_a_table_of_another_length_is_set_again():
    headings = {"reason": "r", "count": "c"}
    kept = Drawn()
    first = fill_matrix(kept, [headings], "t", headings)
    assert fill_matrix(Drawn(kept.now), [{"reason": "x", "count": "y"}], "t", headings) == first.replace(
        ">r</td>", ">x</td>"
    ).replace(">c</td>", ">y</td>")
    longer = fill_matrix(Drawn(kept.now), [headings, headings], "t", headings)
    assert (first.count("<td"), longer.count("<td")) == (2, 4)


def test_the_cells_of_a_table_stand_in_their_order_and_smuggle_nothing_in():
    """The gap of the kept table may well stand in a report."""
    frame = pl.DataFrame({"reason": [f"<i>{GAP}", None], "count": [1234, 2], "severity": ["<b>a</b>", "b"]})
    cells = read_page(fill_table(Drawn(), frame, "t", html_columns=["severity"])).cells
    assert [words for _, words in cells] == [f"<i>{GAP}", "1,234", "a", "", "2", "b"]


def test_a_table_with_fewer_gaps_than_cells_is_refused(monkeypatch):
    monkeypatch.setattr(drawn, "_draw", lambda *_facts, **_more: GAP)
    with pytest.raises(ValueError, match="zip"):
        fill_matrix(Drawn(), [{"a": "1", "b": "2"}], "t", {"a": "", "b": ""})


def test_one_report_among_ten_thousand_moves_no_pixel_and_one_of_a_few_does():
    """Within half a pixel of what was counted."""
    names = ["passed", "breached"]
    many = pl.DataFrame({"passed": [1001, 500], "breached": [400, 900]})
    more = pl.DataFrame({"passed": [1000, 500], "breached": [401, 900]})
    shown = round_shares(many, names)
    assert shown.equals(round_shares(more, names))
    assert all(abs(a - b) <= 1401 / HEIGHT for a, b in zip(shown.row(0), many.row(0), strict=True))
    few = pl.DataFrame({"passed": [3, 1], "breached": [1, 2]})
    assert round_shares(few, names).rows() == [pytest.approx(row) for row in few.rows()]
    rates = pl.DataFrame({"rate": [0.2, 0.1]})
    assert round_rates(rates).equals(round_rates(rates + 0.0001))
    assert not round_rates(rates).equals(round_rates(rates + 0.002))


def test_what_other_code_has_drawn_is_drawn_again(tmp_path):
    note_drawn(tmp_path / "page.json", "old", Drawn(now={"a": "<p>"}))
    assert read_drawn(tmp_path / "page.json", "old").before == {"a": "<p>"}
    assert read_drawn(tmp_path / "page.json", "new").before == {}
    (tmp_path / "page.json").write_text("[")
    assert read_drawn(tmp_path / "page.json", "old").before == {}


def test_only_the_worst_are_shown_and_the_rest_is_counted(house):
    limits = PageLimits(regions=1, worst=WorstLimits(reports=1))
    with duckdb.connect(str(house.database), read_only=True) as connection:
        page = compose_page(connection, limits)
    assert page.count('<details class="report"') == 1
    assert "1 of 3 reports" in page  # the others lack tables
    assert "<b>乙县审计局</b>" in page
    assert text(HOSTILE) not in page


def test_a_warehouse_of_nothing_has_a_page(tmp_path):
    workspace = workspace_in(tmp_path)
    page = publish(workspace, [])
    read_page(page)
    assert load_words()["empty"]["zh"] in page
    assert "<svg" not in page


def test_a_closed_breach_leaves_the_list(house, tmp_path):
    """What a verdict has closed is no longer among what needs a look."""
    shutil.copy(house.database, tmp_path / "gongkai.duckdb")
    with duckdb.connect(str(tmp_path / "gongkai.duckdb")) as connection:
        connection.execute("UPDATE quality_result SET is_open = false; UPDATE suspected_cell SET is_open = false")
        page = compose_page(connection)
    assert '<details class="report"' not in page


def test_every_text_is_in_both_languages_and_used():
    words = load_words()
    assert all(set(each) == {"zh", "en"} and all(each.values()) for each in words.values())
    folder = ROOT / "pipelines/load/page"
    source = "".join(path.read_text(encoding="utf-8") for path in (*folder.glob("*.py"), *folder.glob("*/*.sql")))
    used = set(re.findall(r"[a-z_]+", source)) | {key for key in words if key.startswith("legend_")} | set(Severity)
    assert set(words) - used == set()


def test_a_frame_that_is_staged_by_hand_is_drawn_too(tmp_path):
    """A table that has no figures at all, and a report that broke a rule about itself alone."""
    workspace = workspace_in(tmp_path)
    stage_files(workspace, [FakeFile("2021/甲.html", quality=(("ID-agency", "report", "fail"),))])
    publish_warehouse(workspace)
    page = workspace.quality_page.read_text(encoding="utf-8")
    read_page(page)
    assert '<details class="report" open>' in page
    assert "table.form" in page
    assert '<table class="form">' not in page


def test_what_is_kept_of_the_batches_that_are_as_they_were_says_what_the_tables_say(tmp_path, monkeypatch):
    """One batch of three changes; then what was kept is damaged, and all are counted again."""
    counted, shown = [], Twins.shown
    names = {2019: "丙", 2020: "丁", 2021: "戊"}  # no year is the year before of another's

    def note_shown(twins, connection, batches):
        counted.append(set(batches))
        return shown(twins, connection, batches)

    monkeypatch.setattr(Twins, "shown", note_shown)
    monkeypatch.setattr(refresh, "_MOST_SHARE", 100.0)
    workspace = workspace_in(tmp_path)

    def build(year, wrong_by):
        wrong = made_up_request("2021", seed=year)
        wrong["granted", "business"] = (wrong["granted", "business"] or 0) + wrong_by
        said = request("granted", 1, 2, "?", total=1)
        return publish(workspace, [
            FakeFile(f"{year}/甲.html", f"{names[year]}市人民政府", year, figures=as_figures(request=wrong)),
            FakeFile(f"{year}/乙.html", f"{names[year]}县审计局", year, figures=said),
        ])  # fmt: skip

    def hold_against_the_tables(page):
        with duckdb.connect(str(workspace.database), read_only=True) as connection:
            assert compose_page(connection) == page

    page = [build(year, wrong_by=year - 2018) for year in names][-1]
    hold_against_the_tables(page)
    counted.clear()
    changed = build(2020, wrong_by=50)
    assert counted[0] == {"2020/0000-of-0001"}
    assert changed != page
    hold_against_the_tables(changed)
    (workspace.staging / "page" / "cells.parquet").write_bytes(b"damaged")
    counted.clear()
    hold_against_the_tables(build(2020, wrong_by=7))
    assert len(counted[0]) == 3
