"""The quality page: one self-contained HTML file that shows how far the warehouse can be trusted, and where it cannot.

Drawing takes a second to import, so only a publish that happens imports this package.
"""

from pipelines.load.page.compose import PageLimits, compose_page

__all__ = ["PageLimits", "compose_page"]
