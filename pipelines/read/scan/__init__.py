"""Text in pictures, scanned pages among them: levelled, taken apart along its ruling lines, recognised, and weighed.

This corner needs the optional extra `ocr`. Nothing outside imports it before a picture turns up, and everything else is
read without it: see `pipelines.read.recognition`.

The way of a page: `picture` (level, ink, ruling lines) → `lines` (pieces of text, each within one cell) → `model` (what
they say) → `figures` (which digits can be believed) → `page` (characters and lines where a PDF would have them).
"""
