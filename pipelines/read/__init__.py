"""Bytes to documents: titles, metadata, paragraphs and tables as grids of cells, whatever the container.

A reader knows containers and nothing of forms. Every reader ends in the same `Document`, and every document in the same
frames, so that all that follows is written once.
"""

from pipelines.read.detect import detect_format
from pipelines.read.frames import document_frames
from pipelines.read.model import Document, Notice
from pipelines.read.readers import READERS, load_reader, read_document
from pipelines.read.stage import STAGE, ReadTask, read_batch, read_file

__all__ = [
    "READERS",
    "STAGE",
    "Document",
    "Notice",
    "ReadTask",
    "detect_format",
    "document_frames",
    "load_reader",
    "read_batch",
    "read_document",
    "read_file",
]
