"""One address at a time: how gently it is asked for, and that nothing it answers can do harm."""

import gzip
import itertools
import ssl
import threading
import tracemalloc
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pipelines.errors import FetchError
from pipelines.ingest.fetch.client import PoliteClient, Validators, read_retry_after
from pipelines.ingest.fetch.guard import GuardedBackend, GuardedTransport
from pipelines.ingest.fetch.unpack import read_body
from tests.ingest.fetch.conftest import QUICK, resolve
from tests.ingest.fetch.site import FakeClock, Reply, in_turn

MOST = 100_000


@pytest.fixture
def client(clock: FakeClock) -> Iterator[PoliteClient]:
    with PoliteClient(QUICK, clock, GuardedTransport(QUICK, resolve)) as opened:
        yield opened


def client_with(clock: FakeClock, **changes: object) -> PoliteClient:
    settings = replace(QUICK, **changes)  # type: ignore[arg-type]
    return PoliteClient(settings, clock, GuardedTransport(settings, resolve))


def reason(client: PoliteClient, url: str, most: int = MOST) -> str:
    with pytest.raises(FetchError) as told:
        client.get(url, most)
    return told.value.reason_code


# ----------------------------------------------------------------------------------------------------------- politeness


def test_requests_to_a_host_keep_their_distance_and_name_their_sender(site, client, clock):
    site.routes |= {f"/{n}": Reply(b"x") for n in range(4)}
    for n in range(4):
        client.get(site.url(f"/{n}"), MOST)
    gaps = [later.came - earlier.left for earlier, later in itertools.pairwise(site.seen)]
    assert site.paths == ["/robots.txt", "/0", "/1", "/2", "/3"]
    assert gaps == [QUICK.delay_seconds] * 4
    assert {seen.headers["user-agent"].split("/")[0] for seen in site.seen} == {"gongkai"}
    assert site.most_at_once == 1


def test_contact_goes_with_every_request(site, clock):
    site.routes["/a"] = Reply(b"x")
    with client_with(clock, contact="mailto:archive@example.org") as client:
        client.get(site.url("/a"), MOST)
    assert all("mailto:archive@example.org" in seen.headers["user-agent"] for seen in site.seen)


def test_threads_share_the_turn_of_a_host(site, client):
    """However many ask at once, a host sees one request at a time, each after its pause."""
    site.routes |= {f"/{n}": Reply(b"x") for n in range(8)}
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: client.get(site.url(f"/{n}"), MOST), range(8)))
    came = sorted(seen.came for seen in site.seen)
    assert min(later - earlier for earlier, later in itertools.pairwise(came)) >= QUICK.delay_seconds
    assert site.most_at_once == 1
    assert site.counts["/robots.txt"] == 1


def test_another_host_has_its_own_turn(site, client, clock):
    site.routes |= {"/a": Reply(b"x"), "/b": Reply(b"x")}
    client.get(site.url("/a"), MOST)
    before = clock.monotonic()
    client.get(site.url("/b", "other.test"), MOST)
    assert clock.monotonic() - before == QUICK.delay_seconds  # between its own robots.txt and its page only


def test_robots_txt_is_heeded_and_its_delay_too(site, client):
    site.routes["/robots.txt"] = Reply(
        b"User-agent: *\nDisallow: /\n\nUser-agent: gongkai\nDisallow: /no\nCrawl-delay: 7\n"
    )
    site.routes |= {"/yes": Reply(b"x"), "/no/a": Reply(b"x"), "/yes2": Reply(b"x")}
    assert client.get(site.url("/yes"), MOST).body == b"x"
    assert reason(client, site.url("/no/a")) == "robots_disallowed"
    client.get(site.url("/yes2"), MOST)
    assert site.paths == ["/robots.txt", "/yes", "/yes2"]
    assert site.seen[2].came - site.seen[1].left == 7.0


@pytest.mark.parametrize(("status", "expected"), [(404, None), (403, None), (410, None), (500, "robots_unreachable")])
def test_robots_txt_that_is_not_there_allows_and_one_that_fails_forbids(site, client, status, expected):
    site.routes |= {"/robots.txt": Reply(status=status), "/a": Reply(b"x")}
    if expected is None:
        assert client.get(site.url("/a"), MOST).body == b"x"
    else:
        assert reason(client, site.url("/a")) == expected
        assert "/a" not in site.paths


def test_a_redirect_does_not_lead_around_robots_txt(site, client):
    site.routes["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /private\n")
    site.routes |= {"/a": Reply(status=302, headers={"Location": "/private/b"}), "/private/b": Reply(b"x")}
    assert reason(client, site.url("/a")) == "robots_disallowed"
    assert "/private/b" not in site.paths


def test_retry_after_is_waited_for_by_all_requests_to_the_host(site, client):
    site.routes["/a"] = in_turn(Reply(status=429, headers={"Retry-After": "90"}), Reply(b"x"))
    assert client.get(site.url("/a"), MOST).body == b"x"
    first, second = (seen for seen in site.seen if seen.path == "/a")
    assert second.came - first.left == 90.0


def test_a_host_that_asks_for_too_long_a_wait_is_left_alone_for_the_run(site, client):
    site.routes |= {"/a": Reply(status=503, headers={"Retry-After": "86400"}), "/b": Reply(b"x")}
    assert reason(client, site.url("/a")) == "host_given_up"
    assert reason(client, site.url("/b")) == "host_given_up"
    assert site.counts["/a"] == 1
    assert "/b" not in site.paths


def test_a_host_that_only_fails_is_left_alone_for_the_run(site, clock):
    site.routes |= {"/robots.txt": Reply(b""), **{f"/{n}": Reply(status=500) for n in range(9)}}
    with client_with(clock, failures_per_host=3) as client:
        found = [reason(client, site.url(f"/{n}")) for n in range(9)]
    assert found == ["server_error"] * 3 + ["host_given_up"] * 6
    assert "/3" not in site.paths


def test_500_then_200_is_an_answer(site, client):
    site.routes["/a"] = in_turn(Reply(status=500), Reply(status=502), Reply(b"x"))
    assert client.get(site.url("/a"), MOST).body == b"x"
    assert site.counts["/a"] == 3


@pytest.mark.parametrize(
    ("status", "expected", "times"), [(500, "server_error", 3), (429, "rate_limited", 3), (403, "refused", 1)]
)
def test_what_stays_is_a_failure_after_the_allowed_attempts(site, client, status, expected, times):
    site.routes["/a"] = Reply(status=status)
    assert reason(client, site.url("/a")) == expected
    assert site.counts["/a"] == times


def test_attempts_grow_apart_with_jitter(site, clock, monkeypatch):
    waited: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", waited.append)
    site.routes["/a"] = Reply(status=500)
    with client_with(clock, attempts=5, backoff_seconds=2.0, longest_backoff_seconds=9.0) as client:
        reason(client, site.url("/a"))
    assert len(waited) == 4
    assert all(least <= wait <= least + 1.0 for least, wait in zip((2.0, 4.0, 8.0), waited[:3], strict=True))
    assert waited[3] <= 9.0
    assert len(set(waited)) == 4


def test_conditional_request_and_304(site, client):
    site.routes["/a"] = Reply(b"x", headers={"ETag": '"1"', "Last-Modified": "Tue, 30 Jan 2024 00:00:00 GMT"})
    assert client.get(site.url("/a"), MOST).status == 200
    assert client.get(site.url("/a"), MOST, Validators('"1"')).is_unchanged
    assert client.get(site.url("/a"), MOST, Validators(None, "Tue, 30 Jan 2024 00:00:00 GMT")).is_unchanged
    assert client.get(site.url("/a"), MOST, Validators('"2"')).body == b"x"


def test_connections_are_used_again(site, client):
    site.routes |= {f"/{n}": Reply(b"x") for n in range(5)}
    ports = set()
    accept = site.server.get_request

    def get_request():
        request, address = accept()
        ports.add(address[1])
        return request, address

    site.server.get_request = get_request
    for n in range(5):
        client.get(site.url(f"/{n}"), MOST)
    assert len(ports) == 1


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        ("soon", None),
        ("Thu, 01 Feb 2024 06:01:00 GMT", 60.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
    ],
)
def test_retry_after_in_both_spellings(value, seconds):
    assert read_retry_after(value, datetime(2024, 2, 1, 6, tzinfo=UTC)) == seconds


# ------------------------------------------------------------------------------------------------------------ redirects


def test_redirects_are_followed_and_remembered(site, client):
    site.routes |= {
        "/a": Reply(status=301, headers={"Location": "b"}),
        "/b": Reply(status=307, headers={"Location": site.url("/c", "other.test")}),
        "/c": Reply(b"x"),
    }
    answer = client.get(site.url("/a#part"), MOST)
    assert (answer.url, answer.redirects) == (site.url("/c", "other.test"), (site.url("/a"), site.url("/b")))


def test_circles_and_endless_redirects_end(site, client):
    site.routes |= {
        "/a": Reply(status=302, headers={"Location": "/b"}),
        "/b": Reply(status=302, headers={"Location": "/a"}),
    }
    site.routes |= {f"/r{n}": Reply(status=302, headers={"Location": f"/r{n + 1}"}) for n in range(50)}
    assert reason(client, site.url("/a")) == "too_many_redirects"
    assert reason(client, site.url("/r0")) == "too_many_redirects"
    assert "/r6" not in site.paths


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("http://127.0.0.1:{port}/secret", "private_address"),
        ("http://10.0.0.7/", "private_address"),
        ("http://169.254.169.254/latest/meta-data", "private_address"),
        ("http://[::1]:{port}/secret", "private_address"),
        ("http://[::ffff:127.0.0.1]:{port}/secret", "private_address"),
        ("http://inside.test:{port}/secret", "private_address"),
        ("ftp://gov.test/x", "unsupported_address"),
        ("file:///etc/passwd", "unsupported_address"),
        ("http://user:word@gov.test/", "unsupported_address"),
    ],
)
def test_no_redirect_reaches_what_is_private(site, client, target, expected):
    site.routes |= {
        "/a": Reply(status=302, headers={"Location": target.format(port=site.port)}),
        "/secret": Reply(b"x"),
    }
    assert reason(client, site.url("/a")) == expected
    assert "/secret" not in site.paths


# ---------------------------------------------------------------------------------------------------------------- guard


def test_the_environment_names_no_proxy(site, client, monkeypatch):
    """A proxy would resolve names for us, behind the guard's back."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    site.routes["/a"] = Reply(b"x")
    assert client.get(site.url("/a"), MOST).body == b"x"


# --------------------------------------------------------------------------------------------------------------- bounds


def endless(piece: bytes = bytes(65_536)) -> Iterator[bytes]:
    while True:
        yield piece


def test_two_gigabytes_are_refused_by_their_length_and_cut_without(site, client):
    site.routes |= {
        "/stated": Reply(b"", headers={"Content-Length": str(2 * 2**30)}, chunks=endless()),
        "/unstated": Reply(chunks=endless()),
    }
    assert reason(client, site.url("/stated")) == "too_large"
    assert reason(client, site.url("/unstated")) == "too_large"
    assert (site.counts["/stated"], site.counts["/unstated"]) == (1, 1)


def test_a_gzip_bomb_is_cut_at_the_limit(site, client):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(2**20)) for _ in range(64)) + packer.flush()
    assert len(bomb) < MOST
    site.routes["/a"] = Reply(bomb, headers={"Content-Encoding": "gzip"})
    assert reason(client, site.url("/a")) == "too_large"


def test_unpacking_stops_at_the_limit_within_one_chunk():
    """64 MB of zeros in a chunk of 64 KB are not unpacked whole to see that they are too many."""
    tracemalloc.start()
    try:
        packed = gzip.compress(bytes(64 * 2**20), 1)
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        with pytest.raises(FetchError, match="cut off"):
            read_body([packed], "gzip", 10)
        assert tracemalloc.get_traced_memory()[1] - before < 8 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("encoding", "packed", "expected"),
    [
        ("gzip", gzip.compress(b"report"), b"report"),
        ("deflate", zlib.compress(b"report"), b"report"),
        ("deflate", zlib.compress(b"report")[2:-4], b"report"),
        ("GZIP", gzip.compress(b""), b""),
        ("identity", b"report", b"report"),
        ("br", b"report", None),
        ("gzip", b"report", None),
        ("gzip", gzip.compress(b"report")[:-9], None),
    ],
)
def test_encodings(site, client, encoding, packed, expected):
    site.routes["/a"] = Reply(packed, headers={"Content-Encoding": encoding})
    if expected is None:
        assert reason(client, site.url("/a")) == "broken_encoding"
    else:
        assert client.get(site.url("/a"), MOST).body == expected


def test_a_byte_now_and_then_is_left_after_the_time_for_one_answer(site, client, clock):
    def drip():
        while True:
            clock.sleep(10.0)
            yield b"x"

    site.routes["/a"] = Reply(chunks=drip())
    assert reason(client, site.url("/a")) == "too_slow"


def test_silence_is_a_time_out(site, clock):
    hold = threading.Event()

    def wait(_site, _headers):
        hold.wait(30)
        return Reply(b"late")

    site.routes["/a"] = wait
    site.routes["/robots.txt"] = Reply(b"")
    with client_with(clock, read_seconds=0.2, attempts=2) as client:
        assert reason(client, site.url("/a")) == "timed_out"
        hold.set()


def test_a_broken_answer_is_no_report(site, client):
    """The connection ends before the stated length: half a document must not be taken for the whole."""
    site.routes["/a"] = Reply(headers={"Content-Length": "1000"}, chunks=[b"half"])
    assert reason(client, site.url("/a")) == "no_connection"


def test_nobody_listens(client):
    assert reason(client, "http://gov.test:9/") == "no_connection"


# ------------------------------------------------------------------------------------------------------------------ TLS


def test_http_1_where_tls_was_expected_is_broken_tls(site, client):
    assert reason(client, f"https://gov.test:{site.port}/") == "broken_tls"


def test_transport_offers_http_2_and_verifies(monkeypatch):
    seen: dict[str, object] = {}

    class Pool:
        def __init__(self, **options: object) -> None:
            seen.update(options)

    monkeypatch.setattr("httpcore.ConnectionPool", Pool)
    GuardedTransport(QUICK)
    context = seen["ssl_context"]
    assert isinstance(context, ssl.SSLContext)
    assert (seen["http2"], context.verify_mode, context.check_hostname) == (True, ssl.CERT_REQUIRED, True)
    assert isinstance(seen["network_backend"], GuardedBackend)
