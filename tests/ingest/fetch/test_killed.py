"""A process that is killed in the middle of a run: the next one goes on, and nothing that was answered comes twice."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.ingest.fetch.conftest import HEADER, raw_files
from tests.ingest.fetch.site import html

ROOT = Path(__file__).parents[3]
COMMAND = "from pipelines.cli import main; raise SystemExit(main())"
REPORTS = 12
KILLED_AT = 7


def put_reports(site):
    entries = "".join(f'<a href="/r/{n}.html">某县{2008 + n}年政府信息公开年度报告</a>' for n in range(REPORTS))
    site.routes["/nb/"] = html(entries)
    site.routes |= {f"/r/{n}.html": html(f"某县{2008 + n}年政府信息公开年度报告") for n in range(REPORTS)}


def run_command(workspace):
    command = [
        sys.executable,
        "-c",
        "from pipelines.cli import main; raise SystemExit(main())",
        "fetch",
        "--raw",
        str(workspace.raw),
    ]
    command += ["--warehouse", str(workspace.warehouse)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_killed_command_goes_on(site, workspace):
    put_reports(site)
    workspace.sources.write_text(f"{HEADER}\n甲县,甲县,static_list,http://127.0.0.1:{site.port}/nb/,,,\n")
    workspace.fetch_settings.write_text('delay_seconds = 0.0\nallowed_hosts = ["127.0.0.1"]\n')
    process = run_command(workspace)

    def kill(path):
        if path == f"/r/{KILLED_AT}.html":
            site.on_request = lambda _path: None
            os.kill(process.pid, signal.SIGKILL)

    site.on_request = kill
    _, complaint = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, complaint
    kept = raw_files(workspace)
    assert len([path for path in kept if ".partial" not in path.parts]) == KILLED_AT

    process = run_command(workspace)
    shown, complaint = process.communicate(timeout=120)
    assert process.returncode == 0, complaint
    assert "An unfinished run was gone on with" in shown
    assert len(raw_files(workspace)) == REPORTS
    reports = {path: count for path, count in site.counts.items() if path.startswith("/r/")}
    assert reports == {f"/r/{n}.html": 1 + (n == KILLED_AT) for n in range(REPORTS)}
    assert f"{REPORTS}" in shown
