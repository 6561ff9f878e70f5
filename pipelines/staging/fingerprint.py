"""What a stage's results depend on besides its inputs: source, data files, libraries and its frames' schemas."""

import os
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache, partial
from hashlib import blake2b
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from pipelines.settings import ReadLimits
from pipelines.staging.spec import StageSpec
from schemas.table import table

_STAGING_VERSION = "3"  # of the layout of staging itself: raise it when older batches must not be believed
_IMPORT = re.compile(rb"^[ \t]*(?:import[ \t]+(\w+)|from[ \t]+(\w+)[\w.]*[ \t]+import\b)", re.MULTILINE)
_IGNORED_SUFFIXES = (".pyc", ".pyo")


def hash_parts(*parts: str | bytes) -> str:
    """Return a hash of the parts that no other division of the same text shares.

    >>> hash_parts("a", "bc") == hash_parts("ab", "c")
    False
    """
    digest = blake2b(digest_size=16)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()


def fingerprint_stage(spec: StageSpec, limits: ReadLimits) -> str:
    """Return the hash of everything that decides the stage's results but its inputs.

    Libraries are found in the import statements of the stage's own source and enter with their version, or as absent:
    so upgrading a reader's library, or installing an optional one, reads again what it may read differently.
    """
    frames = (*spec.outputs, *(frame for _, frame in spec.inputs))
    schemas = [f"{frame}: {table(frame).polars_schema}" for frame in frames]
    roots = (*(locate_package(package) for package in spec.packages), _home_of(spec))
    apart = tuple(locate_package(name) for name in spec.apart)
    sources = _hash_sources(roots, spec.libraries, apart)
    return hash_parts(_STAGING_VERSION, spec.name, repr(limits), *schemas, *sources, *spec.words())


def fingerprint_project() -> str:
    """Return the hash of all our code, data files and libraries: what two machines must share to make the same."""
    return hash_parts(
        _STAGING_VERSION, *_hash_sources((locate_package("pipelines"), locate_package("schemas")), (), ())
    )


def _home_of(spec: StageSpec) -> Path:
    """Return the folder of the package that holds the stage's function, or its file where it is in no package.

    Raises:
        ValueError: The function has no source file.
    """
    function = spec.compute
    while isinstance(function, partial):
        function = function.func
    module = sys.modules[function.__module__]
    if not module.__file__:
        raise ValueError(f"stage {spec.name}: compute must stand in a file, so that its changes can be seen")
    path = Path(module.__file__)
    return path.parent if module.__package__ else path


@cache
def _hash_sources(roots: tuple[Path, ...], libraries: tuple[str, ...], apart: tuple[Path, ...]) -> tuple[str, ...]:
    """Return the hashes of all source and data files and the versions of what they import; asked once a process."""
    hashes, imported = set(), set(libraries)
    outside = tuple(f"{place}{os.sep}" for place in apart)
    for root in roots:
        for path, content, names in _hash_files(root):
            if not f"{path}{os.sep}".startswith(outside):
                hashes.add(content)
                imported |= names
    python = f"python {sys.version_info.major}.{sys.version_info.minor}"
    return (python, *_library_versions(imported), *sorted(hashes))


@cache
def _hash_files(root: Path) -> tuple[tuple[str, str, frozenset[str]], ...]:
    """Return path, hash and imported modules of every source and data file of a package, whose stages share it.

    Asked once a process and kept: the modules in memory are those of its start, whatever an editor does to the files.
    """
    found = []
    for path in _source_files(root):
        content = path.read_bytes()
        names = _IMPORT.findall(content) if path.suffix == ".py" else ()
        imported = frozenset((first or second).decode() for first, second in names)
        found.append((str(path), hash_parts(path.relative_to(root.parent).as_posix(), content), imported))
    return tuple(found)


def locate_package(name: str) -> Path:
    """Return the folder or file of an import package, module, data folder or data file without importing it.

    Raises:
        ValueError: Nothing of that name exists; a stage that names it wrongly would never notice its changes.
    """
    top, *rest = re.split(r"[./]", name)
    spec = find_spec(top)
    if spec is not None and spec.submodule_search_locations:
        for location in spec.submodule_search_locations:
            path = Path(location, *rest)
            for candidate in (path, path.with_suffix(".py"), path.with_suffix(".toml")):
                if candidate.exists():
                    return candidate
    elif spec is not None and spec.origin and not rest:
        return Path(spec.origin)
    raise ValueError(f"{name} names no package, module, data folder or data file")


def _source_files(root: Path) -> Iterator[Path]:
    if root.is_file():
        yield root
        return
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        is_hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
        if path.is_file() and not is_hidden and path.suffix not in _IGNORED_SUFFIXES:
            yield path


def _library_versions(names: Iterable[str]) -> list[str]:
    """Return the names with their installed versions, or as `absent`."""
    foreign = sorted(set(names) - {"pipelines", "schemas"} - sys.stdlib_module_names)
    versions = {name: _version(name) for name in foreign}
    # Modules that have another name than their distribution: asking all distributions is slow, so it comes last.
    owners = _find_owners(frozenset(name for name, version in versions.items() if version is None))
    return [f"{name} {versions[name] or ', '.join(owners[name])}" for name in foreign]


@cache
def _version(name: str) -> str | None:
    """Return the version of the distribution that has a module's name, `absent`, or None where it has another name.

    Asked once a process, which has imported the one that was there.
    """
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "absent" if find_spec(name) is None else None


@cache
def _find_owners(names: frozenset[str]) -> dict[str, list[str]]:
    """Return the distributions, with their versions, that have installed each of some top-level modules or packages.

    Their lists of files are looked through as texts: `packages_distributions` parses all that is known of all of them,
    which takes ten times as long.
    """
    owners: dict[str, list[str]] = {name: [] for name in names}
    if not names:
        return owners
    listed = re.compile(rf"^({'|'.join(map(re.escape, sorted(names)))})(?:[/.]|$)", re.MULTILINE)
    for distribution in metadata.distributions():
        text = distribution.read_text("top_level.txt") or distribution.read_text("RECORD") or ""
        for name in set(listed.findall(text)):
            owners[name].append(f"{distribution.metadata['Name']} {distribution.version}")
    return {name: sorted(found) for name, found in owners.items()}
