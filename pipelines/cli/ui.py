"""`gongkai ui`: Dagster's webserver and daemon on the project's own instance."""

import os
import signal
import socket
import sys
from argparse import Namespace

from pipelines.errors import UsageError
from pipelines.orchestrate.project import (
    HOME_VARIABLE,
    RAW_VARIABLE,
    WAREHOUSE_VARIABLE,
    open_project,
    prepare_home,
    require_raw,
)


def run(options: Namespace) -> int:
    """Replace this process by `dagster dev`, so that signals and the exit code are its own."""
    project = open_project(options.raw, options.warehouse)
    require_raw(project.workspace)
    _require_free_port(options.host, options.port)
    environment = {
        **os.environ,
        HOME_VARIABLE: str(prepare_home(project)),
        RAW_VARIABLE: project.workspace.raw_url or str(project.workspace.raw),
        WAREHOUSE_VARIABLE: str(project.workspace.warehouse),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
    }
    print(f"Dagster on http://{options.host}:{options.port} (stop with Ctrl-C)", flush=True)  # noqa: T201 - the command's own voice
    command = [
        sys.executable,
        "-m",
        "pipelines.orchestrate.serve",
        "dev",
        "--module-name",
        "pipelines.orchestrate.location",
    ]
    command += ["--host", options.host, "--port", str(options.port)]
    # A script's background command starts with SIGINT ignored, and Dagster takes for SIGTERM what it finds for SIGINT.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execvpe(command[0], command, environment)  # noqa: S606 - no shell wanted: every argument is our own


def _require_free_port(host: str, port: int) -> None:
    """Refuse a taken port at once; Dagster would move to another and say so in a page of log lines."""
    try:
        with socket.create_server((host, port)):
            return
    except OSError as error:
        raise UsageError(
            f"{host}:{port} cannot be listened on: {error.strerror}; choose another with --port"
        ) from error
