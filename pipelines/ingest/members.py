"""What an archive holds: which members are documents, and whether these are several reports."""

import posixpath
import re
from collections.abc import Iterator
from hashlib import sha256

from pipelines.errors import DocumentError
from pipelines.ingest.names import is_ignored, printable_name
from pipelines.ingest.zipsafe import Budget, SafeZip
from pipelines.settings import ReadLimits

ARCHIVE_SUFFIX = ".zip"
_MOST_MEMBERS = 1_000  # documents of an archive of reports; each is read out of the archive by itself
_PACKAGE_PARTS = ("[Content_Types].xml", "OFD.xml", "META-INF/manifest.xml")
# What a saved page or an office program leaves beside the document, and what no report is.
_BESIDE = frozenset(
    (".css", ".js", ".map", ".ico", ".woff", ".woff2", ".ttf", ".tmp", ".db", ".ini", ".lnk", ".exe", ".url")
)


def is_document_package(archive: SafeZip) -> bool:
    """Tell whether a ZIP file is one document (OOXML, OpenDocument, OFD) and not an archive of several."""
    return any(archive.has(part) for part in _PACKAGE_PARTS)


def may_be_document(name: str) -> bool:
    """Tell whether a member may be a document, and not what lies beside one.

    >>> [may_be_document(name) for name in ("a/年报.docx", "__MACOSX/年报.docx", "a/.DS_Store", "style.CSS")]
    [True, False, False, False]
    """
    parts = _components(name)
    return bool(parts) and not any(map(is_ignored, parts)) and posixpath.splitext(parts[-1].lower())[1] not in _BESIDE


def are_reports(names: list[str]) -> bool:
    """Tell whether the names of an archive's documents are those of several reports.

    One report may lie there in several containers, and with annexes.

    >>> are_reports(["甲局2023年政府信息公开工作年度报告.docx", "乙局2023年政府信息公开工作年度报告.docx"])
    True
    >>> are_reports(
    ...     [
    ...         "甲局政府信息公开年度报告.docx",
    ...         "甲局政府信息公开年度报告.pdf",
    ...         "附件：甲局政府信息公开年度报告统计表.xlsx",
    ...     ]
    ... )
    False
    """
    # Here and not above: later stages import this module, and keep apart how sites are searched.
    from schemas.portal import load_link_words

    words = load_link_words()
    report = re.compile(words.report)
    stems = [posixpath.splitext("/".join(_components(name)))[0] for name in names]
    wanted = {
        stem
        for stem in stems
        if report.search(posixpath.basename(stem)) and not words.annex.search(posixpath.basename(stem))
    }
    return len(wanted) > 1


def read_member(content: bytes, member: str, limits: ReadLimits) -> bytes:
    """Return a member of an archive of reports.

    Args:
        content: The archive's bytes.
        member: Its path within, as `unpack_reports` writes it.
        limits: Bounds on what it may unpack to.

    Raises:
        DocumentError: file_vanished, the archive has no such member; what opening it raises.
    """
    archive = SafeZip(content, Budget(limits.expanded_bytes))
    for name in archive.names:
        if _printable(name) == member:
            return archive.read(name)
    raise DocumentError("file_vanished", "The archive has no such member any more; run again.")


def list_members(content: bytes, limits: ReadLimits) -> Iterator[tuple[str, int, str]]:
    """Yield the path, size and hash of each document of an archive of reports; none of another archive.

    Raises:
        DocumentError: It cannot be opened or unpacked within the limits.
    """
    archive = SafeZip(content, Budget(limits.expanded_bytes))
    names = [name for name in archive.names if may_be_document(name)]
    paths = {_printable(name) for name in names}
    # Two members of one path could not be told apart again.
    if is_document_package(archive) or len(paths) < len(names) or len(names) > _MOST_MEMBERS or not are_reports(names):
        return
    for name in names:
        data = archive.read(name)
        yield _printable(name), len(data), sha256(data).hexdigest()


def _components(name: str) -> list[str]:
    return [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]


def _printable(name: str) -> str:
    return "/".join(map(printable_name, _components(name)))
