"""Whole runs against a site: everything expected arrives once, is kept beside what was there, and is accounted for."""

import json
import os
import sqlite3
import subprocess
import sys
from hashlib import sha256

import pytest

from pipelines.errors import UsageError
from pipelines.ingest import take_inventory
from pipelines.ingest.fetch import collect as collect_module
from pipelines.ingest.fetch import load_sources, preview_reports
from pipelines.ingest.fetch import visit as visit_module
from pipelines.ingest.fetch.guard import GuardedTransport
from pipelines.ingest.sidecar import Sidecar
from tests.ingest.fetch.conftest import QUICK, by_path, raw_files, resolve
from tests.ingest.fetch.site import Reply, html, put_jpage, put_json, put_static_list


def line(site, family="static_list", path="/nb/", name="甲县", years=","):
    return f"{name},{name}人民政府,{family},{site.url(path)},,{years}"


def test_three_families_bring_every_report_and_its_files_once(site, fetch, workspace):
    put_static_list(site, [2021, 2022, 2023])
    jpage, api = put_jpage(site, [2019, 2020, 2021]), put_json(site, [2022, 2023, 2024])
    done = fetch(line(site), line(site, "jpage_xml", jpage, "乙市"), line(site, "json_list", api, "丙局"))
    expected = {f"/nb/{year}/{name}" for year in (2021, 2022, 2023) for name in ("t1.html", "P0200.pdf")}
    expected |= {f"/art/{year}/art_7_{year}.html" for year in (2019, 2020, 2021)}
    expected |= {f"/c/{year}.shtml" for year in (2022, 2023, 2024)}
    assert by_path(done) == dict.fromkeys(expected, "new")
    assert max(site.counts.values()) == 1  # robots.txt and list pages included
    assert dict(done.results.select("source", "new").iter_rows()) == {"甲县": 6, "乙市": 3, "丙局": 3}
    assert {path.parent.relative_to(workspace.raw).as_posix() for path in raw_files(workspace)} == {
        *(f"{year}/甲县" for year in (2021, 2022, 2023)),
        *(f"{year}/乙市" for year in (2019, 2020, 2021)),
        *(f"{year}/丙局" for year in (2022, 2023, 2024)),
    }
    for path in raw_files(workspace):
        assert sha256(path.read_bytes()).hexdigest()[:16] == path.name.split(".")[-2]
        assert not path.stat().st_mode & 0o222


def test_sidecar_tells_where_bytes_came_from(site, fetch, workspace):
    put_static_list(site, [2021], pages=1)
    fetch(line(site))
    pdf = next(path for path in raw_files(workspace) if path.suffix == ".pdf")
    told = Sidecar.read(pdf.with_name(pdf.name + ".meta.json").read_bytes())
    page = site.url("/nb/2021/t1.html")
    assert (told.url, told.referrer, told.page_url) == (site.url("/nb/2021/P0200.pdf"), page, page)
    assert (told.sha256, told.size) == (sha256(pdf.read_bytes()).hexdigest(), pdf.stat().st_size)
    assert (told.status, told.headers["etag"], told.source, told.year) == (200, '"pdf2021"', "甲县", 2021)
    assert pdf.name.startswith("甲县人民政府2021年政府信息公开工作年度报告（附件）.")
    assert json.loads(pdf.with_name(pdf.name + ".meta.json").read_bytes())["fetched_at"].startswith("2024-02-01T06:00")


def test_second_run_asks_for_news_only(site, fetch, workspace):
    put_static_list(site, [2021, 2022])
    fetch(line(site))
    before = {path: path.stat().st_ino for path in raw_files(workspace)}
    site.seen.clear()
    assert set(by_path(fetch(line(site))).values()) == {"unchanged"}
    assert {path: path.stat().st_ino for path in raw_files(workspace)} == before
    asked = {seen.path: seen.headers.get("if-none-match") for seen in site.seen}
    assert (asked["/nb/2021/t1.html"], asked["/nb/2022/P0200.pdf"]) == ('"2021"', '"pdf2022"')
    assert max(site.counts.values()) == 1


def test_same_bytes_without_validators_are_unchanged(site, fetch, workspace):
    address = put_json(site, [2023])
    fetch(line(site, "json_list", address))
    assert by_path(fetch(line(site, "json_list", address))) == {"/c/2023.shtml": "unchanged"}
    assert len(raw_files(workspace)) == 1


def test_changed_page_is_a_new_version_beside_the_old(site, fetch, workspace):
    address = put_json(site, [2023])
    fetch(line(site, "json_list", address))
    (old,) = raw_files(workspace)
    content = old.read_bytes()
    site.routes["/c/2023.shtml"] = html("丙局2023年政府信息公开工作年度报告，数据更新")
    assert by_path(fetch(line(site, "json_list", address))) == {"/c/2023.shtml": "changed"}
    assert len(raw_files(workspace)) == 2
    assert old.read_bytes() == content
    site.routes["/c/2023.shtml"] = Reply(content)
    assert by_path(fetch(line(site, "json_list", address))) == {"/c/2023.shtml": "changed"}
    assert len(raw_files(workspace)) == 2
    told = Sidecar.read(old.with_name(old.name + ".meta.json").read_bytes())
    assert told.current_since > told.fetched_at


def test_what_vanishes_is_marked_and_kept(site, fetch, workspace):
    put_static_list(site, [2021, 2022], pages=1)
    fetch(line(site))
    files = raw_files(workspace)
    del site.routes["/nb/2021/t1.html"]  # gone, and named by the list still
    put_static_list(site, [2022], pages=1)  # the list names 2021 no more, its PDF is still there
    done = fetch(line(site))
    assert by_path(done) == {
        "/nb/2021/t1.html": "gone",
        "/nb/2021/P0200.pdf": "unchanged",
        "/nb/2022/t1.html": "unchanged",
        "/nb/2022/P0200.pdf": "unchanged",
    }
    assert raw_files(workspace) == files
    marked = {
        path.suffix: Sidecar.read(path.with_name(path.name + ".meta.json").read_bytes()).gone_at
        for path in files
        if path.parent.parent.name == "2021"
    }
    assert marked[".html"] is not None
    assert marked[".pdf"] is None
    put_static_list(site, [2021, 2022], pages=1)
    assert set(by_path(fetch(line(site))).values()) == {"unchanged"}
    told = [Sidecar.read(path.read_bytes()) for path in workspace.raw.rglob("*.meta.json")]
    assert [sidecar.gone_at for sidecar in told] == [None] * 4


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=410),
        Reply("<html><head><title>您访问的页面不存在</title></head></html>".encode()),
        Reply(status=302, headers={"Location": "/"}),
        Reply(status=302, headers={"Location": "/404.html"}),
    ],
    ids=["410", "says so", "front page", "error page"],
)
def test_a_page_that_only_says_that_it_is_gone_is_no_new_version(site, fetch, workspace, reply):
    address = put_json(site, [2023])
    site.routes["/"] = site.routes["/404.html"] = html("丙局")
    fetch(line(site, "json_list", address))
    site.routes["/c/2023.shtml"] = reply
    assert by_path(fetch(line(site, "json_list", address))) == {"/c/2023.shtml": "gone"}
    assert len(raw_files(workspace)) == 1


def test_what_never_was_there_is_a_failure_of_who_links_it(site, fetch, workspace):
    address = put_json(site, [2022, 2023])
    del site.routes["/c/2022.shtml"]
    assert by_path(fetch(line(site, "json_list", address))) == {"/c/2022.shtml": "not_found", "/c/2023.shtml": "new"}


def test_years_of_the_line_and_of_the_run_are_kept_to(site, fetch):
    put_static_list(site, [2019, 2021, 2022, 2023])
    assert {path.split("/")[2] for path in by_path(fetch(line(site, years="2021,2022")))} == {"2021", "2022"}
    site.seen.clear()
    done = fetch(line(site, years="2021,"), years=("2023",))
    assert set(by_path(done)) == {"/nb/2023/t1.html", "/nb/2023/P0200.pdf"}
    assert not [path for path in site.paths if "2021" in path]


def test_title_without_year_goes_to_undated(site, fetch, workspace):
    site.routes["/nb/"] = html('<a href="a.html">政府信息公开工作年度报告</a>')
    site.routes["/nb/a.html"] = html("政府信息公开工作年度报告")
    fetch(line(site))
    assert raw_files(workspace)[0].relative_to(workspace.raw).parts[:2] == ("undated", "甲县")


def test_report_page_takes_title_and_year_from_itself(site, fetch, workspace):
    site.routes["/r.html"] = html("<h1>甲县二〇二三年政府信息公开工作年度报告</h1>")
    fetch(line(site, "report_page", "/r.html"))
    (kept,) = raw_files(workspace)
    assert kept.relative_to(workspace.raw).as_posix().startswith("2023/甲县/甲县二〇二三年政府信息公开工作年度报告.")


@pytest.mark.parametrize(
    ("body", "suffix"),
    [
        (b"%PDF-1.7 x", ".pdf"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ".bin"),
        (b"\xff\xd8\xff\xe0x", ".img"),
    ],
)
def test_container_is_told_by_content_and_not_by_name_or_header(site, fetch, workspace, body, suffix):
    site.routes["/nb/"] = html('<a href="a.html">2023年政府信息公开工作年度报告</a>')
    site.routes["/nb/a.html"] = Reply(body, headers={"Content-Type": "text/html"})
    fetch(line(site))
    assert [path.suffix for path in raw_files(workspace)] == [suffix]


def test_files_of_a_page_are_found_wherever_it_puts_them(site, fetch):
    site.routes["/nb/"] = html('<a href="a.html">2023年政府信息公开工作年度报告</a>')
    site.routes["/nb/a.html"] = html(
        '<a href="x.docx">一</a><a href="/down.jsp?id=7">年报.wps</a><a href="/down.jsp?filename=b.ofd">二</a>'
        '<iframe src="/pdfjs/viewer.html?file=/files/c.pdf"></iframe><embed src="d.xlsx"><a href="x.docx#1">又</a>'
        '<a href="javascript:void(0)">y.pdf</a><a href="e.html">无</a>'
    )
    for path in ("/nb/x.docx", "/down.jsp?id=7", "/down.jsp?filename=b.ofd", "/files/c.pdf", "/nb/d.xlsx"):
        site.routes[path] = Reply(path.encode())
    found = by_path(fetch(line(site)))
    assert found.pop("/nb/a.html") == "new"
    assert found == dict.fromkeys(
        ["/nb/x.docx", "/down.jsp?id=7", "/down.jsp?filename=b.ofd", "/files/c.pdf", "/nb/d.xlsx"], "new"
    )


def test_more_files_than_allowed_are_said(site, fetch):
    site.routes["/nb/"] = html('<a href="a.html">2023年政府信息公开工作年度报告</a>')
    site.routes["/nb/a.html"] = html("".join(f'<a href="{n}.pdf">{n}</a>' for n in range(5)))
    site.routes |= {f"/nb/{n}.pdf": Reply(f"%PDF-1.4 {n}".encode()) for n in range(5)}
    done = fetch(line(site), attachments=2)
    assert len(by_path(done)) == 3
    assert "5 files, of which the first 2" in "".join(done.outcomes["reason"].drop_nulls())


def test_endless_paging_ends_and_is_told(site, fetch):
    def page(number):
        return html(
            f'<a href="/r/{number}.html">2023年政府信息公开工作年度报告{number}</a><a href="/p/{number + 1}">下一页</a>'
        )

    site.routes |= {f"/p/{n}": page(n) for n in range(50)} | {f"/r/{n}.html": html(str(n)) for n in range(50)}
    found = by_path(fetch(line(site, path="/p/0"), list_pages=4))
    assert found == {**{f"/r/{n}.html": "new" for n in range(4)}, "/p/0": "paging_limit"}
    # A circle of pages, and one whose next pages bring nothing new, end by themselves.
    site.routes["/p/2"] = html('<a href="/r/2.html">2023年政府信息公开工作年度报告2</a><a href="/p/0">下一页</a>')
    assert "/p/0" not in by_path(fetch(line(site, path="/p/0"), list_pages=4))


@pytest.mark.parametrize(
    ("family", "body"),
    [
        ("static_list", html("<a href='x.html'>通知</a>").body),
        ("json_list", b"<html>login</html>"),
        ("json_list", b'{"data": {"list": {}}}'),
        ("json_list", b"[" * 100_000),
        ("jpage_xml", b"<html>error</html>"),
    ],
)
def test_a_list_that_names_no_report_is_a_failure(site, fetch, family, body):
    site.routes["/nb/"] = Reply(body)
    assert by_path(fetch(line(site, family))) == {"/nb/": "unreadable_list"}


def test_a_list_that_breaks_off_keeps_what_it_gave(site, fetch):
    put_static_list(site, [2021, 2022])
    site.routes["/nb/index_1.html"] = Reply(status=500)
    found = by_path(fetch(line(site)))
    assert found == {"/nb/2021/t1.html": "new", "/nb/2021/P0200.pdf": "new", "/nb/": "server_error"}


def test_stopped_run_goes_on_where_it_was(site, fetch, monkeypatch):
    """The run dies in the middle, between a page and its file; nothing that was answered is asked for again."""
    put_static_list(site, [2021, 2022, 2023])

    real = visit_module.visit

    def visit(run, item):
        if item.address.endswith("/nb/2022/P0200.pdf"):
            raise KeyboardInterrupt
        real(run, item)

    monkeypatch.setattr(collect_module, "visit", visit)
    with pytest.raises(KeyboardInterrupt):
        fetch(line(site))
    monkeypatch.undo()
    answered = [path for path in site.paths if "/20" in path]
    assert answered == ["/nb/2021/t1.html", "/nb/2021/P0200.pdf", "/nb/2022/t1.html"]
    site.seen.clear()
    done = fetch(line(site))
    assert done.is_resumed
    assert [path for path in site.paths if "/20" in path] == [
        "/nb/2022/P0200.pdf", "/nb/2023/t1.html", "/nb/2023/P0200.pdf",
    ]  # fmt: skip
    assert set(by_path(done).values()) == {"new"}
    assert len(by_path(done)) == 6
    assert not fetch(line(site)).is_resumed


def test_lost_journal_is_made_again_from_the_sidecars(site, fetch, workspace):
    put_static_list(site, [2021, 2022])
    fetch(line(site))
    (workspace.fetched / "journal.sqlite").unlink()
    assert set(by_path(fetch(line(site))).values()) == {"unchanged"}
    assert {seen.headers.get("if-none-match") for seen in site.seen[-2:]} <= {
        '"2022"',
        '"pdf2022"',
        '"2021"',
        '"pdf2021"',
    }


def test_a_raw_file_that_was_deleted_is_fetched_again(site, fetch, workspace):
    put_static_list(site, [2021], pages=1)
    fetch(line(site))
    raw_files(workspace)[0].unlink()
    assert sorted(by_path(fetch(line(site))).values()) == ["new", "unchanged"]
    assert len(raw_files(workspace)) == 2


def test_a_raw_file_that_was_altered_is_never_overwritten(site, fetch, workspace):
    address = put_json(site, [2023])
    fetch(line(site, "json_list", address))
    (kept,) = raw_files(workspace)
    kept.chmod(0o644)
    kept.write_bytes(b"altered")
    (workspace.fetched / "journal.sqlite").unlink()
    for sidecar in workspace.raw.rglob("*.meta.json"):
        sidecar.unlink()
    assert by_path(fetch(line(site, "json_list", address))) == {"/c/2023.shtml": "damaged_raw_file"}
    assert kept.read_bytes() == b"altered"


def test_inventory_sees_the_reports_and_neither_sidecars_nor_the_journal(site, fetch, workspace):
    put_static_list(site, [2021], pages=1)
    fetch(line(site))
    (workspace.raw / ".partial" / "half").write_bytes(b"half")
    files = take_inventory(workspace)
    assert sorted(path.rpartition(".")[2] for path in files["path"]) == ["html", "pdf"]
    assert set(files["partition"]) == {"2021"}


def test_only_one_run_at_a_time(site, fetch, workspace):
    """The lock is the process's, so another process is asked; it is told who is fetching."""
    code = (
        "import sys; from pathlib import Path\n"
        "from pipelines.errors import UsageError\n"
        "from pipelines.ingest.fetch import FetchSettings, fetch_reports\n"
        "from pipelines.settings import Workspace\n"
        "try: fetch_reports(Workspace(Path(sys.argv[1]), Path(sys.argv[2])), [], FetchSettings(), None, years=None)\n"
        "except UsageError as error: print(error); sys.exit(3)\n"
    )
    ended = []

    def ask(_site, _headers):
        command = [sys.executable, "-c", code, str(workspace.raw), str(workspace.warehouse)]
        ended.append(subprocess.run(command, capture_output=True, text=True, check=False))
        return html("2021年")

    put_static_list(site, [2021], pages=1)
    site.routes["/nb/2021/t1.html"] = ask
    fetch(line(site))
    assert ended[0].returncode == 3, ended[0].stderr
    assert "another fetch is under way" in ended[0].stdout
    assert f"pid {os.getpid()}" in ended[0].stdout


def test_dry_run_shows_and_writes_nothing(site, fetch, workspace, clock):
    put_static_list(site, [2021, 2022])
    fetch(line(site), years=("2021",))
    before = sorted(workspace.raw.rglob("*"))
    site.seen.clear()
    shown = list(
        preview_reports(
            workspace, load_sources(workspace.sources), QUICK, transport=GuardedTransport(QUICK, resolve), clock=clock
        )
    )
    assert [(getattr(found, "year", found), is_known) for _, found, is_known in shown] == [(2021, True), (2022, False)]
    assert not [path for path in site.paths if path.startswith("/nb/20")]
    assert sorted(workspace.raw.rglob("*")) == before


def test_unusable_journal_is_said_in_one_line(site, fetch, workspace):
    workspace.fetched.mkdir()
    (workspace.fetched / "journal.sqlite").write_bytes(b"x" * 4096)
    with pytest.raises(UsageError, match=r"journal.sqlite: the journal of fetching cannot be opened"):
        fetch(line(site))


def test_old_runs_are_forgotten(site, fetch, workspace):
    address = put_json(site, [2023])
    for _ in range(3):
        fetch(line(site, "json_list", address))
    link = sqlite3.connect(workspace.fetched / "journal.sqlite")
    assert link.execute("SELECT count(*) FROM run WHERE finished_at IS NOT NULL").fetchone() == (3,)
    link.close()
