"""A city that asks one thing more about garbage, in this process and on a real socket."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest

from api.open311.settings import Open311Settings
from api.server import BackgroundApi
from api.settings import ApiSettings
from cases.keys import Scope
from tests.api.city import City

SETTINGS = Open311Settings.model_validate(
    {
        "jurisdiction_id": "city.example",
        "contact": "热线 12345 / hotline 12345",
        "key_service": "key@city.example",
        "media_count": 3,
        "media_bytes": 1_000_000,
        "attributes": {
            "exposed_garbage": [
                {"code": "AMOUNT", "description": "多少？ / How much?", "datatype": "singlevaluelist"}
                | {"values": [{"key": "bag", "name": "一袋 / a bag"}, {"key": "heap", "name": "一堆 / a heap"}]},
                {"code": "SINCE", "description": "从何时起？ / Since when?", "hint": "如：今天早上 / this morning"},
            ]
        },
    }
)
INSIDE = {"lat": "30.6505", "long": "104.0805"}


@pytest.fixture
def settings() -> Open311Settings:
    return SETTINGS


@pytest.fixture
def city(tmp_path: Path, migrated_file: Path, settings: Open311Settings) -> Iterator[City]:
    made = City(tmp_path, ApiSettings(port=0, poll_s=0.05, heartbeat_s=0.2, open311=settings), template=migrated_file)
    yield made
    made.close()


@pytest.fixture
def portal(city: City) -> httpx.Client:
    """A citizens' portal: it sends its key with each form."""
    return city.client()


@pytest.fixture
def key(city: City) -> str:
    return city.key[Scope.REPORT]


@pytest.fixture
def endpoint(city: City) -> Iterator[str]:
    """The service on a real socket; ends with a slash."""
    with BackgroundApi(city.app, city.settings) as api:
        yield f"{api.url}/open311/v2/"


@pytest.fixture(scope="session")
def jpeg() -> bytes:
    """640 x 480 pixels of a street that is not there, with a place and a telephone in its EXIF."""
    height, width = np.mgrid[0:480, 0:640]
    image = np.stack([height // 2, width // 3, (height + width) // 5], axis=-1).astype(np.uint8)
    _, encoded = cv2.imencode(".jpg", image)
    exif = b"Exif\x00\x00MM\x00*\x00\x00\x00\x08 GPS 30.6505 104.0805 SecretPhone"
    said = encoded.tobytes()
    return said[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + said[2:]
