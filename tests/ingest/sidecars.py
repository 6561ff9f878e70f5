"""Sidecars as a fetch writes them."""

from datetime import UTC, datetime
from hashlib import sha256

from pipelines.ingest.sidecar import Sidecar

NOON = datetime(2024, 1, 30, 12, tzinfo=UTC)


def sidecar(content: bytes, **changes) -> Sidecar:
    told = {
        "url": "http://a.cn/1.html", "final_url": "http://a.cn/1.html", "redirects": (), "fetched_at": NOON,
        "current_since": NOON, "status": 200, "headers": {"etag": '"1"'}, "sha256": sha256(content).hexdigest(),
        "size": len(content), "role": "page", "source": "甲县", "agency": "甲县人民政府", "title": "年报", "year": 2023,
        "referrer": "http://a.cn/", "page_url": "http://a.cn/1.html",
    }  # fmt: skip
    return Sidecar(**{**told, **changes})
