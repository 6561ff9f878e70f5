"""`gongkai share`: the published release put where others reach it, on an object store or in a DuckLake."""

from argparse import Namespace

from pipelines.cli.terminal import make_console
from pipelines.cli.warehouse import open_warehouse
from pipelines.load.ducklake import publish_to_lake
from pipelines.load.share import share_copy
from pipelines.orchestrate.project import open_project


def run(options: Namespace) -> int:
    """Share the release in place and say what that took."""
    workspace = open_project(warehouse=options.warehouse).workspace
    with open_warehouse(workspace.database):
        pass  # what is no warehouse must not take the place of one that others read
    console = make_console()
    if options.action == "copy":
        copy = share_copy(workspace, options.url)
        done = f"{copy.bytes:,} bytes put there" if copy.bytes else "it was there already"
        console.print(f"{copy.url}: release {copy.release}, {done}.", markup=False)
        return 0
    lake = publish_to_lake(workspace, options.catalog, options.data, options.years)
    portions = len(lake.replaced)
    done = f"{portions:,} portions replaced" if portions else "it held all of it already"
    console.print(f"{options.catalog}: snapshot {lake.snapshot}, {done}.", markup=False)
    return 0
