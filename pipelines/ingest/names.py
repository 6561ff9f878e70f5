"""Names under the raw folder: which are ignored, and how a name of any bytes is written as text and found again."""

import os
import re

from pipelines.ingest.sidecar import SIDECAR_SUFFIX

_ESCAPED = re.compile(rb"\\x([0-9a-f]{2})")
# What a printable path may not hold as it is: control characters, the escape character itself, bytes that are not
# UTF-8.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f\\\\\ud800-\udfff]")


# The one list of names that are no raw files, compared without case; the comment of `source_file` has them too. A
# hidden name (`.DS_Store`, `.gitkeep`, a download under way, AppleDouble `._x`, LibreOffice's `.~lock.x`) or an Office
# lock (`~$x`); the sidecar that fetching writes beside a document; what Windows, archives and network drives leave.
IGNORED_STARTS = (".", "~$")
IGNORED_ENDS = (SIDECAR_SUFFIX,)
IGNORED_NAMES = frozenset(
    {"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "@eadir", "$recycle.bin", "system volume information"}
)


def is_ignored(name: str) -> bool:
    """Tell whether a file or folder of this name has no row; everything else has one.

    >>> [is_ignored(name) for name in (".DS_Store", "Thumbs.db", "~$a.docx", "a.html.meta.json", "a.json")]
    [True, True, True, True, False]
    """
    folded = name.casefold()
    return folded.startswith(IGNORED_STARTS) or folded.endswith(IGNORED_ENDS) or folded in IGNORED_NAMES


def printable_name(name: str) -> str:
    r"""Return one component of a path as text that every tool can hold: UTF-8 as it is, anything else as `\xNN`.

    Control characters are escaped too, so that a newline in a name never breaks a log, and so is the backslash, so that
    no two names are ever written alike and `raw_bytes` can find the file again.

    Args:
        name: As the system gives it, bytes that are not UTF-8 as surrogates.

    >>> printable_name("年报\n\udcff\\.html")
    '年报\\x0a\\xff\\x5c.html'
    """
    if name.isprintable() and "\\" not in name:  # nearly all: one pass in C
        return name
    text = os.fsencode(name).decode("utf-8", "surrogateescape")
    return _UNPRINTABLE.sub(lambda match: f"\\x{ord(match[0]) & 0xFF:02x}", text)


def raw_bytes(path: str) -> bytes:
    r"""Return the bytes of the path that `printable_name` wrote, component by component.

    >>> raw_bytes("2021/年报\\x0a\\xff").endswith(b"\n\xff")
    True
    """
    return _ESCAPED.sub(lambda match: bytes.fromhex(match[1].decode()), path.encode())
