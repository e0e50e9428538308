"""Behind a proxy: whose call it is, told only by proxies that the settings name."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from api.server import BackgroundApi
from api.settings import ApiSettings
from tests.api.city import City

CALLS_OF_AN_ADDRESS = 7


@contextmanager
def desk(folder: Path, *trusted: str) -> Iterator[httpx.Client]:
    """A real server; the calls come from 127.0.0.1, as a proxy's on the same machine would."""
    settings = ApiSettings.model_validate(
        {"port": 0, "calls_per_address_per_s": 0.234, "calls_burst_s": 30.0, "trusted_proxies": trusted}
    )
    city = City(folder, settings)
    try:
        with BackgroundApi(city.app, settings) as api, httpx.Client(base_url=api.url, timeout=10) as client:
            yield client
    finally:
        city.close()


def calls(client: httpx.Client, forwarded_for: str, times: int = 1) -> list[int]:
    headers = {"x-forwarded-for": forwarded_for}
    return [client.get("/api/v1/cases", headers=headers).status_code for _ in range(times)]


def test_one_caller_behind_a_trusted_proxy_uses_up_its_own_bound_and_nobody_elses(tmp_path: Path) -> None:
    with desk(tmp_path, "127.0.0.0/8") as client:
        assert calls(client, "192.0.2.7", CALLS_OF_AN_ADDRESS + 1) == [401] * CALLS_OF_AN_ADDRESS + [429]
        assert calls(client, "192.0.2.8") == [401]


def test_what_a_caller_wrote_itself_does_not_make_it_another(tmp_path: Path) -> None:
    """A proxy adds the caller at the end; what stands before it came from the caller."""
    with desk(tmp_path, "127.0.0.0/8") as client:
        calls(client, "192.0.2.7", CALLS_OF_AN_ADDRESS)
        assert calls(client, "198.51.100.1, 192.0.2.7") == [429]


def test_nobody_is_believed_who_is_not_named(tmp_path: Path) -> None:
    with desk(tmp_path, "10.0.0.0/8") as client:
        for number in range(CALLS_OF_AN_ADDRESS):
            assert calls(client, f"192.0.2.{number}") == [401]
        assert calls(client, "192.0.2.100") == [429]


def test_a_trusted_proxy_tells_that_the_browser_came_over_tls(tmp_path: Path) -> None:
    for trusted, is_secure in ((("127.0.0.1/32",), True), ((), False)):
        folder = tmp_path / str(is_secure)
        folder.mkdir()
        with desk(folder, *trusted) as client:
            cookies = client.get("/login", headers={"x-forwarded-proto": "https"}).headers["set-cookie"]
            assert ("Secure" in cookies) == is_secure


def test_a_host_name_is_no_network() -> None:
    with pytest.raises(ValidationError, match="trusted_proxies"):
        ApiSettings.model_validate({"trusted_proxies": ["proxy.city.example"]})
