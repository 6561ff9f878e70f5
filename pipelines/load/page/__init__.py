"""The quality page: one self-contained HTML file that shows how far the warehouse can be trusted, and where it cannot.

`compose` makes it, out of text alone: pictures are SVG and tables HTML that are written here, because libraries for
both take longer to be imported than a small corpus to be published. `form`, which draws the tables of a report, is
shared with the explorer.
"""
