"""Fingers on a page, for tests: a tap, a drag and a pinch, as a tablet sends them."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

from tests.desk.browser import Desk


@contextmanager
def tablet(desk: Desk, chromium: Browser, width: int, height: int) -> Iterator[Page]:
    """A window with a touch screen; nobody is signed in yet."""
    before = desk.context
    desk.context = chromium.new_context(
        viewport={"width": width, "height": height}, has_touch=True, locale="zh-CN", device_scale_factor=2
    )
    try:
        yield desk.window()
    finally:
        desk.context.close()
        desk.context = before


def pinch(page: Page, x: float, y: float) -> None:
    """Two fingers move apart about a place of the window, to four times their distance."""
    session = page.context.new_cdp_session(page)
    for apart in (40, 60, 80, 120, 160):
        kind = "touchStart" if apart == 40 else "touchMove"
        fingers = [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """One finger moves from a place of the window to another."""
    session = page.context.new_cdp_session(page)
    for step in range(9):
        x, y = (start[axis] + (end[axis] - start[axis]) * step / 8 for axis in (0, 1))
        kind = "touchStart" if step == 0 else "touchMove"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y, "id": 0}]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()
