"""The quality page: one self-contained HTML file that shows how far the warehouse can be trusted, and where it cannot.

`compose` makes it. Drawing takes a second to import, so only a publish that happens does; `form`, which draws the
tables of a report, is light and shared with the explorer.
"""
