"""Where the project's folders are, for the command, the UI and the daemon alike. Imports nothing heavy."""

import os
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import UsageError
from pipelines.settings import LOCAL, Workspace, is_url

RAW_VARIABLE = "GONGKAI_RAW"
WAREHOUSE_VARIABLE = "GONGKAI_WAREHOUSE"
EXECUTOR_VARIABLE = "GONGKAI_EXECUTOR"
KEEP_VARIABLE = "GONGKAI_KEEP_AT"
HOME_VARIABLE = "DAGSTER_HOME"
_INSTANCE_FILE = "dagster.yaml"


@dataclass(frozen=True, slots=True)
class Project:
    """One workspace and the Dagster instance that remembers its runs.

    Attributes:
        home: Folder of the instance.
        is_own_home: False where DAGSTER_HOME names an instance made elsewhere, whose settings, where it has any, stay
            untouched.
    """

    root: Path
    workspace: Workspace
    home: Path
    is_own_home: bool = True


def open_project(raw: Path | str | None = None, warehouse: Path | None = None, executor: str | None = None) -> Project:
    """Return the project that the caller stands in, with its folders as absolute paths.

    A folder that is not named comes from GONGKAI_RAW or GONGKAI_WAREHOUSE, else from the project. A warehouse
    elsewhere keeps its own instance in it: one instance over two warehouses would show the lineage of neither. What
    makes the batches comes from GONGKAI_EXECUTOR where it is not named.
    """
    root = _find_root(Path.cwd())
    named_raw = str(raw) if raw is not None else os.environ.get(RAW_VARIABLE) or ""
    raw_url = named_raw if is_url(named_raw) else ""
    beside = root / "data" / "raw"  # where the raw files are an address, what people keep stands in the project
    raw_folder = beside.absolute() if raw_url else _folder(Path(raw) if raw is not None else None, RAW_VARIABLE, beside)
    own = (root / "data" / "warehouse").absolute()
    warehouse = _folder(warehouse, WAREHOUSE_VARIABLE, own)
    named_home = os.environ.get(HOME_VARIABLE)
    home = Path(named_home).absolute() if named_home else (root if warehouse == own else warehouse) / ".dagster"
    executor = executor or os.environ.get(EXECUTOR_VARIABLE) or LOCAL
    return Project(
        root, Workspace(raw_folder, warehouse, executor=executor, raw_url=raw_url), home, is_own_home=not named_home
    )


def require_raw(workspace: Workspace) -> None:
    """Do nothing where the raw files stand in a folder that is there, or at an address, which the inventory will ask.

    Raises:
        UsageError: There is no such folder.
    """
    if not workspace.raw_url and not workspace.raw.is_dir():
        raise UsageError(f"{workspace.raw} is not a folder; name the raw files with --raw")


def require_raw_files(workspace: Workspace) -> None:
    """Do nothing where there is a raw file, or no warehouse yet that could lose its own.

    A raw folder without a single file is an unmounted disk more often than a wish for an empty warehouse.

    Raises:
        UsageError: There is a warehouse, and no raw file.
    """
    if workspace.raw_url or not workspace.database.exists():
        return  # an address that holds no file is refused by the inventory
    if not any(path.is_file() for path in workspace.raw.rglob("*")):
        raise UsageError(explain_no_files(workspace))


def explain_no_files(workspace: Workspace) -> str:
    """Return what is said where all raw files are gone and nothing is therefore done."""
    return f"{workspace.raw} holds no file; to publish an empty warehouse, delete {workspace.database} and build"


def prepare_home(project: Project) -> Path:
    """Make the instance's folder, copy the project's dagster.yaml into it where it differs, and return the folder.

    A folder of another's gets one only where it has none: Dagster's defaults send usage data and let publishes overlap.

    Raises:
        UsageError: The folder cannot be made, or the project has no dagster.yaml to run with.
    """
    source = project.root / _INSTANCE_FILE
    try:
        project.home.mkdir(parents=True, exist_ok=True)
        target = project.home / _INSTANCE_FILE
        if project.is_own_home or not target.exists():
            settings = source.read_bytes()
            if not target.exists() or target.read_bytes() != settings:
                target.write_bytes(settings)
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}; the Dagster instance cannot be set up") from error
    return project.home


def _find_root(start: Path) -> Path:
    """Return the nearest folder upwards that holds dagster.yaml beside data, else the checkout of this code."""
    for folder in (start, *start.parents):
        if (folder / _INSTANCE_FILE).is_file() and (folder / "data").is_dir():
            return folder
    return Path(__file__).resolve().parents[2]


def _folder(named: Path | None, variable: str, default: Path) -> Path:
    if named is not None:
        return named.expanduser().absolute()
    return Path(os.environ.get(variable) or default).expanduser().absolute()
