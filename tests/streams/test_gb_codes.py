"""GB/T 28181 codes and addresses behind a gateway."""

from typing import Any

import pytest

from core.ids import CameraId
from streams.gb_codes import ChannelAddress, GbCode, carries_video
from streams.probe import spec_for
from streams.spec import FeedSpec

DEVICE = "34020000001110000001"
CAMERA = "34020000001320000001"


def test_an_address_is_split_into_gateway_device_and_channel() -> None:
    address = ChannelAddress.of(f"WVP://city-1/{DEVICE}/{CAMERA}/")
    assert address == ChannelAddress("city-1", DEVICE, CAMERA)
    assert address.url == f"wvp://city-1/{DEVICE}/{CAMERA}"
    assert address.stream == f"{DEVICE}_{CAMERA}"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (f"wvp://city/{DEVICE}", "three parts"),
        (f"wvp://city/{DEVICE}/{CAMERA}/more", "three parts"),
        (f"wvp://op:s3cret@city/{DEVICE}/{CAMERA}", "no user name"),
        (f"wvp://city/{DEVICE}/{CAMERA}?token=s3cret", "no user name"),
        (f"wvp://ci ty/{DEVICE}/{CAMERA}", "letters, digits"),
        (f"wvp:///{DEVICE}/{CAMERA}", "letters, digits"),
        (f"wvp://city/{DEVICE}/3402000000132000000", "20 digits"),
        (f"wvp://city/{DEVICE}/3402000000132000000x", "20 digits"),
        (f"wvp://city/{DEVICE}/３４０２００００００１３２００００００１", "20 digits"),
        (f"wvp://city/{DEVICE}/34020000001340000001", "alarm input"),
        (f"wvp://city/{DEVICE}/34020000002160000001", "virtual organisation"),
        (f"wvp://city/{DEVICE}/34020000002000000001", "platform"),
    ],
)
def test_what_is_no_channel_is_refused_with_the_reason_and_without_a_secret(url: str, told: str) -> None:
    with pytest.raises(ValueError, match=told) as refused:
        ChannelAddress.of(url)
    assert "s3cret" not in str(refused.value)


def test_a_type_that_the_standard_leaves_to_vendors_may_have_a_picture() -> None:
    assert carries_video("34020000001990000001")
    assert carries_video(CAMERA)
    assert not carries_video("34020000001370000001")
    assert not carries_video("camera-7")
    assert GbCode.of(CAMERA).is_camera


def test_a_channel_behind_a_gateway_is_a_live_feed() -> None:
    spec = FeedSpec(id=CameraId("CAM-01"), url=f"wvp://city/{DEVICE}/{CAMERA}")
    assert (spec.source_kind, spec.scheme) == ("live", "wvp")
    assert spec.secrets({}) == ()


@pytest.mark.parametrize(
    ("more", "told"), [({"username": "op"}, "gateway's section"), ({"loop": True}, "files and folders")]
)
def test_settings_that_belong_elsewhere_are_refused(more: dict[str, Any], told: str) -> None:
    from core.errors import ConfigError

    with pytest.raises(ConfigError, match=told):
        spec_for(f"wvp://city/{DEVICE}/{CAMERA}", **more)
