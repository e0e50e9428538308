"""The desk in a real browser, for tests: any console error, breach of the policy or failed answer is a fault."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Page

from cases.access.people import PersonDraft
from cases.keys import Scope
from cases.roles import Role
from tests.api.city import City, incident, sha256_of
from tests.api.people import GOOD

ARGUMENTS = (
    "--no-sandbox",  # the tests may run as root in a container, where Chromium's own sandbox cannot start
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
SOON_MS = 15_000
LONG_NAME = "CAM-春熙路南口-云台-预置位-0000000000000000000000000000012"
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
AXE_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")


def chromium_path() -> str:
    """The system's Chromium; skips the test without one, unless everything is asked for."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    missing = "Chromium is not installed (Debian: apt-get install chromium fonts-noto-cjk)"
    if os.environ.get("GRIDPATROL_REQUIRE_ALL") == "1":
        pytest.fail(f"GRIDPATROL_REQUIRE_ALL=1, but {missing}")
    pytest.skip(missing)


class Desk:
    """A city with its API up, and a browser window in front of it."""

    def __init__(self, city: City, url: str, context: BrowserContext) -> None:
        self.city = city
        self.url = url
        self.context = context
        self.faults: list[str] = []
        self.people: set[str] = set()

    def window(self) -> Page:
        """A window that notes everything a browser complains about."""
        page = self.context.new_page()
        page.set_default_timeout(SOON_MS)
        page.on(
            "console",
            lambda said: self.faults.append(f"console: {said.text}") if said.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("response", lambda got: self.faults.append(f"{got.status} {got.url}") if got.status >= 400 else None)
        return page

    def sign_in(self, page: Page, *scopes: Scope) -> None:
        """Open the one-time link."""
        token = self.city.keys.create_login("李敏", scopes or (Scope.OPERATOR,), self.city.clock.now())
        page.goto(f"{self.url}/login?token={token}")

    def sign_in_as(self, page: Page, login: str, *roles: Role, unit: str | None = None) -> None:
        """Make a person (once) past the initial password, and sign in by the form."""
        access = self.city.app.state.rooms.house.access
        now = self.city.clock.now()
        if login not in self.people:
            _, initial = access.people.add(PersonDraft(login, f"{login} 某", frozenset(roles), unit), "test", now)
            access.credentials.change_password(login, initial, GOOD, now, "192.0.2.7")
            self.people.add(login)
        page.goto(f"{self.url}/login")
        page.locator("input[name=login]").fill(login)
        page.locator("input[name=password]").fill(GOOD)
        page.locator("form:has(input[name=password]) button[type=submit]").click()
        page.wait_for_url(lambda url: "/login" not in url)

    def check_accessibility(self, page: Page, leave: str = "") -> None:
        """Fail on any breach of WCAG level A or AA that axe-core finds.

        Args:
            leave: a selector of what is not looked at (a picture's own content, say).
        """
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE.read_text(encoding="utf-8"))
        context = {"exclude": [[leave]]} if leave else "document"
        found = page.evaluate(
            """async ([context, tags]) => (await axe.run(context === "document" ? document : context,
                {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]})).violations.map(
                (each) => `${each.id}: ${each.nodes.map((node) => node.html).slice(0, 3).join(" | ")}`)""",
            [context, list(AXE_TAGS)],
        )
        assert found == [], f"{page.url}: " + "; ".join(found)

    def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Speak to the API as a worker does."""
        headers = {"authorization": f"Bearer {self.city.key[Scope.WORKER]}"} | request.pop("headers", {})
        answer = httpx.request(method, f"{self.url}{path}", headers=headers, **request)
        assert answer.is_success, answer.text
        return answer

    def put_picture(self, shade: int) -> str:
        """Store a grey picture and return its hash."""
        data = cv2.imencode(".jpg", np.full((72, 128, 3), shade, dtype=np.uint8))[1].tobytes()
        self.send("PUT", f"/api/v1/evidence/{sha256_of(data)}", content=data, headers={"content-type": "image/jpeg"})
        return sha256_of(data)

    def report(self, **changes: Any) -> dict[str, Any]:
        """Post an incident with three pictures; the receipt."""
        names = ("original", "annotated", "crop")
        evidence = {name: self.put_picture(40 + 30 * place) for place, name in enumerate(names)}
        body = incident(evidence=evidence) | changes
        key = f"{body['incident_id']}:{body['sequence']}"
        receipt: dict[str, Any] = self.send(
            "POST", "/api/v1/incidents", json=body, headers={"Idempotency-Key": key}
        ).json()
        return receipt


@contextmanager
def refused(desk: Desk, status: int) -> Iterator[None]:
    """A refusal on purpose: the browser notes it, and nothing else."""
    before = len(desk.faults)
    yield
    told = desk.faults[before:]
    assert told, "nothing was refused"
    assert all(str(status) in each for each in told), told
    del desk.faults[before:]
