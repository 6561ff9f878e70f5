"""`gongkai explore`: the warehouse in the browser."""

from argparse import Namespace
from functools import partial

from pipelines.cli.terminal import make_console
from pipelines.cli.warehouse import open_warehouse
from pipelines.errors import UsageError
from pipelines.orchestrate.project import open_project


def run(options: Namespace) -> int:
    """Serve the explorer until it is interrupted.

    Raises:
        UsageError: There is no warehouse, or the port is taken.
    """
    from pipelines.present.explorer.server import make_server

    database = open_project(warehouse=options.warehouse).workspace.database
    with open_warehouse(database):
        pass  # what is wrong with the file is said at once and not on the first page
    try:
        server = make_server(partial(open_warehouse, database), options.host, options.port)
    except OSError as error:
        raise UsageError(
            f"{options.host}:{options.port} cannot be listened on: {error.strerror}; choose another with --port"
        ) from error
    host, port = server.server_address[:2]
    make_console().print(f"Explorer on http://{host!s}:{port} (stop with Ctrl-C)", markup=False)
    with server:
        server.serve_forever()
    return 0
