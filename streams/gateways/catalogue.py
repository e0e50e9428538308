"""A gateway's whole catalogue, and whether its counts agree: announced, received, configured."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from streams.gateways.answers import ChannelRow, DeviceRow, Page, SyncProgress
from streams.gateways.calls import Deadline
from streams.gateways.faults import GatewayError, Trouble
from streams.gateways.wvp import WvpClient
from streams.gb_codes import ChannelAddress

_Row = TypeVar("_Row")

PAGE_ROWS = 500
MOST_ROWS = 100_000
"""A district has some ten thousand; a list that never ends is cut off here, and the counts then disagree."""
_SYNC_LOOK_S = 0.5


@dataclass(frozen=True, slots=True)
class DeviceCatalogue:
    """One device with every channel that the gateway handed out."""

    device: DeviceRow
    channels: tuple[ChannelRow, ...]
    listed_total: int
    """How long the gateway says its list is."""
    sync: SyncProgress | None = None
    """Where the device was asked anew: what it announced then."""
    trouble: str | None = None
    """Why this device's list is not whole."""

    @property
    def announced(self) -> int:
        """The device's own word where it was asked, else the gateway's."""
        if self.sync is not None and self.sync.total:
            return self.sync.total
        return max(self.device.channel_count, self.listed_total)


@dataclass(frozen=True, slots=True)
class DeviceCounts:
    """One device's counts side by side."""

    code: str
    name: str
    is_online: bool
    announced: int
    received: int
    """Different channels that the gateway handed out."""
    cameras: int
    """Those of them that have a picture."""
    online: int
    """Cameras that the gateway says are there."""
    configured: int
    trouble: str | None

    @property
    def agrees(self) -> bool:
        return self.announced == self.received and self.trouble is None


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Announced against received against configured, for one gateway."""

    gateway: str
    devices: tuple[DeviceCounts, ...]
    duplicates: tuple[str, ...]
    """Channel codes handed out more than once, by one device or by two."""
    offline: tuple[str, ...]
    """Addresses of configured cameras that the gateway says are not there."""
    gone: tuple[str, ...]
    """Addresses of configured cameras that the gateway no longer hands out."""
    unconfigured: tuple[str, ...]
    """Addresses of cameras that no section names."""
    twice: tuple[str, ...]
    """Addresses that more than one section names."""

    @property
    def agrees(self) -> bool:
        """Every count fits and every configured camera is there."""
        return all(counts.agrees for counts in self.devices) and not (self.duplicates or self.gone or self.twice)


def read_catalogue(client: WvpClient, syncs: bool = False, only: str | None = None) -> tuple[DeviceCatalogue, ...]:
    """Every device and its channels.

    Args:
        syncs: have the gateway ask each device that is online for its catalogue first.
        only: one device's code.

    Raises:
        GatewayError: the list of devices cannot be had. A device that fails alone says so in ``trouble``.
    """
    if only is None:
        devices, _ = _all_rows(lambda page: client.devices(page, PAGE_ROWS, Deadline(client.spec.timeout_s)))
    else:
        devices = (client.device(only, Deadline(client.spec.timeout_s)),)
    return tuple(_device_catalogue(client, device, syncs) for device in devices)


def sync(client: WvpClient, device: str, wait: Callable[[float], object] | None = None) -> SyncProgress:
    """Have one device's catalogue read anew and wait for its end, at most ``sync_timeout_s``.

    Raises:
        GatewayError: the device refuses, or is not done in time.
    """
    rest = wait or threading.Event().wait
    deadline = Deadline(client.spec.sync_timeout_s)
    client.start_sync(device, _one_call(client, deadline))
    last = SyncProgress(None, 0, True, None)
    while True:
        found = client.sync_status(device, _one_call(client, deadline))
        if found is None:  # over and forgotten
            return SyncProgress(last.total, last.total or last.received, False, None)
        if found.error is not None:
            raise GatewayError(
                client.name, Trouble.REFUSED, f"sync of {device}: {found.error}; mend: check the device's registration"
            )
        last = found
        if not found.is_running:
            return found
        if deadline.left_s <= 0:
            told = "nothing yet" if found.total is None else f"{found.received} of {found.total} channels"
            raise GatewayError(
                client.name,
                Trouble.SLOW,
                f"sync of {device} has {told} after {deadline.waited_s:.0f} s; mend: raise sync_timeout_s",
                deadline.waited_s,
            )
        rest(_SYNC_LOOK_S)


def reconcile(
    gateway: str, catalogues: Sequence[DeviceCatalogue], configured: Iterable[ChannelAddress]
) -> Reconciliation:
    """Pure: counts side by side, and every camera that one side knows and the other does not.

    Args:
        configured: addresses of the configured cameras, also those behind other gateways (left out here).
    """
    wanted = Counter(address for address in configured if address.gateway == gateway)
    rows = [row for catalogue in catalogues for row in catalogue.channels]
    seen = Counter(row.code for row in rows)
    there = {ChannelAddress(gateway, row.device, row.code): row for row in rows if row.has_picture}
    whole = {catalogue.device.code for catalogue in catalogues if catalogue.trouble is None}
    online_devices = {catalogue.device.code for catalogue in catalogues if catalogue.device.is_online}
    known_devices = {catalogue.device.code for catalogue in catalogues}
    return Reconciliation(
        gateway,
        tuple(_counts(catalogue, wanted) for catalogue in catalogues),
        tuple(sorted(code for code, times in seen.items() if times > 1)),
        tuple(
            sorted(
                address.url
                for address in wanted
                if address in there and not (there[address].is_online and address.device in online_devices)
            )
        ),
        tuple(
            sorted(
                address.url
                for address in wanted
                if address not in there and (address.device in whole or address.device not in known_devices)
            )
        ),
        tuple(sorted(address.url for address in there if address not in wanted)),
        tuple(sorted(address.url for address, times in wanted.items() if times > 1)),
    )


def _device_catalogue(client: WvpClient, device: DeviceRow, syncs: bool) -> DeviceCatalogue:
    progress: SyncProgress | None = None
    trouble: str | None = None
    if syncs and device.is_online:
        try:
            progress = sync(client, device.code)
        except GatewayError as error:
            if error.trouble in (Trouble.AWAY, Trouble.AUTH, Trouble.TLS):
                raise
            trouble = str(error)
    try:
        channels, total = _all_rows(
            lambda page: client.channels(device.code, page, PAGE_ROWS, Deadline(client.spec.timeout_s))
        )
    except GatewayError as error:
        if error.trouble in (Trouble.AWAY, Trouble.AUTH, Trouble.TLS):
            raise
        return DeviceCatalogue(device, (), 0, progress, str(error))
    return DeviceCatalogue(device, channels, total, progress, trouble)


def _all_rows(read: Callable[[int], Page[_Row]]) -> tuple[tuple[_Row, ...], int]:
    rows: list[_Row] = []
    page = 1
    while True:
        found = read(page)
        rows += found.rows
        if not found.rows or len(rows) >= min(found.total, MOST_ROWS):
            return tuple(rows[:MOST_ROWS]), found.total
        page += 1


def _counts(catalogue: DeviceCatalogue, wanted: Counter[ChannelAddress]) -> DeviceCounts:
    device = catalogue.device
    different = {row.code: row for row in catalogue.channels}
    cameras = [row for row in different.values() if row.has_picture]
    return DeviceCounts(
        device.code,
        device.name,
        device.is_online,
        catalogue.announced,
        len(different),
        len(cameras),
        sum(row.is_online and device.is_online for row in cameras),
        sum(1 for address in wanted if address.device == device.code),
        catalogue.trouble,
    )


def _one_call(client: WvpClient, whole: Deadline) -> Deadline:
    return Deadline(min(client.spec.timeout_s, max(0.1, whole.left_s)))
