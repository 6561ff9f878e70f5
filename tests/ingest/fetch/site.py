"""A web server on the loopback interface that plays any site: routes answer, and every request is remembered."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOST = "gov.test"  # what the tests call the server; their resolver knows it


class FakeClock:
    """A clock that moves only when somebody waits; what the server remembers is told by it."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._lock = threading.Lock()
        self.waits: list[float] = []
        self.start = datetime(2024, 2, 1, 6, tzinfo=UTC)

    def now(self) -> datetime:
        return self.start + timedelta(seconds=int(self._seconds))

    def monotonic(self) -> float:
        return self._seconds

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.waits.append(seconds)
            self._seconds += seconds


@dataclass(frozen=True)
class Reply:
    """An answer; `chunks` instead of `body` is sent until the client hangs up, without a length."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    chunks: Iterable[bytes] | None = None


@dataclass(frozen=True)
class Seen:
    """One request: its target, headers, and when it came and was answered by the clock of the run."""

    path: str
    headers: Mapping[str, str]
    came: float
    left: float


Route = Callable[["Site", Mapping[str, str]], Reply]


def html(text: str, charset: str = "utf-8", **headers: str) -> Reply:
    page = f"<!DOCTYPE html><html><head><title>{text[:20]}</title></head><body>{text}</body></html>"
    return Reply(page.encode(charset), headers={"Content-Type": "text/html", **headers})


class Site:
    """A server with a table of routes by path and query; what is not in it is 404."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.routes: dict[str, Reply | Route] = {}
        self.seen: list[Seen] = []
        self.open_at_once = 0
        self.most_at_once = 0
        self.on_request: Callable[[str], None] = lambda _path: None
        self._lock = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    def url(self, path: str, host: str = HOST) -> str:
        return f"http://{host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        return [seen.path for seen in self.seen]

    @property
    def counts(self) -> Counter[str]:
        return Counter(self.paths)

    def answer(self, path: str, headers: Mapping[str, str]) -> Reply:
        with self._lock:
            self.open_at_once += 1
            self.most_at_once = max(self.most_at_once, self.open_at_once)
        came = self.clock.monotonic()
        self.on_request(path)
        route = self.routes.get(path, Reply(b"<html><title>404 Not Found</title></html>", 404))
        reply = route if isinstance(route, Reply) else route(self, headers)
        if _is_news_unneeded(reply, headers):
            reply = Reply(status=304, headers=reply.headers)
        with self._lock:
            self.open_at_once -= 1
            self.seen.append(Seen(path, headers, came, self.clock.monotonic()))
        return reply

    @contextmanager
    def running(self) -> Iterator["Site"]:
        thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.server.shutdown()
            self.server.server_close()
            thread.join()


def in_turn(*replies: Reply) -> Route:
    """Return a route that gives one reply after the other, the last for ever."""
    left = list(replies)
    return lambda _site, _headers: left.pop(0) if len(left) > 1 else left[0]


def _is_news_unneeded(reply: Reply, headers: Mapping[str, str]) -> bool:
    etag, modified = reply.headers.get("ETag"), reply.headers.get("Last-Modified")
    is_same = etag is not None and headers.get("if-none-match") == etag
    return reply.status == 200 and (is_same or (modified is not None and headers.get("if-modified-since") == modified))


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body are two writes, and the second would wait 40 ms

        def do_GET(self) -> None:
            reply = site.answer(self.path, {name.lower(): value for name, value in self.headers.items()})
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.chunks is None:
                if "Content-Length" not in reply.headers:
                    self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)
                return
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True
            try:
                for chunk in reply.chunks:
                    self.wfile.write(chunk)
            except OSError:
                return  # the client has seen enough

        def log_message(self, *arguments: object) -> None:
            pass

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                return  # the client went away in the middle

    return Handler


def put_static_list(site: Site, years: Iterable[int], pages: int = 2, folder: str = "/nb") -> None:
    """Static list pages that say in a script how many they are; each report has a page in GB18030 and a PDF."""
    entries = [
        f'<li><a href="./{year}/t1.html" title="甲县人民政府{year}年政府信息公开工作年度报告">甲县{year}年政…</a>'
        for year in years
    ]
    size = -(-len(entries) // pages)
    for page in range(pages):
        name = "index.html" if page == 0 else f"index_{page}.html"
        items = "".join(entries[page * size : (page + 1) * size])
        script = f'<script>createPageHTML({pages}, {page}, "index", "html");</script>'
        site.routes[f"{folder}/{name}"] = html(f'<a href="/">首页</a><ul>{items}</ul>{script}')
    site.routes[f"{folder}/"] = site.routes[f"{folder}/index.html"]
    for year in years:
        link = '<a href="./P0200.pdf">附件：统计表.pdf</a><a href="/search.html">检索</a>'
        site.routes[f"{folder}/{year}/t1.html"] = html(
            f"<h1>甲县人民政府{year}年政府信息公开工作年度报告</h1>{link}", "gb18030", ETag=f'"{year}"'
        )
        site.routes[f"{folder}/{year}/P0200.pdf"] = Reply(f"%PDF-1.4 {year}".encode(), headers={"ETag": f'"pdf{year}"'})


def put_jpage(site: Site, years: list[int], size: int = 2) -> str:
    """A jpage list; return the address of its first page."""
    base = "/module/web/jpage/dataproxy.jsp?columnid=7&unitid=9&perpage=" + str(size)
    for start in range(1, len(years) + 1, size):
        records = "".join(
            f"<record><![CDATA[<li><a href='/art/{year}/art_7_{year}.html' "
            f"title='乙市{year}年政府信息公开年度报告'>乙市…</a><span>{year + 1}-01-20</span></li>]]></record>"
            for year in years[start - 1 : start - 1 + size]
        )
        body = f"<datastore><totalrecord>{len(years)}</totalrecord><recordset>{records}</recordset></datastore>"
        reply = Reply(body.encode(), headers={"Content-Type": "text/plain"})
        site.routes[f"{base}&startrecord={start}&endrecord={start + size - 1}"] = reply
        if start == 1:
            site.routes[base] = reply
    for year in years:
        site.routes[f"/art/{year}/art_7_{year}.html"] = html(f"乙市{year}年政府信息公开年度报告")
    return base


def put_json(site: Site, years: list[int], size: int = 2) -> str:
    """A JSON endpoint; return the address of its first page."""
    for page in range(len(years) // size + 2):
        rows = ",".join(
            f'{{"title": "丙局<em>{year}</em>年政府信息公开工作年度报告", "url": "/c/{year}.shtml", "id": {year}}}'
            for year in years[page * size : (page + 1) * size]
        )
        body = f'{{"code": 0, "data": {{"total": {len(years)}, "list": [{rows}]}}}}'
        site.routes[f"/api/list?channel=5&pageNo={page + 1}"] = Reply(
            body.encode(), headers={"Content-Type": "text/html"}
        )
    for year in years:
        site.routes[f"/c/{year}.shtml"] = html(f"丙局{year}年政府信息公开工作年度报告")
    return "/api/list?channel=5&pageNo=1"
