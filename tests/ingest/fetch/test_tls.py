"""Encrypted sites: certificates are verified, authorities can be added, and HTTP/2 is spoken where it can be."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import h2.config
import h2.connection
import h2.events
import pytest

from pipelines.errors import FetchError
from pipelines.ingest.fetch.client import PoliteClient
from pipelines.ingest.fetch.guard import GuardedTransport
from tests.ingest.fetch.conftest import QUICK, resolve
from tests.ingest.fetch.site import Reply

CERTIFICATE = Path(__file__).parent / "self_signed.pem"  # of gov.test and other.test, good for a hundred years


def server_context(*protocols: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    context.set_alpn_protocols(list(protocols))
    return context


def client(clock, certificates: str = "") -> PoliteClient:
    settings = replace(QUICK, certificates=certificates, allowed_hosts=("gov.test", "strange.test"))
    return PoliteClient(settings, clock, GuardedTransport(settings, resolve))


def test_a_certificate_that_nobody_vouches_for_is_broken_tls(site, clock):
    site.server.socket = server_context("http/1.1").wrap_socket(site.server.socket, server_side=True)
    site.routes["/a"] = Reply(b"x")
    address = f"https://gov.test:{site.port}/a"
    with client(clock) as strict, pytest.raises(FetchError) as told:
        strict.get(address, 1000)
    assert told.value.reason_code == "broken_tls"
    assert not site.seen
    with client(clock, str(CERTIFICATE)) as trusting:
        assert trusting.get(address, 1000).body == b"x"
        with pytest.raises(FetchError) as told:
            trusting.get(f"https://strange.test:{site.port}/a", 1000)  # vouched for, and for another name
    assert told.value.reason_code == "broken_tls"


@contextmanager
def http_2_server() -> Iterator[tuple[int, list[str]]]:
    """A server of one connection that speaks nothing but HTTP/2; every path answers its own name."""
    paths: list[str] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with server_context("h2").wrap_socket(listener.accept()[0], server_side=True) as link:
            machine = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
            machine.initiate_connection()
            link.sendall(machine.data_to_send())
            while data := link.recv(65_536):
                for event in machine.receive_data(data):
                    if isinstance(event, h2.events.RequestReceived):
                        path = dict(event.headers)[b":path"].decode()
                        paths.append(path)
                        machine.send_headers(event.stream_id, [(":status", "200")])
                        machine.send_data(event.stream_id, path.encode(), end_stream=True)
                link.sendall(machine.data_to_send())

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], paths
    finally:
        thread.join(10)
        listener.close()


def test_http_2_over_one_connection(clock):
    with http_2_server() as (port, paths), client(clock, str(CERTIFICATE)) as polite:
        for path in ("/a", "/b"):
            assert polite.get(f"https://gov.test:{port}{path}", 1000).body == path.encode()
    assert paths == ["/robots.txt", "/a", "/b"]
