"""The explorer: what its pages show, what it does with hostile texts and addresses, and a walk in a browser."""

import csv
import io
import re
import shutil
import socket
import struct
import threading
from contextlib import contextmanager
from functools import partial
from html import unescape
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import urlopen

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from pipelines.cli.warehouse import open_warehouse
from pipelines.present.explorer import answers, markup
from pipelines.present.explorer.markup import load_words, outside
from pipelines.present.explorer.request import known_measures
from pipelines.present.explorer.server import answer, make_server
from tests.analyst import BEFORE, BREACHED, EDUCATION, GOVERNMENT, GULOU, REVISED, YEARS
from tests.browser import browse, follow, needs_browser, overflow

HOSTILE_NAMES = [
    "<script>alert(1)</script>局", "\"引号\"'局' -- ;DROP", "长" * 5000, "a" * 3000, "%_\\局", "\x00\x1b[31m红\u202e局",
    "</title><img src=x onerror=alert(1)>", "=1+{measure}&amp;局",
]  # fmt: skip


@pytest.fixture(scope="module")
def opener(season):
    return partial(open_warehouse, season.workspace.database)


@pytest.fixture(scope="module")
def numbers(opener):
    with opener() as connection:
        return dict(connection.execute("SELECT agency_name, agency_id FROM dim_agency").fetchall())


@pytest.fixture(scope="module")
def get(opener):
    def page(address):
        reply = answer(opener, address)
        return reply.status, reply.body.decode("utf-8-sig") if reply.kind.startswith("text/") else reply.body

    return page


def rows_of(get, address):
    status, body = get(address)
    assert status == 200
    return list(csv.DictReader(io.StringIO(body)))


def test_a_choice_shows_its_agencies_and_what_they_add_up_to(season, get):
    status, page = get("/?province=410000&prefecture=410400&county=320106&measure=granted&first=2022&last=2023")
    assert status == 200
    assert [agency for agency in season.truths if agency[0] in page and not agency[0].startswith("平顶山")] == []
    assert '<option value="410400" selected>平顶山市' in page
    rows = rows_of(get, "/totals.csv?region=410400&measure=granted&first=2022&last=2022")
    told = {row["agency_type"]: (int(row["reports"]), float(row["value"])) for row in rows}
    departments = [
        agency for agency, year in season.truths if year == 2022 and agency.startswith("平顶山") and "局" in agency
    ]
    assert told == {
        "department": (len(departments), sum(season.total(agency, 2022, "granted") for agency in departments)),
        "government": (1, season.total(GOVERNMENT, 2022, "granted")),
    }
    assert "没有符合条件的报告" in get("/?words=" + quote("无此机关"))[1]


def test_a_rate_over_agencies_is_one_of_sums(get):
    [row] = [
        row
        for row in rows_of(get, "/totals.csv?measure=full_grant_rate&sector=" + quote("教育"))
        if row["year"] == "2022"
    ]
    with_each = rows_of(get, "/agencies.csv?measure=full_grant_rate&first=2022&last=2022&sector=" + quote("教育"))
    mean = sum(float(each["value"]) for each in with_each) / len(with_each)
    assert 0 < float(row["value"]) < 1
    assert float(row["value"]) != pytest.approx(mean)


def test_an_agency_shows_series_peers_source_and_form(season, get, numbers):
    address = f"?agency={numbers[BREACHED[0]]}&measure=granted&year={BREACHED[1]}"
    status, page = get(f"/agency{address}")
    assert status == 200
    wrong, true = (
        season.printed["granted", "natural_person"],
        season.truths[BREACHED].value("request", "granted", "natural_person"),
    )
    assert f'<td class="unique pointed">{wrong} → <b>{true}</b></td>' in page
    assert "✗ T3-row" in page
    assert f"{BREACHED[1]}/{BREACHED[0]}" in page
    assert 'class="break"' not in page
    series = rows_of(get, f"/series.csv{address}")
    assert {int(row["year"]): float(row["value"]) for row in series if int(row["year"]) != BREACHED[1]} == {
        year: season.total(BREACHED[0], year, "granted") for year in YEARS if year != BREACHED[1]
    }
    assert {
        row["agency_name"] for row in rows_of(get, f"/peers.csv{address.replace('=granted', '=new_received')}")
    } == set(EDUCATION)
    cells = rows_of(get, f"/cells.csv{address}")
    assert sum(float(cell["fact_value"]) for cell in cells) == float(series[-1]["value"])
    _, book = get(f"/export.xlsx{address}")
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(book))
    assert len(sheets.get_sheet_by_name("机关年度").to_python()) == 1 + len(YEARS)


def test_a_series_breaks_where_a_form_counts_the_measure_otherwise(get, numbers):
    """Which is not wherever the form changed."""
    told = {
        measure: [int(row["year"]) for row in rows_of(get, f"/series.csv?agency={numbers[GULOU[1]]}&measure={measure}")
                  if row["is_break"] == "True"]
        for measure in ("new_received", "denied_internal_affairs_share", "normative_documents_issued")
    }  # fmt: skip
    assert told == {
        "new_received": [2019], "denied_internal_affairs_share": [2019], "normative_documents_issued": [2019, 2021],
    }  # fmt: skip
    page = get(f"/agency?agency={numbers[GULOU[1]]}&measure=normative_documents_issued")[1]
    assert page.count('class="break"') == 2


def test_the_date_of_a_later_version_is_not_called_the_first(get, numbers):
    agency, year = REVISED
    page = get(f"/agency?agency={numbers[agency]}&year={year}")[1]
    assert f"<dt>{markup.say('dated')}</dt><dd>{year + 1}-03-15</dd>" in page


def test_shares_of_all_kinds_of_agency_share_the_scale_of_their_bars(get):
    page = get("/?measure=full_grant_rate&lang=en")[1].split('id="totals"')[1].split("</table>")[0]
    drawn = re.findall(r'>([0-9.]+)%</td><td[^>]*><span class="track"><span class="bar" style="width:([0-9.]+)%', page)
    most = max(float(share) for share, _ in drawn)
    assert len(drawn) > len(YEARS)
    assert all(abs(float(width) - 100 * float(share) / most) < 0.5 for share, width in drawn)


def test_a_report_before_2019_is_shown_indicator_by_indicator(get, numbers):
    _, page = get(f"/agency?agency={numbers[GULOU[1]]}&year={BEFORE[0].year}&lang=en")
    assert 'id="legacy"' in page
    assert all(f">{row.year}</td>" in page for row in BEFORE[0].rows() if row.year is not None)


@pytest.mark.parametrize("measure", list(known_measures())[::9])
def test_any_measure_can_be_chosen(get, numbers, measure):
    assert get(f"/totals.csv?measure={measure}")[0] == 200
    assert len(rows_of(get, f"/series.csv?measure={measure}&agency={numbers[GOVERNMENT]}")) == len(YEARS)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/nothing", 404), ("/agency?agency=1", 404), ("/agency", 404), ("/?first=x", 400), ("/?measure=1;DROP", 400),
        ("/?lang=fr", 400), ("/?first=2022&last=2020", 400), ("/?agency=99999999999999999999", 400),
        ("/?words=%25%27%22%3Cb%3E", 200), ("/?region=%27+OR+1", 400), ("//[", 400), ("/?page=0", 200),
        ("/?page=-1", 400), ("/?page=9999999999999999", 200), ("/?first=1&last=9999999999999999", 400),
        ("/agency?year=9999999999999999", 400), ("/?province=&prefecture=410400", 200), ("/?words=%00%ff%F0%9F", 200),
        ("/export.xlsx?region=x", 400),
    ],
)  # fmt: skip
def test_a_wrong_address_is_answered_by_a_page(get, address, status):
    found, page = get(address)
    assert found == status
    assert page.startswith("<!doctype html>")
    assert "Traceback" not in page
    assert "<b>" not in page or "%3Cb%3E" not in address or "&lt;b&gt;" in page


def test_a_long_list_is_turned_page_by_page_and_taken_along_whole(get, numbers, monkeypatch):
    monkeypatch.setattr(answers, "MOST_AGENCIES", 3)
    pages = [get(f"/?measure=granted&page={page}")[1] for page in (1, 2, 3)]
    listed = [re.findall(r"agency=(\d+)", page.split('id="agencies"')[1]) for page in pages]
    assert [len(each) for each in listed] == [3, 3, len(numbers) - 6]
    assert {int(each) for page in listed for each in page} == set(numbers.values())
    assert "page=3" in pages[0]
    assert re.findall(r"agency=(\d+)", get("/?measure=granted&page=99")[1].split('id="agencies"')[1]) == listed[2]
    taken = rows_of(get, "/agencies.csv?measure=granted&page=2")
    assert [row["agency_id"] for row in taken] == [each for page in listed for each in page]
    monkeypatch.setattr(answers, "MOST_PEERS", 1)
    peers = get(f"/agency?agency={numbers[EDUCATION[0]]}&year=2022&measure=new_received")[1]
    assert peers.split('id="peers"')[1].split("</table>")[0].count("agency=") in (1, 2)  # the first, and itself
    assert load_words()["peers_cut"]["zh"].format(shown=1) in peers


def test_the_indicators_of_a_report_are_bounded(get, numbers, monkeypatch):
    monkeypatch.setattr(answers, "MOST_INDICATORS", 2)
    _, page = get(f"/agency?agency={numbers[GULOU[1]]}&year={BEFORE[0].year}")
    rows = page.split('id="legacy"')[1].split("</table>")[0].count("<tr") - 1
    assert rows == 2
    assert f"另有 {len(list(BEFORE[0].rows())) - 2} 行" in page


@pytest.fixture(scope="module")
def hostile(season, tmp_path_factory):
    """A warehouse in which agencies are called what nobody should be called, and one lies directly under Shanghai."""
    database = tmp_path_factory.mktemp("hostile") / "gongkai.duckdb"
    shutil.copy(season.workspace.database, database)
    with duckdb.connect(str(database)) as connection:
        ids = [row[0] for row in connection.execute("SELECT agency_id FROM dim_agency ORDER BY ALL").fetchall()]
        for agency, name in zip(ids, HOSTILE_NAMES, strict=False):
            connection.execute("UPDATE dim_agency SET agency_name = ? WHERE agency_id = ?", [name, agency])
            connection.execute("UPDATE dim_report SET title = ? WHERE agency_id = ?", [name, agency])
            mine = "(SELECT report_id FROM dim_report WHERE agency_id = ?)"
            connection.execute(
                f"UPDATE reported_cell SET raw_label = ?, raw_text = ? WHERE report_id IN {mine}", [name, name, agency]
            )
        connection.execute(
            """UPDATE dim_report SET province_code = '310000', province_name = '上海市',
                prefecture_code = NULL, prefecture_name = NULL, county_code = '310101', county_name = '黄浦区'
            WHERE agency_id = ?""",
            [ids[0]],
        )
    return partial(open_warehouse, database), dict(zip(HOSTILE_NAMES, ids, strict=False))


def test_a_county_directly_under_a_province_can_be_chosen(hostile):
    opener, ids = hostile
    _, shanghai = (answer(opener, "/?province=310000").status, answer(opener, "/?province=310000").body.decode())
    assert "prefecture" not in shanghai.split("</form>")[0]
    assert '<option value="310101">黄浦区' in shanghai
    chosen = answer(opener, "/?province=310000&direct=310101").body.decode()
    assert '<option value="310101" selected>' in chosen
    assert re.findall(r"agency=(\d+)", chosen) == [str(next(iter(ids.values())))]
    # Another province is chosen while the county still stands in the form: the province it is.
    assert '<option value="320000" selected>' in answer(opener, "/?province=320000&direct=310101").body.decode()
    assert '<option value="410403" selected>' in answer(opener, "/?region=410403").body.decode()


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_name_is_found_and_harmless(hostile, name):
    opener, ids = hostile
    page = answer(opener, "/?words=" + quote(name)).body.decode()
    assert f"agency={ids[name]}" in page
    for shown in (page, answer(opener, f"/agency?agency={ids[name]}&measure=granted").body.decode()):
        assert re.findall(r"<(script|img|iframe|b onload)", shown) == []
        assert not set(shown) & set("\x00\x1b\u202e")
        assert len(shown) < 300_000
    rows = csv.DictReader(io.StringIO(answer(opener, "/agencies.csv?words=" + quote(name)).body.decode("utf-8-sig")))
    assert name.lstrip("=") in [row["agency_name"].lstrip("'=") for row in rows]


def test_texts_of_reports_and_addresses_are_escaped(get):
    hostile = "<script>alert(1)</script>\"'"
    _, page = get("/?words=" + quote(hostile))
    assert "<script" not in page
    assert hostile in unescape(page)
    assert outside("javascript:alert(1)") == "javascript:alert(1)"
    assert 'href="https://x/&quot;&gt;"' in outside('https://x/">')


def test_what_breaks_inside_is_a_page_with_a_number_and_the_next_page_works(opener, monkeypatch, capsys):
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    with serving(opener) as base:
        monkeypatch.setattr(answers, "ask_sectors", broken)
        with pytest.raises(HTTPError) as caught:
            urlopen(f"{base}/?lang=en")
        monkeypatch.undo()
        page = caught.value.read().decode()
        assert (caught.value.code, caught.value.headers["Content-Type"]) == (500, "text/html; charset=utf-8")
        [number] = re.findall(r"Error ([0-9a-f]{8})", page)
        assert "ZeroDivisionError" not in page
        told = capsys.readouterr().err
        assert number in told
        assert "ZeroDivisionError: a bug" in told
        # Whoever asks and is gone before the answer is no error of anybody.
        for _ in range(3):
            with socket.create_connection(base.removeprefix("http://").split(":")) as gone:
                gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                gone.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert urlopen(f"{base}/").status == 200
    assert capsys.readouterr().err == ""


def test_a_formula_in_a_csv_is_disarmed():
    from pipelines.present.explorer.server import _write_csv

    assert _write_csv([{"a": "=1+1", "b": -1.0, "c": "甲"}]).decode("utf-8-sig").splitlines()[1] == "'=1+1,-1.0,甲"


def test_a_new_release_is_seen_with_the_next_page_and_a_lost_one_is_said(season, tmp_path):
    database = tmp_path / "gongkai.duckdb"
    shutil.copy(season.workspace.database, database)
    opener = partial(open_warehouse, database)
    before = answer(opener, "/").body.decode()
    other = tmp_path / "new.duckdb"
    shutil.copy(season.workspace.database, other)
    with duckdb.connect(str(other)) as connection:
        [(older,)] = connection.execute("SELECT release_id FROM meta_release WHERE NOT is_current").fetchall()
        connection.execute("UPDATE meta_release SET release_id = 'fresh-release' WHERE is_current")
    other.replace(database)
    assert "fresh-releas" in answer(opener, "/").body.decode()
    assert "fresh-releas" not in before
    assert older[:12] not in before
    database.write_text("no database")
    assert answer(opener, "/").status == 503
    database.unlink()
    assert answer(opener, "/?lang=en").status == 503


def test_every_text_is_in_both_languages_and_used():
    words = {key: each for key, each in load_words().items() if key != "kinds"}
    assert all(set(each) == {"zh", "en"} and all(each.values()) for each in words.values())
    source = "".join(path.read_text("utf-8") for path in Path(markup.__file__).parent.glob("*.py"))
    assert [key for key in words if f'"{key}"' not in source and not key.startswith("part_")] == []


def say_raw(base, asked):
    with socket.create_connection(base.removeprefix("http://").split(":")) as connection:
        connection.sendall(asked.encode() + b"\r\n\r\n")
        with connection.makefile("rb") as told:
            return told.read()


@contextmanager
def serving(opener):
    server = make_server(opener, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_head_is_answered_as_get_without_its_body(opener):
    with serving(opener) as base:
        for path, status in (("/", 200), ("/totals.csv", 200), ("/nothing", 404)):
            told = say_raw(base, f"HEAD {path} HTTP/1.0")
            whole = say_raw(base, f"GET {path} HTTP/1.0")
            assert told.startswith(f"HTTP/1.0 {status}".encode())
            body = whole.partition(b"\r\n\r\n")[2]
            assert body
            assert len(told.partition(b"\r\n\r\n")[2]) == 0
            assert b"Content-Length: %d" % len(body) in told


def test_a_page_of_the_web_does_not_read_the_warehouse_by_a_name_of_its_own(opener):
    with serving(opener) as base:
        port = base.rpartition(":")[2]
        for host, status in (("evil.example", 421), (f"evil.example:{port}", 421), ("[", 421), ("", 421),
                             ("localhost", 200), (f"127.0.0.1:{port}", 200), ("[::1]:1", 200)):  # fmt: skip
            told = say_raw(base, f"GET / HTTP/1.0\r\nHost: {host}")
            assert told.split()[1] == str(status).encode(), host
            assert (b"agency" in told) == (status == 200)


@needs_browser
def test_hostile_names_run_nothing_and_push_nothing_out_of_the_page(hostile):
    opener, ids = hostile
    with serving(opener) as base, browse() as (page, heard):
        for address in ("/", *(f"/agency?agency={agency}&measure=granted" for agency in ids.values())):
            page.goto(base + address, wait_until="load")
            for width in (400, 1280):
                page.set_viewport_size({"width": width, "height": 900})
                assert overflow(page) == 0
                if address == "/":  # the figure stands in sight beside the longest name
                    assert page.locator("#agencies tbody tr").first.locator("td").nth(1).bounding_box()["x"] < width
        assert heard == []


@needs_browser
def test_a_walk_through_it_in_a_browser(season, opener, tmp_path):
    with serving(opener) as base, browse() as (page, heard):
        page.goto(base, wait_until="load")
        page.select_option("select[name=province]", label="河南省")
        page.select_option("select[name=measure]", "granted")
        follow(page, "form.choose button")
        page.select_option("select[name=prefecture]", label="平顶山市")
        page.fill("input[name=words]", "卫东 教育")
        follow(page, "form.choose button")
        assert page.locator("#agencies tbody tr").count() == 1
        follow(page, f"text={EDUCATION[0]}")
        assert page.locator("h2").first.inner_text() == EDUCATION[0]
        follow(page, '#series a:has-text("2022")')
        assert page.locator("#series tr.shown td").first.inner_text() == "2022"
        page.select_option("select[name=measure]", "full_grant_rate")
        follow(page, "form.choose button")
        assert page.locator("#peers tr.asked").inner_text().split("\t")[1] == EDUCATION[0]
        page.select_option("select[name=measure]", "granted")
        follow(page, "form.choose button")
        pointed = [int(cell) for cell in page.locator("td.pointed").all_inner_texts()]
        assert sum(pointed) == season.total(EDUCATION[0], 2022, "granted")
        follow(page, "text=English")
        assert page.locator("text=Year by year").is_visible()
        assert not page.locator("text=历年：").is_visible()
        with page.expect_download() as taken:
            page.click(".take >> text=Excel")
        taken.value.save_as(tmp_path / "taken.xlsx")
        assert "机关年度" in CalamineWorkbook.from_path(tmp_path / "taken.xlsx").sheet_names
        page.set_viewport_size({"width": 400, "height": 800})
        assert overflow(page) == 0
        assert page.title() != "own"
        assert heard == []
