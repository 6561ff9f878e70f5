"""The archive file: every capture in it, readable by the tools of archives, the same for the same files."""

from hashlib import sha256

import pytest
from warcio.archiveiterator import ArchiveIterator

from pipelines.errors import UsageError
from pipelines.ingest.fetch.warc import write_warc
from tests.ingest.fetch.conftest import raw_files
from tests.ingest.fetch.site import put_static_list


@pytest.mark.parametrize("name", ["all.warc", "all.warc.gz"])
def test_every_capture_is_in_the_archive_once(site, fetch, workspace, tmp_path, name):
    put_static_list(site, [2021, 2022])
    fetch(f"甲县,甲县,static_list,{site.url('/nb/')},,,")
    target = tmp_path / name
    assert write_warc(workspace.raw, target) == 4
    bodies, pages = {}, {}
    with target.open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            url = record.rec_headers.get_header("WARC-Target-URI")
            assert record.rec_headers.get_header("WARC-Date").startswith("2024-02-01T06:")
            content = record.content_stream().read()
            if record.rec_type == "response":
                assert record.http_headers.get_statuscode() == "200"
                bodies[url] = sha256(content).hexdigest()
            else:
                told = dict(line.split(": ", 1) for line in content.decode().splitlines())
                pages[url] = told["page"]
    assert sorted(bodies.values()) == sorted(sha256(path.read_bytes()).hexdigest() for path in raw_files(workspace))
    assert pages[site.url("/nb/2021/P0200.pdf")] == site.url("/nb/2021/t1.html")
    again = tmp_path / f"again-{name}"
    write_warc(workspace.raw, again)
    assert again.read_bytes() == target.read_bytes()


def test_an_archive_that_cannot_be_written_is_said(workspace, tmp_path):
    with pytest.raises(UsageError, match="cannot be written"):
        write_warc(workspace.raw, tmp_path / "nowhere" / "all.warc")
