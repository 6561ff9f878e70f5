"""ZIP containers, read without trusting a single number that they state.

DOCX, OFD and plain archives are all ZIP files sent in by strangers. Nothing is extracted to disk; a member is inflated
in chunks against one budget for the whole archive, so neither a lying header nor overlapping members expand past it.
"""

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass

from pipelines.errors import DocumentError
from pipelines.settings import ReadLimits

_CHUNK_BYTES = 2**20
_ENCRYPTED_FLAG = 0x1
_UTF8_FLAG = 0x800
# LZMA and BZIP2 members name the memory that they want; no office program writes them.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_MAX_MEMBERS = 10_000
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError, struct.error,
)  # fmt: skip


@dataclass(slots=True)
class Budget:
    """Bytes that may still be unpacked; shared by nested archives."""

    remaining: int

    def spend(self, count: int, name: str) -> None:
        """Take `count` bytes for member `name`.

        Raises:
            DocumentError: limit_exceeded, nothing is left.
        """
        self.remaining -= count
        if self.remaining < 0:
            raise DocumentError("limit_exceeded", f"unpacking {name!r} exceeds the limit on unpacked bytes")


class SafeZip:
    """The members of one ZIP file, by name in the order of its directory.

    Names are compared without case, with forward slashes and without a leading one, because writers on Windows differ.
    """

    def __init__(self, data: bytes, budget: Budget) -> None:
        """Open the archive's directory.

        Raises:
            DocumentError: broken_document, it is no ZIP file or is cut; limit_exceeded, it lists too many members.
        """
        self.budget = budget
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except _DAMAGE as error:
            message = f"the ZIP directory cannot be read ({error}); fetch the file again"
            raise DocumentError("broken_document", message) from error
        members = self._zip.infolist()
        if len(members) > _MAX_MEMBERS:
            raise DocumentError("limit_exceeded", f"the archive lists {len(members)} members, more than {_MAX_MEMBERS}")
        named = [(decode_name(member), member) for member in members if not member.filename.endswith("/")]
        self.names = tuple(name for name, _ in named)
        self._members: dict[str, zipfile.ZipInfo] = {}
        self._disputed: set[str] = set()
        for name, member in named:
            first = self._members.setdefault(_part_key(name), member)
            if (first.CRC, first.file_size) != (member.CRC, member.file_size):
                self._disputed.add(_part_key(name))

    def has(self, name: str) -> bool:
        """Tell whether a member of that name is there."""
        return _part_key(name) in self._members

    def read(self, name: str) -> bytes:
        """Return the content of one member.

        Raises:
            DocumentError: broken_document, it is absent or damaged; password_protected; unsupported_format, an unusual
                compression; limit_exceeded, the archive's budget is spent.
        """
        member = self._members.get(_part_key(name))
        if member is None:
            raise DocumentError("broken_document", f"the archive has no part {name!r}; fetch the file again")
        if _part_key(name) in self._disputed:
            message = (
                f"two members are called {name!r} and differ, so that programs read one or the other; pack it again"
            )
            raise DocumentError("broken_document", message)
        if member.flag_bits & _ENCRYPTED_FLAG:
            raise DocumentError("password_protected", f"{name!r} is encrypted; ask for a copy without a password")
        if member.compress_type not in _METHODS:
            message = f"{name!r} uses compression method {member.compress_type}; pack it again"
            raise DocumentError("unsupported_format", message)
        chunks = []
        try:
            with self._zip.open(member) as stream:
                # read() without a size would inflate the whole member at once, whatever its header says.
                while chunk := stream.read(_CHUNK_BYTES):
                    self.budget.spend(len(chunk), name)
                    chunks.append(chunk)
        except _DAMAGE as error:
            message = f"{name!r} cannot be unpacked ({error}); fetch the file again"
            raise DocumentError("broken_document", message) from error
        return b"".join(chunks)


def open_zip(data: bytes, limits: ReadLimits) -> SafeZip:
    """Open `data` as a ZIP file with the budget of `limits`.

    Raises:
        DocumentError: As `SafeZip`; limit_exceeded where the file itself is too large.
    """
    limits.refuse_large(data)
    return SafeZip(data, Budget(limits.expanded_bytes))


def decode_name(member: zipfile.ZipInfo) -> str:
    """Return a member's name as its writer meant it.

    Without the UTF-8 flag `zipfile` decodes as cp437, while Chinese Windows wrote GBK and some tools UTF-8 unflagged.

    >>> decode_name(zipfile.ZipInfo("年报.docx".encode("gbk").decode("cp437")))
    '年报.docx'
    """
    if member.flag_bits & _UTF8_FLAG:
        return member.filename
    try:
        raw = member.filename.encode("cp437")
    except UnicodeEncodeError:  # already text: the member was made in memory, or carries a Unicode name field
        return member.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return member.filename


def _part_key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()
