"""No name, redirect or dress of an address leads to a machine that is not public."""

import pytest

from pipelines.errors import FetchError
from pipelines.ingest.fetch.client import PoliteClient
from pipelines.ingest.fetch.guard import GuardedBackend, GuardedTransport, is_public
from pipelines.ingest.fetch.settings import FetchSettings
from tests.ingest.fetch.conftest import QUICK
from tests.ingest.fetch.site import Reply
from tests.ingest.fetch.test_client import MOST, client_with, reason


def test_this_machine_is_private_unless_it_is_allowed(site, clock):
    site.routes["/a"] = Reply(b"x")
    address = f"http://127.0.0.1:{site.port}/a"
    with client_with(clock, allowed_hosts=()) as client:
        assert reason(client, address) == "private_address"
    assert not site.seen
    with client_with(clock, allowed_hosts=(f"127.0.0.1:{site.port}",)) as client:
        assert client.get(address, MOST).body == b"x"
    with client_with(clock, allowed_hosts=("127.0.0.1:1",)) as client:
        assert reason(client, address) == "private_address"


def test_a_name_that_changes_its_address_is_checked_at_every_connection(site):
    """DNS rebinding: public when first asked, private the next time; the address used is the one checked."""
    answers = iter([["203.0.113.9"], ["127.0.0.1"]])
    asked = []

    def rebind(host, port):
        asked.append(host)
        return next(answers)

    backend = GuardedBackend(FetchSettings(connect_seconds=0.01), rebind)
    with pytest.raises(FetchError, match=r"203\.0\.113\.9"):  # a documentation network: not public either
        backend.connect_tcp("evil.test", site.port, timeout=0.01)
    with pytest.raises(FetchError, match=r"127\.0\.0\.1"):
        backend.connect_tcp("evil.test", site.port, timeout=0.01)
    assert asked == ["evil.test"] * 2
    assert not site.seen


def test_one_private_address_among_public_ones_is_enough(site):
    backend = GuardedBackend(FetchSettings(), lambda _host, _port: ["93.184.216.34", "127.0.0.1"])
    with pytest.raises(FetchError, match="private network"):
        backend.connect_tcp("evil.test", site.port, timeout=0.01)


def test_a_file_of_the_machine_is_no_host():
    with pytest.raises(FetchError, match="socket of this machine"):
        GuardedBackend(FetchSettings()).connect_unix_socket("/var/run/docker.sock")


@pytest.mark.parametrize("name", ["2130706433", "0x7f000001", "127.1", "localhost"])
def test_this_machine_by_any_other_name(site, clock, name):
    """The system's own resolver reads these as 127.0.0.1."""
    with PoliteClient(FetchSettings(), clock, GuardedTransport(FetchSettings())) as client:
        assert reason(client, f"http://{name}:{site.port}/a") == "private_address"


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.168.1.1", "224.0.0.1",
        "255.255.255.255", "::", "::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:192.168.0.1", "::10.0.0.1",
        "64:ff9b::10.0.0.1", "2002:0a00:0001::", "2001:0:4136:e378:8000:63bf:f5ff:fffe",
    ],
)  # fmt: skip
def test_private_addresses_in_every_dress(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2400:3200::1", "64:ff9b::808:808"])
def test_public_addresses(address):
    assert is_public(address)


def test_a_host_without_address_is_said(clock):
    def nowhere(host, _port):
        raise FetchError("unresolved_host", f"{host} has no address")

    with PoliteClient(QUICK, clock, GuardedTransport(QUICK, nowhere)) as client:
        assert reason(client, "http://nowhere.test/") == "unresolved_host"
