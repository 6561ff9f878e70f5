"""A large site: every report arrives, is accounted for in one table, and memory does not grow with their number."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ingest.fetch.conftest import HEADER, by_path, raw_files
from tests.ingest.fetch.site import Reply, html

ROOT = Path(__file__).parents[3]
COMMAND = "from pipelines.cli import main; raise SystemExit(main())"
PAGE_BYTES = 60_000  # what a report's page weighs in the middle
PER_PAGE = 20


def put_large_site(site, reports):
    """A numbered list of so many reports, every tenth with a PDF, made when they are asked for."""
    pages = -(-reports // PER_PAGE)

    def list_page(number):
        entries = "".join(
            f'<a href="/r/{n}.html">某局{n}号2023年政府信息公开年度报告</a>'
            for n in range(number * PER_PAGE, min(reports, (number + 1) * PER_PAGE))
        )
        return lambda *_: html(f"{entries}<script>createPageHTML({pages}, {number})</script>")

    def page(n):
        link = f"<a href='/f/{n}.pdf'>x</a>" if n % 10 == 0 else ""
        return lambda *_: html(f"某局{n}号2023年政府信息公开年度报告{link}" + "文" * (PAGE_BYTES // 3))

    def file(n):
        return lambda *_: Reply(f"%PDF-1.4 {n} ".encode() + bytes(PAGE_BYTES))

    site.routes["/nb/index.html"] = list_page(0)
    site.routes |= {f"/nb/index_{number}.html": list_page(number) for number in range(1, pages)}
    site.routes |= {f"/r/{n}.html": page(n) for n in range(reports)}
    site.routes |= {f"/f/{n}.pdf": file(n) for n in range(0, reports, 10)}


def test_every_file_of_a_larger_site_is_accounted_for(site, fetch, workspace):
    put_large_site(site, 60)
    done = fetch(f"甲市,甲市,static_list,{site.url('/nb/index.html')},,,")
    assert by_path(done) == {f"/r/{n}.html": "new" for n in range(60)} | {
        f"/f/{n}.pdf": "new" for n in range(0, 60, 10)
    }
    assert {path.relative_to(workspace.raw).as_posix() for path in raw_files(workspace)} == set(done.outcomes["path"])
    assert done.outcomes["bytes"].sum() == sum(path.stat().st_size for path in raw_files(workspace))


@pytest.mark.soak
def test_five_thousand_reports_in_bounded_memory(site, workspace, tmp_path):
    """Peak memory of the collecting process for 5,000 reports (330 MB) beside that for 100."""
    workspace.fetch_settings.write_text('delay_seconds = 0.0\nallowed_hosts = ["127.0.0.1"]\n')
    peaks = {}
    for reports in (100, 5_000):
        site.routes.clear()
        put_large_site(site, reports)
        raw = tmp_path / f"of-{reports}" / "raw"
        raw.mkdir(parents=True)
        (raw.parent / "fetch.toml").write_text(workspace.fetch_settings.read_text())
        address = f"http://127.0.0.1:{site.port}/nb/index.html"
        (raw.parent / "sources.csv").write_text(f"{HEADER}\n甲市,甲市,static_list,{address},,,\n")
        command = [
            sys.executable,
            "-c",
            "from pipelines.cli import main; raise SystemExit(main())",
            "fetch",
            "--raw",
            str(raw),
        ]
        command += ["--warehouse", str(raw.parent / "warehouse")]
        code = (
            "import resource, subprocess, sys\n"
            "ended = subprocess.run(sys.argv[1:], capture_output=True, text=True)\n"
            "print(ended.stdout, ended.stderr, file=sys.stderr)\n"
            "print(ended.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
        )
        ended = subprocess.run(
            [sys.executable, "-c", code, *command], cwd=ROOT, capture_output=True, text=True, check=True
        )
        returned, peak = ended.stdout.split()
        assert returned == "0", ended.stderr
        peaks[reports] = int(peak) * (1 if sys.platform == "linux" else 1 / 1024) / 1024
        files = [path for path in raw.rglob("*") if path.is_file() and not path.name.endswith(".meta.json")]
        assert len(files) == reports + reports // 10
        assert max(site.counts.values()) == 1
        site.seen.clear()
        logging.getLogger(__name__).info("%d reports: %.0f MB at most\n%s", reports, peaks[reports], ended.stderr)
    assert peaks[5_000] < peaks[100] + 100
