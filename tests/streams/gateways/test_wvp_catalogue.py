"""A gateway's catalogue over its real REST, and whether its counts agree."""

from collections.abc import Iterator

import pytest

from streams.gateways.calls import Deadline
from streams.gateways.catalogue import DeviceCatalogue, read_catalogue, reconcile, sync
from streams.gateways.faults import GatewayError, Trouble
from streams.gateways.spec import GatewaySpec
from streams.gateways.wvp import WvpClient
from streams.gb_codes import ChannelAddress
from tests.support.wvp_gateway import CAMERA, DEVICE, OTHER_CAMERA, PASSWORD, USERNAME, FakeChannel, FakeDevice, FakeWvp

SECOND = "34020000001110000002"
GROUP = "34020000002160000001"
ALARM = "34020000001340000001"


@pytest.fixture
def wvp() -> Iterator[FakeWvp]:
    first = FakeDevice(DEVICE, [FakeChannel(CAMERA, "路口\n东"), FakeChannel(OTHER_CAMERA, status="OFF")])
    second = FakeDevice(SECOND, [FakeChannel(GROUP, channel_type=2), FakeChannel(ALARM)], is_online=False)
    with FakeWvp([first, second]) as gateway:
        yield gateway


def client_of(wvp: FakeWvp, **more: object) -> WvpClient:
    spec = {"url": wvp.url, "username": USERNAME, "password": PASSWORD, "timeout_s": 5, **more}
    return WvpClient("city", GatewaySpec.model_validate(spec))


def address(channel: str, device: str = DEVICE) -> ChannelAddress:
    return ChannelAddress("city", device, channel)


def test_counts_are_put_side_by_side(wvp: FakeWvp) -> None:
    found = reconcile("city", read_catalogue(client_of(wvp)), [address(CAMERA), address(OTHER_CAMERA)])
    first, second = found.devices
    assert (first.announced, first.received, first.cameras, first.online, first.configured) == (2, 2, 2, 1, 2)
    assert (second.announced, second.received, second.cameras, second.online) == (2, 2, 0, 0)
    assert found.agrees
    assert found.offline == (address(OTHER_CAMERA).url,)
    assert found.unconfigured == ()


def test_a_device_that_announces_more_than_it_hands_out_is_noticed_after_a_sync(wvp: FakeWvp) -> None:
    wvp.devices[DEVICE].announces = 5
    found = reconcile("city", read_catalogue(client_of(wvp), syncs=True), [])
    assert (found.devices[0].announced, found.devices[0].received) == (5, 2)
    assert not found.devices[0].agrees
    assert not found.agrees
    assert wvp.count(f"/api/device/query/devices/{SECOND}/sync") == 0  # offline: it could not answer


def test_duplicates_gone_unconfigured_and_doubly_configured_are_named(wvp: FakeWvp) -> None:
    wvp.devices[SECOND].channels = [FakeChannel(CAMERA)]
    wvp.devices[SECOND].is_online = True
    missing = "34020000001320000099"
    configured = [address(CAMERA), address(CAMERA), address(missing), ChannelAddress("elsewhere", DEVICE, CAMERA)]
    found = reconcile("city", read_catalogue(client_of(wvp)), configured)
    assert found.duplicates == (CAMERA,)
    assert found.gone == (address(missing).url,)
    assert found.twice == (address(CAMERA).url,)
    assert found.unconfigured == (address(OTHER_CAMERA).url, address(CAMERA, SECOND).url)
    assert not found.agrees


def test_a_device_that_could_not_be_read_has_lost_no_camera() -> None:
    from streams.gateways.answers import DeviceRow

    broken = DeviceCatalogue(DeviceRow(DEVICE, "recorder", True, 3), (), 0, None, "no answer")
    found = reconcile("city", [broken], [address(CAMERA)])
    assert found.gone == ()
    assert not found.agrees


def test_a_long_list_is_read_page_by_page(wvp: FakeWvp) -> None:
    wvp.devices[DEVICE].channels = [FakeChannel(f"3402000000132{number:07d}") for number in range(1203)]
    whole = read_catalogue(client_of(wvp), only=DEVICE)
    assert len(whole[0].channels) == 1203
    assert wvp.count(f"/api/device/query/devices/{DEVICE}/channels") == 3


def test_a_channels_name_comes_on_one_line(wvp: FakeWvp) -> None:
    row = client_of(wvp).channel(DEVICE, CAMERA, Deadline(5))
    assert row.name == "路口 东"


def test_a_devices_sync_error_is_told_with_its_own_words(wvp: FakeWvp) -> None:
    wvp.devices[DEVICE].sync_error = "同步失败，错误码： 408"
    with pytest.raises(GatewayError, match="408") as refused:
        sync(client_of(wvp), DEVICE)
    assert refused.value.trouble is Trouble.REFUSED


def test_a_sync_that_never_ends_is_given_up_with_what_came(wvp: FakeWvp) -> None:
    wvp.sync_steps = 10_000
    with pytest.raises(GatewayError, match="sync_timeout_s") as late:
        sync(client_of(wvp, sync_timeout_s=0.6), DEVICE)
    assert late.value.trouble is Trouble.SLOW


def test_an_unknown_device_is_not_found(wvp: FakeWvp) -> None:
    client = client_of(wvp)
    for ask in (lambda: client.device("3" * 20, Deadline(5)), lambda: client.channels("3" * 20, 1, 10, Deadline(5))):
        with pytest.raises(GatewayError) as refused:
            ask()
        assert refused.value.trouble is Trouble.NOT_FOUND


@pytest.mark.parametrize("has_front_end", [True, False], ids=["2.7.3-and-newer", "2.7.2-and-older"])
def test_presets_are_listed_and_called_in_either_version(has_front_end: bool) -> None:
    with FakeWvp([FakeDevice(DEVICE, [FakeChannel(CAMERA)])], has_front_end) as wvp:
        client = client_of(wvp)
        assert [(preset.number, preset.name) for preset in client.presets(DEVICE, CAMERA, Deadline(5))] == [
            (1, "路口"),
            (7, ""),
        ]
        client.call_preset(DEVICE, CAMERA, 7, Deadline(5))
        assert wvp.called_presets == [(CAMERA, 7)]


def test_old_versions_name_a_channel_and_its_state_otherwise() -> None:
    from streams.gateways.answers import channel_row

    row = channel_row(DEVICE, {"channelId": CAMERA, "deviceId": DEVICE, "name": "x", "status": True, "PTZType": 1})
    assert (row.code, row.is_online, row.ptz) == (CAMERA, True, True)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"url": "ftp://gw"}, "http://"),
        ({"url": "http://op:s3cret@gw"}, "no password"),
        ({"url": "http://gw:0"}, "cannot be read"),
        ({"url": "http://gw", "username": "op"}, "go together"),
        ({"url": "http://gw", "password": "s3cret"}, "go together"),
        ({"url": "http://gw", "username": "op", "password": "s3cret", "password_env": "X"}, "keep password_env"),
        ({"url": "http://gw", "username": "op", "password_env": "X", "api_key_env": "Y"}, "keep one"),
    ],
)
def test_a_wrong_section_is_refused_without_its_secret(given: dict[str, str], told: str) -> None:
    with pytest.raises(ValueError, match=told) as refused:
        GatewaySpec.model_validate(given)
    assert "s3cret" not in str(refused.value)
