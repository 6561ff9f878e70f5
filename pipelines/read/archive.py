"""ZIP archives of documents: a report packed for download, alone or with its annexes."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.errors import DocumentError
from pipelines.ingest.members import is_document_package, may_be_document
from pipelines.ingest.zipsafe import Budget, SafeZip
from pipelines.read.joined import append_document
from pipelines.read.model import Block, Document, Notice
from pipelines.settings import ReadLimits
from schemas.vocabulary import BlockKind, FileFormat

_FOREIGN_ARCHIVES = {b"Rar!\x1a\x07": "RAR", b"7z\xbc\xaf\x27\x1c": "7z", b"\x1f\x8b": "gzip"}
_ZIP_MAGIC = b"PK\x03\x04"
_WHOLE_ARCHIVE = ("password_protected", "limit_exceeded")  # what one member shows is said of the whole archive
_MAX_DEPTH = 1  # an archive in the archive, as a mailbox makes it; deeper ones are no report
_MAX_DOCUMENTS = 100


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    content: bytes


def read_archive(data: bytes, limits: ReadLimits) -> Document:
    """Return the documents in a ZIP archive as one, in the order of their names.

    Each member that can be read is named by a METADATA block before its content; one that cannot becomes a notice,
    unless it is the only one. Nothing is ever written to disk, so a member's path matters for its name only.

    Args:
        data: The file's bytes.
        limits: Bounds; `expanded_bytes` counts all members and nested archives together.

    Raises:
        DocumentError: unsupported_format (another kind of archive, or no document inside), password_protected,
            broken_document, limit_exceeded, or what the only member's reader raises.
    """
    for magic, kind in _FOREIGN_ARCHIVES.items():
        if data.startswith(magic):
            raise DocumentError("unsupported_format", f"the file is a {kind} archive; unpack it and add what it holds")
    limits.refuse_large(data)
    if is_document_package(SafeZip(data, Budget(limits.expanded_bytes))):
        return _read_member(_Member("", data), limits)  # a package whose main part has an unusual name
    whole = Document(FileFormat.ZIP)
    failures: list[DocumentError] = []
    read_count = 0
    for member in _members(data, Budget(limits.expanded_bytes), "", 0):
        if read_count + len(failures) >= _MAX_DOCUMENTS:
            raise DocumentError("limit_exceeded", f"the archive holds more than {_MAX_DOCUMENTS} documents")
        try:
            part = _read_member(member, limits)
        except DocumentError as error:
            if error.reason_code in _WHOLE_ARCHIVE:
                raise
            failures.append(error)
            whole.notices.append(Notice(error.reason_code, f"{member.name!r} in the archive was not read: {error}"))
            continue
        read_count += 1
        whole.blocks.append(Block(BlockKind.METADATA, member.name, label="member"))
        append_document(whole, part, limits)
    if not read_count:
        raise _nothing_read(failures)
    return whole


def _nothing_read(failures: list[DocumentError]) -> DocumentError:
    if len(failures) == 1:
        return failures[0]
    message = f"none of the archive's members is a readable document ({len(failures)} tried); see what it holds"
    return DocumentError("unsupported_format", message)


def _members(data: bytes, budget: Budget, folder: str, depth: int) -> Iterator[_Member]:
    """Yield the files that may be documents, in the order of their names, those of nested archives in their place."""
    archive = SafeZip(data, budget)
    for name in sorted(set(archive.names)):
        if not may_be_document(name):
            continue
        content = archive.read(name)
        if not content:
            continue
        path = posixpath.join(folder, name)
        if not content.startswith(_ZIP_MAGIC) or is_document_package(SafeZip(content, budget)):
            yield _Member(path, content)
        elif depth < _MAX_DEPTH:
            yield from _members(content, budget, path, depth + 1)
        else:
            raise DocumentError("limit_exceeded", f"archives are nested more than {_MAX_DEPTH} deep at {path!r}")


def _read_member(member: _Member, limits: ReadLimits) -> Document:
    """Return one member as its own reader lays it out, packages by their parts and all else by what the bytes are."""
    # Imported here because the registry of readers names this module.
    from pipelines.read.readers import read_document
    from pipelines.read.word.docx import read_docx

    if member.content.startswith(_ZIP_MAGIC):
        package = SafeZip(member.content, Budget(limits.expanded_bytes))
        if package.has("content.xml") and not package.has("[Content_Types].xml"):
            return _read_open_document(member.content, package, limits)
        if not any(package.has(part) for part in ("OFD.xml", "xl/workbook.xml", "xl/workbook.bin")):
            return read_docx(member.content, limits)
    return read_document(member.name, member.content, limits)


def _read_open_document(data: bytes, package: SafeZip, limits: ReadLimits) -> Document:
    """Return an OpenDocument file as text or as workbook, as its content says."""
    from pipelines.read.sheet.reader import read_spreadsheet
    from pipelines.read.word.odt import read_odt

    is_workbook = b"<office:spreadsheet" in package.read("content.xml")
    return read_spreadsheet(data, limits) if is_workbook else read_odt(data, limits)
