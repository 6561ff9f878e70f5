"""Load: figures become dimensions and facts in one DuckDB file that is swapped in whole."""

from pipelines.load.changelog import FEED as CHANGELOG_FEED
from pipelines.load.changelog import PAGE as CHANGELOG_PAGE
from pipelines.load.changelog import update_changelog
from pipelines.load.content import content_hashes
from pipelines.load.publish import is_published, publish_warehouse, remove_leftovers
from pipelines.load.record import PublishSummary
from pipelines.load.release import code_version
from pipelines.load.series import check_series
from pipelines.load.settings import LoadLimits, last_season

__all__ = [
    "CHANGELOG_FEED",
    "CHANGELOG_PAGE",
    "LoadLimits",
    "PublishSummary",
    "check_series",
    "code_version",
    "content_hashes",
    "is_published",
    "last_season",
    "publish_warehouse",
    "remove_leftovers",
    "update_changelog",
]
