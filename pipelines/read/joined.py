"""Documents that are read as one: the members of an archive, the frames of a page, what a document embeds."""

from pipelines.errors import DocumentError
from pipelines.read.model import Document
from pipelines.settings import ReadLimits


def append_document(whole: Document, part: Document, limits: ReadLimits) -> None:
    """Append a document's content to another's, its tables numbered on.

    Raises:
        DocumentError: limit_exceeded.
    """
    offset = len(whole.tables)
    for block in part.blocks:
        block.table_number = block.table_number + offset if block.table_number is not None else None
        whole.blocks.append(block)
    for notice in part.notices:
        notice.table_number = notice.table_number + offset if notice.table_number is not None else None
        whole.notices.append(notice)
    whole.tables += part.tables
    if sum(map(len, whole.tables)) > limits.cells:
        raise DocumentError("limit_exceeded", f"the file's documents have more than {limits.cells} cells")
