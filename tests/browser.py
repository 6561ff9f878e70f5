"""A real browser for the tests that look at pages; where there is none, they are skipped and say so."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip


@contextmanager
def browse(width: int = 1280, height: int = 900) -> Iterator[tuple[Any, list[str]]]:
    """Yield a page of headless Chromium, and the list of its complaints: errors of the console and of scripts.

    An alert, which only a smuggled script would raise, is a complaint too.
    """
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": width, "height": height})
        heard: list[str] = []
        page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.add_init_script("window.alert = text => console.error('alert', text)")
        yield page, heard
        browser.close()


def overflow(page: Any) -> int:
    """Return by how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def follow(page: Any, selector: str) -> None:
    """Click on what leads to another page and wait until that page stands: a click alone returns on the old one."""
    with page.expect_navigation(wait_until="load"):
        page.click(selector)
