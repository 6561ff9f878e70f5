"""PDF: what PDFium says of a page, as placed characters and lines."""
