"""What fetching may do: who it says it is, how gently it asks, and the bounds of one answer (`data/fetch.toml`)."""

import math
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from pipelines.errors import UsageError
from pipelines.settings import Workspace

ROBOTS_NAME = "gongkai"  # the name under which robots.txt speaks to us


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """How sites are asked. Every field may be set in `data/fetch.toml` under its own name.

    Attributes:
        contact: Address or page of whoever runs this, sent in the User-Agent so that a site can complain.
        delay_seconds: Least pause between two requests to one host; a longer Crawl-delay of its robots.txt wins.
        connections_per_host: Requests to one host at the same time.
        hosts_at_once: Hosts asked side by side.
        attempts: How often one address is tried where the host fails: 429, 5xx, time-outs, broken connections.
        backoff_seconds: Wait before the second attempt; it doubles, with jitter, up to `longest_backoff_seconds`.
        longest_backoff_seconds: Longest wait between two attempts.
        longest_wait_seconds: Longest Retry-After or Crawl-delay that is waited for; a host that asks for more is left
            alone for the rest of the run.
        failures_per_host: A host that fails so often in a row is left alone for the rest of the run.
        connect_seconds: Longest time to connect.
        read_seconds: Longest silence in the middle of an answer.
        answer_seconds: Longest time for one whole answer.
        list_bytes: Largest list page, once unpacked.
        redirects: Most redirects that are followed for one address.
        list_pages: Most pages of one list.
        attachments: Most files that are taken from one report page.
        allowed_hosts: Hosts (`host` or `host:port`) that may lie on a private network or this machine. Without it, no
            address that a site gives can reach the user's own network.
        resume_hours: An unfinished run is gone on with when it was begun no longer ago.
        certificates: File of further certificate authorities (PEM) to trust, beside those that come with httpx.
    """

    contact: str = ""
    delay_seconds: float = 2.0
    connections_per_host: int = 1
    hosts_at_once: int = 4
    attempts: int = 4
    backoff_seconds: float = 2.0
    longest_backoff_seconds: float = 60.0
    longest_wait_seconds: float = 300.0
    failures_per_host: int = 5
    connect_seconds: float = 15.0
    read_seconds: float = 30.0
    answer_seconds: float = 300.0
    list_bytes: int = 8 * 2**20
    redirects: int = 5
    list_pages: int = 500
    attachments: int = 20
    allowed_hosts: tuple[str, ...] = ()
    resume_hours: float = 24.0
    certificates: str = ""

    @property
    def user_agent(self) -> str:
        """What every request says of us."""
        about = "archive of annual disclosure reports"
        return f"{ROBOTS_NAME}/0.1 ({about}{'; ' + self.contact if self.contact else ''})"

    def allows(self, host: str, port: int) -> bool:
        """Tell whether the user lets this host lie on a private network."""
        return host in self.allowed_hosts or f"{host}:{port}" in self.allowed_hosts


def load_settings(workspace: Workspace) -> FetchSettings:
    """Return the settings of `data/fetch.toml`, the defaults where there is none.

    Raises:
        UsageError: The file cannot be read, or names a setting that does not exist or has another type.
    """
    path = workspace.fetch_settings
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return FetchSettings()
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: the settings of fetching cannot be read ({error})") from error
    defaults = {field.name: field.default for field in fields(FetchSettings)}
    unknown = sorted(set(given) - set(defaults))
    if unknown:
        raise UsageError(f"{path}: there is no setting {unknown[0]!r}; there are {', '.join(defaults)}")
    checked: dict[str, Any] = {name: _checked(path, name, value, defaults[name]) for name, value in given.items()}
    return FetchSettings(**checked)


def _checked(path: Path, name: str, value: object, default: object) -> object:
    """Return a setting in the type that its default has."""
    if isinstance(default, tuple) and isinstance(value, list) and all(isinstance(part, str) for part in value):
        return tuple(value)
    if isinstance(default, str) and isinstance(value, str) and value.isprintable() and value.isascii():
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf
    if isinstance(default, int) and is_number and isinstance(value, int) and value > 0:
        return value
    if isinstance(default, float) and is_number and isinstance(value, int | float):
        return float(value)
    kind = {tuple: "a list of texts", str: "a text of ASCII characters", int: "a whole number above 0"}
    wanted = kind.get(type(default), "a number, 0 or above")
    raise UsageError(f"{path}: {name} must be {wanted}, not {value!r}")
