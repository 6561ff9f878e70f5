"""OpenDocument files, packed or flat: one XML file that holds all parts (.fodt, .fods)."""

import codecs
import io
import re
import zipfile

from pipelines.ingest.zipsafe import SafeZip, open_zip
from pipelines.settings import ReadLimits

_FLAT = re.compile(rb"(?:\s|<!--.*?-->|<\?[^>]*>)*+<office:document(?:-content)?\s", re.DOTALL)
_SHEETS = b"<office:spreadsheet"
_HEAD_BYTES = 64 * 1024


def is_flat(data: bytes) -> bool:
    """Tell whether a file is an OpenDocument as one XML file."""
    return _FLAT.match(data[:_HEAD_BYTES].removeprefix(codecs.BOM_UTF8)) is not None


def is_flat_workbook(data: bytes) -> bool:
    """Tell whether a file is a workbook among these."""
    return is_flat(data) and _SHEETS in data


def open_package(data: bytes, limits: ReadLimits) -> SafeZip:
    """Return a document's parts; those of a flat one are all the same file, in which each reader finds its own.

    Raises:
        DocumentError: broken_document, password_protected or limit_exceeded.
    """
    if not is_flat(data):
        return open_zip(data, limits)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for part in ("content.xml", "meta.xml", "settings.xml"):
            archive.writestr(part, data)
    return open_zip(buffer.getvalue(), limits)
