"""Serving the explorer: the warehouse is opened anew for every page, so a new release is seen with the next click."""

import csv
import io
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from traceback import format_exc
from typing import Any, NamedTuple
from urllib.parse import SplitResult, parse_qsl, quote, urlsplit
from uuid import uuid4

import duckdb

from pipelines.errors import GongkaiError, UsageError
from pipelines.present.choice import Choice, choose_reports
from pipelines.present.explorer import answers
from pipelines.present.explorer.answers import Row
from pipelines.present.explorer.markup import POLICY
from pipelines.present.explorer.pages import compose_agency, compose_list, compose_notice
from pipelines.present.explorer.request import BadRequestError, Request, parse_request
from pipelines.present.workbook import STARTS_A_FORMULA, write_workbook

Opener = Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]]
_MOST_DETAILED = 2_000  # reports of a workbook with every cell in it; a larger one has the summary alone
_HTML = "text/html; charset=utf-8"
_HERE = ("localhost", "127.0.0.1", "::1")


class Reply(NamedTuple):
    """What goes back to the browser."""

    status: HTTPStatus
    kind: str
    body: bytes
    file_name: str | None = None


def make_server(open_warehouse: Opener, host: str, port: int) -> ThreadingHTTPServer:
    """Return a server that answers on `host`:`port` (0: any free one) once `serve_forever` is called.

    Where it listens on this machine alone, it answers to the names of this machine alone: a page of the web whose own
    name has been made to mean 127.0.0.1 would else read the warehouse through its visitor's browser.

    Raises:
        OSError: The port is taken.
    """

    class Handler(BaseHTTPRequestHandler):
        server_version = "gongkai"
        sys_version = ""
        timeout = 60  # seconds for which a reader may keep still

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            if host in _HERE and _host_of(self.headers.get("Host")) not in _HERE:
                reply = _notice(HTTPStatus.MISDIRECTED_REQUEST, "en", "wrong", reason="Host")
            else:
                reply = answer(open_warehouse, self.path)
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.kind)
            self.send_header("Content-Length", str(len(reply.body)))
            self.send_header("Content-Security-Policy", POLICY)
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("Cache-Control", "no-store")
            if reply.file_name:
                self.send_header("Content-Disposition", f"attachment; filename*=UTF-8''{quote(reply.file_name)}")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Say nothing of every page in the user's terminal."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the library's types
            """Say nothing of a reader who has gone on to another page before this one was written."""
            if not isinstance(sys.exception(), ConnectionError):
                super().handle_error(request, client_address)

    return Server((host, port), Handler)


def _host_of(header: str | None) -> str | None:
    """Return the name in a Host header without its port; that of this machine where there is no header.

    >>> _host_of("LOCALHOST:3100"), _host_of("[::1]:80"), _host_of("a.example"), _host_of(None), _host_of("[")
    ('localhost', '::1', 'a.example', 'localhost', None)
    """
    try:
        return urlsplit(f"//{'localhost' if header is None else header}").hostname
    except ValueError:
        return None


def answer(open_warehouse: Opener, address: str) -> Reply:
    """Return the reply to one address; what goes wrong is a page that says so.

    Not found, asked wrongly, no warehouse to ask, and everything else, which is a bug: it has a number here, and under
    that number its traceback goes to standard error.
    """
    lang = "en" if "lang=en" in address else "zh"
    try:
        parts = _split(address)
        request = parse_request(dict(parse_qsl(parts.query)))
        make = _PATHS.get(parts.path)
        if make is None:
            return _notice(HTTPStatus.NOT_FOUND, lang, "wrong", reason=parts.path)
        with ExitStack() as stack:
            try:
                connection = stack.enter_context(open_warehouse())
            except GongkaiError as error:
                return _notice(HTTPStatus.SERVICE_UNAVAILABLE, lang, "away", reason=error)
            return make(connection, request)
    except BadRequestError as error:
        return _notice(HTTPStatus.BAD_REQUEST, lang, "wrong", reason=error)
    except UsageError as error:
        return _notice(HTTPStatus.BAD_REQUEST, lang, "refused", reason=error)
    except duckdb.IOException as error:
        return _notice(HTTPStatus.SERVICE_UNAVAILABLE, lang, "away", reason=error)
    except Exception:  # noqa: BLE001 - a page that breaks must neither leave the browser waiting nor end the server
        name = uuid4().hex[:8]
        sys.stderr.write(f"error {name} at {address!r}\n{format_exc()}")
        return _notice(HTTPStatus.INTERNAL_SERVER_ERROR, lang, "broken", number=name)


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError as error:
        raise BadRequestError(str(error)) from error


def _notice(status: HTTPStatus, lang: str, key: str, **facts: object) -> Reply:
    return Reply(status, _HTML, compose_notice(lang, key, **facts).encode())


def _list_page(connection: duckdb.DuckDBPyConnection, request: Request) -> Reply:
    return Reply(HTTPStatus.OK, _HTML, compose_list(connection, request).encode())


def _agency_page(connection: duckdb.DuckDBPyConnection, request: Request) -> Reply:
    page = compose_agency(connection, request)
    if page is None:
        return _notice(HTTPStatus.NOT_FOUND, request.lang, "gone")
    return Reply(HTTPStatus.OK, _HTML, page.encode())


def _csv(name: str) -> Callable[[duckdb.DuckDBPyConnection, Request], Reply]:
    def make(connection: duckdb.DuckDBPyConnection, request: Request) -> Reply:
        rows = _ROWS[name](connection, request)
        return Reply(
            HTTPStatus.OK, "text/csv; charset=utf-8", _write_csv(rows), f"gongkai-{name}-{request.measure}.csv"
        )

    return make


def _totals(connection: duckdb.DuckDBPyConnection, request: Request) -> list[Row]:
    choose_reports(connection, request.choice)
    return answers.ask_totals(connection, request.measure)


def _agencies(connection: duckdb.DuckDBPyConnection, request: Request) -> list[Row]:
    choose_reports(connection, request.choice)
    return answers.ask_agencies(connection, request.measure)


def _year_of(connection: duckdb.DuckDBPyConnection, request: Request) -> int:
    years = [row["year"] for row in answers.ask_series(connection, request)]
    return request.year or (years[-1] if years else 0)


def _workbook(connection: duckdb.DuckDBPyConnection, request: Request) -> Reply:
    choice = Choice(agency=str(request.agency)) if request.agency else request.choice
    count = choose_reports(connection, choice)
    facts = {"数据版本 / Release": answers.ask_release(connection), "报告数 / Reports": f"{count:,}"}
    if count > _MOST_DETAILED:
        facts["内容 / Contents"] = (
            f"超过 {_MOST_DETAILED:,} 份报告，只含汇总表；明细请用 gongkai export 导出。"
            f" More than {_MOST_DETAILED:,} reports: the summary alone; `gongkai export` gives every figure."
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gongkai.xlsx"
        write_workbook(connection, path, facts, with_details=count <= _MOST_DETAILED)
        body = path.read_bytes()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Reply(HTTPStatus.OK, kind, body, "gongkai.xlsx")


def _write_csv(rows: Sequence[Row]) -> bytes:
    """Return rows as CSV that Excel opens as UTF-8; a text that it would take for a formula has a quote before it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(rows[0] if rows else ())
    writer.writerows(list(_safe(row)) for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _safe(row: Row) -> Iterator[object]:
    for value in row.values():
        yield f"'{value}" if isinstance(value, str) and value.startswith(STARTS_A_FORMULA) else value


_ROWS: dict[str, Callable[[duckdb.DuckDBPyConnection, Request], list[Row]]] = {
    "totals": _totals,
    "agencies": _agencies,
    "series": answers.ask_series,
    "peers": lambda connection, request: answers.ask_peers(connection, request, _year_of(connection, request)),
    "cells": lambda connection, request: answers.ask_trace(connection, request, _year_of(connection, request)),
}
_PATHS: dict[str, Callable[[duckdb.DuckDBPyConnection, Request], Reply]] = {
    "/": _list_page,
    "/agency": _agency_page,
    "/export.xlsx": _workbook,
} | {f"/{name}.csv": _csv(name) for name in _ROWS}
