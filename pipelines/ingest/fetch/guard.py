"""Where a request may go: to the public network, never to the user's own, unless a host is allowed by name.

An address comes from a web page, so whoever writes the page chooses it. The check is made on the very address that the
socket then connects to: a name that resolves to another address the second time (DNS rebinding) and a redirect pass
here like everything else.
"""

import ipaddress
import math
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import httpcore
import httpx

from pipelines.errors import FetchError, UsageError
from pipelines.ingest.fetch.settings import FetchSettings
from schemas.vocabulary import FetchReason

Resolver = Callable[[str, int], Sequence[str]]
"""Gives the addresses of a host."""

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_SocketOptions = Iterable[Any] | None  # httpcore's own type has no public name
_KEEP_ALIVE_SECONDS = 30.0
# Networks whose addresses carry an IPv4 address in their last bits, which is where the packet ends up.
_CARRIERS = tuple(ipaddress.ip_network(text) for text in ("::/96", "64:ff9b::/96", "64:ff9b:1::/48"))


def resolve_host(host: str, port: int) -> list[str]:
    """Return the addresses of a host, in the order in which the system would try them.

    Raises:
        FetchError: unresolved_host.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, OverflowError) as error:
        raise FetchError(FetchReason.UNRESOLVED_HOST, f"{host} has no address ({error})") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(text: str) -> bool:
    """Tell whether an address belongs to the public network, however it is wrapped in IPv6.

    >>> [is_public(text) for text in ("93.184.216.34", "10.0.0.1", "127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1")]
    [True, False, False, False, False]
    """
    address = ipaddress.ip_address(text.partition("%")[0])
    return all(part.is_global and not part.is_multicast for part in (address, *_carried(address)))


def _carried(address: _Address) -> list[_Address]:
    """Return the IPv4 addresses that an IPv6 address stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    found: list[_Address | None] = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in _CARRIERS):
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [part for part in found if part is not None]


class _Deadline(threading.local):
    """When the answer that a thread waits for must be whole, by the machine's clock."""

    until = math.inf


_deadline = _Deadline()


@contextmanager
def answered_within(seconds: float) -> Iterator[None]:
    """Give what is read by this thread so many seconds in all, however often a byte comes."""
    _deadline.until = time.monotonic() + seconds
    try:
        yield
    finally:
        _deadline.until = math.inf


class _TimedStream(httpcore.NetworkStream):
    """A connection that is read until the deadline of the thread that reads."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if time.monotonic() > _deadline.until:
            raise FetchError(FetchReason.TOO_SLOW, "the answer came bit by bit and was not whole in time")
        return self._stream.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - the interface's own
        return self._stream.get_extra_info(info)


class GuardedBackend(httpcore.NetworkBackend):
    """Opens connections to public addresses and to hosts that are allowed by name, to nothing else."""

    def __init__(self, settings: FetchSettings, resolve: Resolver = resolve_host) -> None:
        """Take the settings that name the allowed hosts, and what tells addresses from names."""
        self._settings = settings
        self._resolve = resolve
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: _SocketOptions = None,
    ) -> httpcore.NetworkStream:
        """Resolve once, check, and connect to the address that was checked.

        Raises:
            FetchError: private_address, where any of the host's addresses is none of the public network; or
                unresolved_host.
        """
        addresses = self._resolve(host, port)
        if not self._settings.allows(host, port):
            private = [address for address in addresses if not is_public(address)]
            if private:
                raise FetchError(
                    FetchReason.PRIVATE_ADDRESS,
                    f"{host} is {private[0]}, on a private network or this machine; "
                    "if that is meant, name the host under allowed_hosts in data/fetch.toml",
                )
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                return _TimedStream(self._sockets.connect_tcp(address, port, timeout, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002 - the interface's own
        socket_options: _SocketOptions = None,  # noqa: ARG002 - the interface's own
    ) -> httpcore.NetworkStream:
        """Refuse: a file of this machine is no site.

        Raises:
            FetchError: Always.
        """
        raise FetchError(FetchReason.PRIVATE_ADDRESS, f"{path} is a socket of this machine")

    def sleep(self, seconds: float) -> None:
        """Wait, as httpcore asks between its own attempts."""
        self._sockets.sleep(seconds)


class GuardedTransport(httpx.HTTPTransport):
    """The transport of httpx over guarded connections; HTTP/2 where the host speaks it, no proxy of the environment.

    httpx hands no network backend through, so the pool is made here in place of its own.
    """

    def __init__(self, settings: FetchSettings, resolve: Resolver = resolve_host) -> None:
        """Take the settings, and what tells addresses from names."""
        self._pool = httpcore.ConnectionPool(
            ssl_context=_ssl_context(settings.certificates),
            max_connections=settings.hosts_at_once * (settings.connections_per_host + 1),
            keepalive_expiry=_KEEP_ALIVE_SECONDS,
            http1=True,
            http2=True,
            network_backend=GuardedBackend(settings, resolve),
        )


@cache
def _ssl_context(certificates: str) -> ssl.SSLContext:
    """Return what is trusted, made once: reading the authorities takes a tenth of a second."""
    context = httpx.create_ssl_context(trust_env=False)
    if certificates:
        try:
            context.load_verify_locations(cafile=certificates)
        except OSError as error:
            raise UsageError(
                f"{certificates}: the certificates that fetch.toml names cannot be read ({error})"
            ) from error
    return context
