"""Which addresses may be called: public ones, and those of networks that the settings name.

The name is resolved once, its addresses are checked, and the connection goes to a checked address: a name that answers
differently the second time reaches nothing.
"""

import ipaddress
import re
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import httpx

from cases.outbound.errors import EndpointRefused, NotDelivered

LONGEST_URL = 2000
_NAT64 = IPv6Network("64:ff9b::/96")
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
_RESOLVERS = ThreadPoolExecutor(4, thread_name_prefix="outbound-names")
"""The system's resolver cannot be interrupted, so its waits are spent here."""

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def check_url(url: str, allowed: Sequence[Network]) -> httpx.URL:
    """An address as it may be kept; where it leads is checked again at every call.

    Raises:
        EndpointRefused: not HTTP, with a password inside, or a numeric address that may not be called.
    """
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise EndpointRefused(f"address {_told(url)} cannot be read; write https://host/path") from None
    is_host = _HOST.fullmatch(parsed.raw_host.decode("ascii", "replace")) is not None
    if parsed.scheme not in ("http", "https") or not is_host or len(url) > LONGEST_URL:
        raise EndpointRefused(
            f"address {_told(url)} is not usable; write https://host/path, {LONGEST_URL} long at most"
        )
    if parsed.userinfo:
        raise EndpointRefused(
            f"the address of {parsed.host} holds a user or password, which logs would show; take it out, "
            "webhooks are signed instead"
        )
    number = _number(parsed.host)
    if parsed.scheme == "http" and not allowed:
        raise EndpointRefused(
            f"address {_told(url)} is not encrypted; write https://, or name its network in [outbound].allow_networks"
        )
    if number is not None and not may_call(number, parsed.scheme, allowed):
        raise EndpointRefused(_why(parsed.host, parsed.scheme))
    return parsed


def may_call(address: Address, scheme: str, allowed: Sequence[Network]) -> bool:
    """Whether the settings let us connect there; in clear text only inside a named network."""
    plain = _plain(address)
    if any(each.version == plain.version and plain in each for each in allowed):
        return True
    return scheme == "https" and plain.is_global and not plain.is_multicast


def resolve(host: str, port: int, scheme: str, allowed: Sequence[Network], timeout_s: float) -> tuple[str, ...]:
    """The numeric addresses of a host that may be called.

    Raises:
        NotDelivered: it has none.
    """
    asked = _RESOLVERS.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    try:
        found = asked.result(timeout_s)
    except FutureTimeout:
        asked.cancel()
        raise NotDelivered(
            f"{host}: no answer to its name in {timeout_s:.0f} s; check the DNS", was_sent=False
        ) from None
    except (OSError, UnicodeError) as error:
        raise NotDelivered(f"{host}: the name cannot be resolved; check it and the DNS", was_sent=False) from error
    addresses = dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found)
    usable = tuple(text for text in addresses if may_call(ipaddress.ip_address(text), scheme, allowed))
    if not usable:
        raise NotDelivered(_why(host, scheme), was_sent=False)
    return usable


def _plain(address: Address) -> Address:
    """What an IPv6 address that carries an IPv4 one leads to."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)


def _number(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _why(host: str, scheme: str) -> str:
    if scheme == "http":
        return (
            f"{host} is not in [outbound].allow_networks, so it is not called in clear text; write https://, or add it"
        )
    return f"{host} leads to no public address; name its network in [outbound].allow_networks if it may be called"


def _told(url: str) -> str:
    """An address for a message: without what may be a password."""
    return ascii(url.rpartition("@")[2][:80])
