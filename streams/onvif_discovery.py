"""ONVIF devices that answer a WS-Discovery probe on this machine's networks."""

from dataclasses import dataclass
from urllib.parse import unquote

from core.errors import ConfigError

_DEVICE_TYPE = ("http://www.onvif.org/ver10/network/wsdl", "NetworkVideoTransmitter")
_SCOPE = "onvif://www.onvif.org/"
_HOPS = 4
_MOST_DEVICES = 10_000


@dataclass(frozen=True, slots=True)
class OnvifDevice:
    """One device that answered; nobody has logged in yet."""

    service_addresses: tuple[str, ...]
    """Its device service, e.g. http://192.0.2.7/onvif/device_service."""
    name: str
    hardware: str
    location: str
    identity: str
    """Its endpoint's URN; stays the same when its address changes."""


def discover(seconds: float = 5.0) -> tuple[OnvifDevice, ...]:
    """Ask once by multicast and listen for so many seconds; sorted by address.

    Raises:
        ConfigError: the extra is not installed, or the network does not allow it.
    """
    try:
        from wsdiscovery import QName
        from wsdiscovery.discovery import ThreadedWSDiscovery
    except ImportError as error:
        raise missing_extra() from error
    searcher = ThreadedWSDiscovery(ttl=_HOPS)
    try:
        searcher.start()
    except OSError as error:
        raise ConfigError(
            f"WS-Discovery cannot listen on UDP port 3702 ({error.strerror}); mend: allow it in the firewall, "
            "or name a camera: gridpatrol feeds onvif HOST"
        ) from error
    try:
        found = searcher.searchServices(types=[QName(*_DEVICE_TYPE)], timeout=seconds)
        devices = [_device(service) for service in found[:_MOST_DEVICES]]
    finally:
        searcher.stop()
    return tuple(sorted(devices, key=lambda device: (device.service_addresses, device.identity)))


def missing_extra() -> ConfigError:
    """What to install."""
    return ConfigError("ONVIF needs its extra; mend: pip install 'gridpatrol[onvif]'")


def _device(service: object) -> OnvifDevice:
    """The library's service as our own value."""
    addresses = [str(address) for address in service.getXAddrs()]  # type: ignore[attr-defined]  # untyped library
    scopes = [str(scope.getValue()) for scope in service.getScopes()]  # type: ignore[attr-defined]  # as above
    return OnvifDevice(
        tuple(address for address in addresses if address.startswith(("http://", "https://"))),
        _scoped(scopes, "name"),
        _scoped(scopes, "hardware"),
        _scoped(scopes, "location"),
        str(service.getEPR()),  # type: ignore[attr-defined]  # as above
    )


def _scoped(scopes: list[str], word: str) -> str:
    """The value behind onvif://www.onvif.org/<word>/, on one line."""
    head = f"{_SCOPE}{word}/"
    values = [unquote(scope.removeprefix(head)) for scope in scopes if scope.startswith(head)]
    return "".join(character if character.isprintable() else " " for character in ", ".join(values))[:100]
