"""What the review's browser tests ask of the page: what it shows, whether everything was sent."""

import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.desk.browser import SOON_MS, Desk


def review(desk: Desk, page: Page, query: str = "") -> None:
    page.goto(f"{desk.url}/review{query}")
    page.wait_for_selector("article.candidate, #none:not([hidden])")


def shows(page: Page, case_id: str) -> None:
    expect(page.locator(f'article.candidate[data-id="{case_id}"]')).to_be_visible()


def sent(page: Page) -> None:
    """Nothing waits in the page any more."""
    expect(page.locator("#outbox")).to_be_hidden()


def until(holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + SOON_MS / 1000
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def forgive(desk: Desk, *expected: str) -> None:
    """Faults that the test itself has made."""
    desk.faults = [fault for fault in desk.faults if not any(each in fault for each in expected)]
