"""Where a DuckLake keeps its data: a folder, an address that DuckDB opens itself, or any other that fsspec knows."""

import os
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import duckdb

from pipelines.errors import UsageError, one_line
from pipelines.settings import is_url
from schemas.ddl import quote_text

_S3 = ("s3", "s3a", "s3n")
# Which extension of DuckDB opens an address. DuckDB asks for it before any other file system is tried.
_EXTENSIONS = {
    **dict.fromkeys((*_S3, "gs", "gcs", "r2", "hf", "http", "https"), "httpfs"),
    **dict.fromkeys(("az", "azure", "abfss"), "azure"),
}


def open_storage(connection: duckdb.DuckDBPyConnection, data: str) -> None:
    """Enable a connection to read and write a folder or an address.

    DuckDB opens the addresses of the large stores itself, with the secrets that it keeps for them; for S3 without one
    it takes the credentials that every tool of that store takes: environment, profile, or the machine's own role.

    Args:
        connection: What is enabled.
        data: Folder or address; of a folder nothing is to be done.

    Raises:
        UsageError: The extension of DuckDB or the package of fsspec is missing, or no credentials are found.
    """
    if not is_url(data):
        return
    scheme = urlsplit(data).scheme
    if scheme not in _EXTENSIONS:
        from pipelines.staging.remote import RemoteFolder  # fsspec takes a while to import, and few lakes need it

        connection.register_filesystem(RemoteFolder(data).files)
        return
    load_extension(connection, _EXTENSIONS[scheme])
    if scheme in _S3 and not connection.execute(f"FROM which_secret({quote_text(data)}, 's3')").fetchall():
        _take_credentials(connection, data)


def load_extension(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load an extension of DuckDB: from a wheel of this environment, else as DuckDB installs it.

    Raises:
        UsageError: It is neither here nor to be had.
    """
    wheel = find_spec(f"duckdb_extension_{name}")
    folders = wheel.submodule_search_locations or [] if wheel is not None else []
    version = f"v{duckdb.__version__}"
    paths = [Path(folder, "extensions", version, f"{name}.duckdb_extension") for folder in folders]
    try:
        for path in paths:
            if path.is_file():
                connection.execute(f"LOAD {quote_text(str(path))}")
                return
        connection.execute(f"INSTALL {name}")
        connection.execute(f"LOAD {name}")
    except duckdb.Error as error:
        raise UsageError(
            f"DuckDB's extension {name} is missing ({one_line(error)}); install the wheel "
            f"duckdb-extension-{name.replace('_', '-')}=={duckdb.__version__}, or let DuckDB reach its own site once"
        ) from error


def _take_credentials(connection: duckdb.DuckDBPyConnection, data: str) -> None:
    load_extension(connection, "aws")
    options = ["TYPE s3", "PROVIDER credential_chain"]
    # The extension leaves out where a store stands that is not Amazon's own; fsspec and others read it here.
    endpoint = urlsplit(os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or "")
    if endpoint.netloc:
        secure = "true" if endpoint.scheme == "https" else "false"
        options += [f"ENDPOINT {quote_text(endpoint.netloc)}", "URL_STYLE 'path'", f"USE_SSL {secure}"]
    try:
        connection.execute(f"CREATE SECRET ({', '.join(options)})")
    except duckdb.Error as error:
        raise UsageError(f"{data}: no credentials are found ({one_line(error)})") from error
