"""What a page, a server or a sidecar says that it should not: a line that tells of it, and the run goes on."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import stamina

from pipelines.errors import FetchError
from pipelines.ingest.fetch.client import PoliteClient
from pipelines.ingest.fetch.guard import GuardedTransport
from pipelines.ingest.fetch.keep import list_sidecars
from pipelines.ingest.fetch.pages import Page
from pipelines.ingest.fetch.settings import FetchSettings
from tests.ingest.fetch.conftest import by_path, raw_files
from tests.ingest.fetch.site import Reply, html

_TITLE = "甲县人民政府2023年政府信息公开工作年度报告"


def _line(site, family="static_list", path="/nb/"):
    return f"甲县,甲县人民政府,{family},{site.url(path)},,,"


def _link(address: str, title: str = _TITLE) -> str:
    return f'<li><a href="{address}" title="{title}">{title}</a></li>'


@pytest.mark.parametrize(
    "address", ["http://[link]/x", "http://[::1/x", "http://xn--/x", "http://a.cn:7777777777777/x"]
)
def test_an_address_that_is_none_fails_by_itself(site, fetch, address):
    site.routes["/nb/"] = html(f"<ul>{_link(address)}{_link('/1.html')}</ul>")
    site.routes["/1.html"] = html(f"<h1>{_TITLE}</h1>")
    done = fetch(_line(site))
    told = dict(done.outcomes.select("url", "outcome").iter_rows())
    assert told == {address: "failed", site.url("/1.html"): "new"}


def test_a_base_that_is_no_address_is_none(site, fetch):
    site.routes["/nb/"] = Reply(f'<html><head><base href="http://[bad/"></head>{_link("1.html")}</html>'.encode())
    site.routes["/nb/1.html"] = html(f"<h1>{_TITLE}</h1>")
    assert by_path(fetch(_line(site))) == {"/nb/1.html": "new"}


def test_half_a_character_in_a_list_stops_nothing(site, fetch):
    entries = f'[{{"url": "/1.html", "title": "{_TITLE}\\ud800"}}, {{"url": "/\\udfff.html", "title": "{_TITLE}"}}]'
    site.routes["/list?page=1"] = Reply(f'{{"data": {entries}}}'.encode())
    site.routes["/1.html"] = html(f"<h1>{_TITLE}</h1>")
    done = fetch(_line(site, "json_list", "/list?page=1"))
    assert sorted(done.outcomes["outcome"]) == ["failed", "new"]


def test_a_number_of_pages_without_end_is_a_list_that_cannot_be_read(site, fetch):
    script = f'<script>createPageHTML({"9" * 5_000}, 0, "index", "html");</script>'
    site.routes["/nb/"] = html(f"<ul>{_link('/1.html')}</ul>{script}")
    site.routes["/1.html"] = html(f"<h1>{_TITLE}</h1>")
    assert by_path(fetch(_line(site))) == {"/1.html": "new", "/nb/": "unreadable_list"}


@pytest.mark.parametrize(
    "reply",
    [Reply(b"<html><h1>half", status=206, headers={"Content-Range": "bytes 0-13/900"}), Reply(b""), Reply(status=204)],
)
def test_a_part_or_nothing_is_no_file(site, fetch, workspace, reply):
    site.routes["/r.html"] = reply
    assert by_path(fetch(_line(site, "report_page", "/r.html"))) == {"/r.html": "refused"}
    assert raw_files(workspace) == []


def test_a_page_nested_without_end_is_not_parsed():
    assert Page("<div>" * 100_000 + _link("/1.html"), "http://a.cn/").title == ""


@contextmanager
def _server(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65_536)
                    try:
                        answer(connection)
                    except OSError:
                        continue

        threading.Thread(target=serve, daemon=True).start()
        yield int(listening.getsockname()[1])
        listening.shutdown(socket.SHUT_RDWR)


def test_a_head_that_comes_letter_by_letter_is_left(clock):
    stop = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not stop.wait(0.05):
            connection.sendall(b"X-A: b\r\n")

    settings = FetchSettings(answer_seconds=0.2, read_seconds=0.3, attempts=1, allowed_hosts=("127.0.0.1",))
    with (
        _server(drip) as port,
        PoliteClient(settings, clock, GuardedTransport(settings)) as client,
        pytest.raises(FetchError) as told,
    ):
        client.get(f"http://127.0.0.1:{port}/a", 1_000)
    stop.set()
    assert told.value.reason_code == "too_slow"


def test_retries_are_not_printed():
    assert stamina.instrumentation.get_on_retry_hooks() == ()


def test_a_pipe_or_link_in_a_sidecars_place_is_none(tmp_path):
    for name in ("a.html", "b.html"):
        (tmp_path / name).write_text("x")
    os.mkfifo(tmp_path / "a.html.meta.json")
    (tmp_path / "b.html.meta.json").symlink_to("/etc/hostname")
    assert list(list_sidecars(tmp_path)) == []
