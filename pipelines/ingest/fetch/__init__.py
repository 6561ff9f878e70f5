"""Fetching: from a list of sites to raw files with their origin, politely, resumably, and never to private networks."""

from pipelines.ingest.fetch.collect import FetchRun, fetch_reports, preview_reports
from pipelines.ingest.fetch.discover import Candidate
from pipelines.ingest.fetch.journal import Outcome
from pipelines.ingest.fetch.settings import FetchSettings, load_settings
from pipelines.ingest.fetch.sources import Source, choose_sources, load_sources
from pipelines.ingest.fetch.visit import Watcher

__all__ = [
    "Candidate",
    "FetchRun",
    "FetchSettings",
    "Outcome",
    "Source",
    "Watcher",
    "choose_sources",
    "fetch_reports",
    "load_settings",
    "load_sources",
    "preview_reports",
]
