"""Everything that was fetched, as one WARC file (ISO 28500), for archives and their tools."""

import os
from base64 import b32encode
from collections.abc import Iterator
from hashlib import sha1
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipelines.errors import UsageError
from pipelines.ingest.fetch.keep import list_sidecars
from pipelines.ingest.names import raw_bytes
from pipelines.ingest.sidecar import Sidecar, write_time

# What spoke of the bytes on the wire; the payload is kept unpacked and whole.
_WIRE_HEADERS = frozenset({"content-encoding", "transfer-encoding", "content-length", "connection", "keep-alive"})


def write_warc(raw: Path, target: Path) -> int:
    """Write every fetched file below a raw folder to `target`, gzipped record by record; return how many there are.

    The same files make the same archive: identifiers and dates are those of the captures.

    Raises:
        UsageError: The file cannot be written.
    """
    partial = target.with_name(f".{target.name}.partial")
    count = 0
    try:
        with partial.open("wb") as file:
            writer = WARCWriter(file, gzip=target.name.endswith(".gz"))
            for path, sidecar in list_sidecars(raw):
                body = (raw / os.fsdecode(raw_bytes(path))).read_bytes()
                _write_capture(writer, path, sidecar, body)
                count += 1
        partial.replace(target)
    except OSError as error:
        raise UsageError(f"{target}: the archive cannot be written ({error.strerror})") from error
    return count


def _write_capture(writer: WARCWriter, path: str, sidecar: Sidecar, body: bytes) -> None:
    """Write the answer, and beside it what the answer itself does not say."""
    response_id = _record_id(sidecar, "response")
    http = StatusAndHeaders(
        f"{sidecar.status} {_phrase(sidecar.status)}", list(_headers(sidecar, body)), protocol="HTTP/1.1"
    )
    _write_record(writer, sidecar, "response", body, {"WARC-Record-ID": response_id}, http_headers=http)
    told = {
        "requested-url": sidecar.url,
        "via": sidecar.referrer,
        "page": sidecar.page_url,
        "source": sidecar.source,
        "path": path,
        "gone-at": sidecar.gone_at and write_time(sidecar.gone_at),
    }
    fields = "".join(f"{name}: {value}\r\n" for name, value in told.items() if value)
    beside = {"WARC-Record-ID": _record_id(sidecar, "metadata"), "WARC-Concurrent-To": response_id}
    _write_record(writer, sidecar, "metadata", fields.encode(), beside, warc_content_type="application/warc-fields")


def _write_record(
    writer: WARCWriter, sidecar: Sidecar, kind: str, payload: bytes, headers: dict[str, str], **options: object
) -> None:
    """Write one record, its payload's digest given: made by warcio, it would leave a temporary file open."""
    digest = b32encode(sha1(payload, usedforsecurity=False).digest()).decode()
    about = {"WARC-Date": write_time(sidecar.fetched_at), "WARC-Payload-Digest": f"sha1:{digest}", **headers}
    record = writer.create_warc_record(
        sidecar.final_url, kind, payload=BytesIO(payload), length=len(payload), warc_headers_dict=about, **options
    )
    writer.write_record(record)


def _headers(sidecar: Sidecar, body: bytes) -> Iterator[tuple[str, str]]:
    yield from ((name, value) for name, value in sidecar.headers.items() if name.lower() not in _WIRE_HEADERS)
    yield "content-length", str(len(body))


def _record_id(sidecar: Sidecar, kind: str) -> str:
    name = f"{sidecar.url} {write_time(sidecar.fetched_at)} {sidecar.sha256} {kind}"
    return f"<urn:uuid:{uuid5(NAMESPACE_URL, name)}>"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
