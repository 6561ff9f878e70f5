"""Spreadsheet reader: XLSX, ODS, the binary XLS and the XML of Excel 2003, one table a visible sheet."""

from pipelines.errors import DocumentError
from pipelines.read.detect import is_sheet_xml
from pipelines.read.model import Document
from pipelines.read.ole import is_ole, read_stream, refuse_encrypted_package, stream_names
from pipelines.read.open_document import open_package
from pipelines.read.sheet.bands import part_sheets
from pipelines.read.sheet.checks import empty_check_columns
from pipelines.read.sheet.grid import Sheet, add_sheets
from pipelines.read.sheet.ods import read_ods_sheets
from pipelines.read.sheet.xls import read_xls_sheets
from pipelines.read.sheet.xlsx import read_xlsx_sheets
from pipelines.read.sheet.xml2003 import read_xml_sheets
from pipelines.settings import ReadLimits
from schemas.vocabulary import FileFormat


def read_spreadsheet(data: bytes, limits: ReadLimits) -> Document:
    """Return a workbook as laid out: the name of each visible sheet as a heading, its cells as one table.

    Cells hold what the sheet shows: an integer stored as 3.0 is 3, a percentage has its sign, an error its code.

    Args:
        data: The file's bytes, XLSX, ODS, XLS or XML.
        limits: Bounds on size and cells.

    Raises:
        DocumentError: broken_document, password_protected, unsupported_format or limit_exceeded.
    """
    refuse_encrypted_package(data)
    if is_ole(data):
        file_format, sheets = FileFormat.XLS, _xls_sheets(data, limits)
    elif is_sheet_xml(data):
        file_format, sheets = FileFormat.XLS, read_xml_sheets(data, limits)
    else:
        package = open_package(data, limits)
        is_ods = package.has("content.xml") and not package.has("xl/workbook.xml")
        file_format = FileFormat.XLSX
        sheets = read_ods_sheets(package, limits) if is_ods else read_xlsx_sheets(package, limits)
    document = Document(file_format)
    add_sheets(document, part_sheets(sheets), limits)
    empty_check_columns(document)
    return document


def _xls_sheets(data: bytes, limits: ReadLimits) -> list[Sheet]:
    limits.refuse_large(data)
    names = stream_names(data)
    if "Workbook" in names:
        return read_xls_sheets(read_stream(data, "Workbook"), limits)
    if "Book" in names:
        raise DocumentError("unsupported_format", "the workbook is older than Excel 97; save it as .xlsx")
    raise DocumentError("unsupported_format", "the OLE file is no workbook; its extension may be wrong")
