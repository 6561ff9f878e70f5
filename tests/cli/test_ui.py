"""`gongkai ui` ends when it is told to, also where a script started it in the background, and leaves no process.

A shell without job control starts background commands with SIGINT ignored, and Dagster takes for SIGTERM what it finds
for SIGINT: such a UI could be ended by SIGKILL only, which leaves its servers behind.
"""

import inspect
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from dagster._cli.dev import dev_command_impl

ROOT = Path(__file__).parents[2]
SIGNALS = [signal.SIGTERM, signal.SIGINT]

# What stands in for Dagster: it treats the two signals alike, as `dagster._utils.interrupts` does, and waits.
DAGSTER = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
try:
    print(*sys.argv[1:], flush=True)
    time.sleep(30)
except KeyboardInterrupt:
    print("ended", flush=True)
"""


def start(tmp_path, port, **environment):
    """Start the command as a script does that goes on with something else."""
    (tmp_path / "raw").mkdir()
    code = "from pipelines.cli import main; raise SystemExit(main())"
    arguments = ["--raw", str(tmp_path / "raw"), "--warehouse", str(tmp_path / "warehouse"), "--port", str(port)]
    script = 'trap "" INT; exec "$@"'
    return subprocess.Popen(
        ["sh", "-c", script, "sh", sys.executable, "-c", code, "ui", *arguments],
        cwd=ROOT, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, **environment},
    )  # fmt: skip


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.mark.parametrize("number", SIGNALS)
def test_it_ends_when_told_to_where_a_script_started_it(tmp_path, number):
    (tmp_path / "dagster").mkdir()
    (tmp_path / "dagster" / "__init__.py").touch()
    (tmp_path / "dagster" / "__main__.py").write_text(DAGSTER)
    with start(tmp_path, free_port(), PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}") as process:
        try:
            assert process.stdout is not None
            assert "stop with Ctrl-C" in process.stdout.readline()
            assert process.stdout.readline().startswith("dev --module-name pipelines.orchestrate.location")
            process.send_signal(number)
            assert process.stdout.readline() == "ended\n"
        finally:
            kill_session(process.pid)


WARNS = """
import logging, warnings
logging.basicConfig(format="%(message)s")
warnings.warn("Function `dev_command` is superseded and its usage is discouraged. Use 'dg dev' instead.", FutureWarning)
warnings.warn("another", FutureWarning)
logging.getLogger("dagster").warning("The dagster.yaml file will not be used to configure Dagster")
"""


def test_two_false_warnings_are_left_out_and_no_others(tmp_path):
    source = inspect.getsource(sys.modules[dev_command_impl.__module__])
    assert "will not be used to configure Dagster" in source
    assert "Use 'dg dev' instead" in source
    (tmp_path / "dagster").mkdir()
    (tmp_path / "dagster" / "__init__.py").touch()
    (tmp_path / "dagster" / "__main__.py").write_text(WARNS)
    (tmp_path / "home").mkdir()
    environment = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "DAGSTER_HOME": str(tmp_path / "home")}

    def warnings(settings):
        (tmp_path / "home" / "dagster.yaml").write_bytes(settings)
        told = subprocess.run(
            [sys.executable, "-m", "pipelines.orchestrate.serve", "dev"], cwd=ROOT, env={**os.environ, **environment},
            capture_output=True, text=True, check=True,
        ).stderr  # fmt: skip
        return [word for word in ("dg dev", "another", "will not be used") if word in told]

    assert warnings((ROOT / "dagster.yaml").read_bytes()) == ["another"]
    assert warnings(b"# theirs") == ["another", "will not be used"]


@pytest.mark.soak
@pytest.mark.parametrize("number", SIGNALS)
def test_dagster_itself_ends_with_all_its_servers(tmp_path, number):
    port = free_port()
    with start(tmp_path, port) as process:
        try:
            wait_until(lambda: answers(port), 300)
            assert len(members(process.pid)) > 1
            process.send_signal(number)
            wait_until(lambda: not members(process.pid), 120)
            assert process.wait() == 0
        finally:
            kill_session(process.pid)


def answers(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def members(session):
    """Return the living processes of a session."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, of_session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(of_session) == session and state != "Z":
            found.append(int(folder.name))
    return found


def kill_session(session):
    for member in members(session):
        os.kill(member, signal.SIGKILL)


def wait_until(holds, seconds):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)
