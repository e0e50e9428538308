"""Several people at the desk at once: each in a browser of their own, before the same city."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Page, expect

from cases.roles import Role
from tests.desk.browser import Desk

UNIT = "环卫一所"


@dataclass
class Seats:
    """Who sits at the desk."""

    desk: Desk
    chromium: Browser
    contexts: list[BrowserContext] = field(default_factory=list)

    def sit(self, login: str, *roles: Role, unit: str | None = None, width: int = 1440, height: int = 900) -> Page:
        """Somebody signs in, in a browser of their own."""
        shared = self.desk.context
        own = self.chromium.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
        self.contexts.append(own)
        self.desk.context = own
        page = self.desk.window()
        self.desk.context = shared
        self.desk.sign_in_as(page, login, *roles, unit=unit)
        wait_until_awake(page)
        return page

    def acceptor(self) -> Page:
        return self.sit("li.min", Role.ACCEPTOR)

    def dispatcher(self, login: str = "zhao.lei") -> Page:
        return self.sit(login, Role.DISPATCHER)

    def leader(self) -> Page:
        return self.sit("sun.jie", Role.SHIFT_LEADER)

    def handler(self) -> Page:
        return self.sit("wang.qiang", Role.HANDLING_UNIT, unit=UNIT)

    def inspector(self) -> Page:
        return self.sit("chen.jing", Role.INSPECTOR)


def wait_until_awake(page: Page) -> None:
    """Keys that are pressed before a page's scripts have begun are heard by nobody."""
    expect(page.locator("body[data-awake]")).to_be_attached()


@contextmanager
def seats_of(desk: Desk, chromium: Browser) -> Iterator[Seats]:
    """The seats; their browsers are shut in the end."""
    seats = Seats(desk, chromium)
    yield seats
    for context in seats.contexts:
        context.close()
