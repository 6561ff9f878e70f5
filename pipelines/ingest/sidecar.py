"""The sidecar beside a fetched file, `<name>.meta.json`: where its bytes came from, and when."""

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

SIDECAR_SUFFIX = ".meta.json"
MOST_SIDECAR_BYTES = 2**20

_VERSION = 1
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SURROGATE = re.compile("[\ud800-\udfff]")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and not _SURROGATE.search(value)


def _is_address(value: object) -> bool:
    return _is_text(value) and str(value).startswith(("http://", "https://"))


def _is_number(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


# A person or another program may have written it: whatever a later table could not hold is told here.
_EXPECTED: dict[str, Callable[[object], bool]] = {
    **dict.fromkeys(("url", "final_url", "page_url"), _is_address),
    **dict.fromkeys(("role", "source", "agency", "title"), _is_text),
    "referrer": lambda value: value is None or _is_text(value),
    "sha256": lambda value: isinstance(value, str) and _SHA256.fullmatch(value) is not None,
    "headers": lambda value: isinstance(value, dict) and all(map(_is_text, (*value, *value.values()))),
    "redirects": lambda value: isinstance(value, list) and all(map(_is_text, value)),
    "status": lambda value: _is_number(value, 100, 599),
    "size": lambda value: _is_number(value, 0, 2**63 - 1),
    "year": lambda value: value is None or _is_number(value, 0, 9999),
}


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What is known of the origin of one raw file.

    Attributes:
        url: The address that was asked for; two files with the same one are versions of the same thing.
        redirects: Addresses passed on the way to `final_url`.
        fetched_at: When these bytes were first fetched, UTC.
        current_since: When they last became what the address holds: later than `fetched_at` where other bytes stood
            there in between.
        referrer: The page that led to the address.
        page_url: The report's page: the address itself, or for an attachment the page that links it.
        gone_at: Since when the site says that there is nothing at the address.
    """

    url: str
    final_url: str
    redirects: tuple[str, ...]
    fetched_at: datetime
    current_since: datetime
    status: int
    headers: dict[str, str]
    sha256: str
    size: int
    role: str
    source: str
    agency: str
    title: str
    year: int | None
    referrer: str | None
    page_url: str
    gone_at: datetime | None = None

    def marked(self, gone_at: datetime | None) -> Self:
        """Return the sidecar of an address that is gone since then, or that is back."""
        return replace(self, gone_at=gone_at)

    def returned(self, moment: datetime) -> Self:
        """Return the sidecar of bytes that the address holds again since then."""
        return replace(self, current_since=max(moment, self.current_since), gone_at=None)

    def write(self) -> bytes:
        """Return the sidecar as JSON, for people as well."""
        data = {name: _plain(value) for name, value in asdict(self).items()}
        return (json.dumps({"version": _VERSION, **data}, ensure_ascii=False, indent=1) + "\n").encode()

    @classmethod
    def read(cls, content: bytes) -> Self:
        """Return the sidecar in a file.

        Raises:
            ValueError: It is none: no JSON, a field is missing, or holds something else than it should.
        """
        try:
            data = json.loads(content)
        except RecursionError as error:
            raise ValueError("it is nested too deep") from error
        if not isinstance(data, dict) or data.get("version") != _VERSION:
            raise ValueError(f"no sidecar of version {_VERSION}")
        names = {field.name for field in fields(cls)}
        missing = sorted(names - set(data))
        if missing:
            raise ValueError(f"it lacks {missing[0]}")
        values = {name: data[name] for name in names}
        for name in ("fetched_at", "current_since", "gone_at"):
            if values[name] is not None or name != "gone_at":
                values[name] = read_time(values[name])
        for name, is_right in _EXPECTED.items():
            if not is_right(values[name]):
                raise ValueError(f"{name} is not what it should be")
        values["redirects"] = tuple(values["redirects"])
        return cls(**values)


def read_sidecar(place: Path) -> Sidecar | None:
    """Return the sidecar in a regular file of a sidecar's size, None where there is none that can be understood."""
    try:
        is_small_file = not place.is_symlink() and place.is_file() and place.stat().st_size <= MOST_SIDECAR_BYTES
        return Sidecar.read(place.read_bytes()) if is_small_file else None
    except (OSError, ValueError):
        return None


def read_time(text: object) -> datetime:
    """Return a moment in UTC as sidecar and journal write it.

    >>> read_time("2024-01-30T06:00:00Z").isoformat()
    '2024-01-30T06:00:00+00:00'
    """
    return datetime.strptime(str(text), _TIME).replace(tzinfo=UTC)


def write_time(moment: datetime) -> str:
    """Return a moment as text that sorts by time.

    >>> write_time(datetime(2024, 1, 30, 6, tzinfo=UTC))
    '2024-01-30T06:00:00Z'
    """
    return moment.astimezone(UTC).strftime(_TIME)


def _plain(value: object) -> object:
    return write_time(value) if isinstance(value, datetime) else value
