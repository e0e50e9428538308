"""From a path to what is asked for, however a client glues the endpoint and the resource together."""

from dataclasses import dataclass
from urllib.parse import unquote

from api.open311.documents import Format, storable
from api.open311.errors import bad, missing

VERSION = "v2"
RESOURCES = frozenset({"discovery", "services", "requests", "tokens", "servicerequestupdates", "media"})
ALIASES = {"servicerequestupdate": "servicerequestupdates", "update": "servicerequestupdates"}
"""What older clients of FixMyStreet's extension ask for."""
LONGEST = 20_000
"""Characters: a thousand ids, separated by commas."""


@dataclass(frozen=True, slots=True)
class Address:
    """What a call is about."""

    resource: str
    name: str | None
    """Of one service, request (or several, separated by commas), token or picture."""
    form: Format | None
    """As the suffix says; None: as ``Accept`` says."""


def address_of(path: str) -> Address:
    """
    Args:
        path: behind ``/open311``, not decoded: ``/v2/services.xml``; also ``/v2services.xml`` and
            ``/v2//services.xml``, for clients join the endpoint and the resource with no slash, one or two.

    Raises:
        Open311Refused: there is no such resource, or it is not offered in that format.
    """
    if len(path) > LONGEST:
        raise bad(f"网址过长 / the address is longer than {LONGEST} characters; ask for fewer ids at once")
    text = path.strip("/")
    text = text.removeprefix(VERSION).lstrip("/")
    resource, slash, name = text.partition("/")
    form: Format | None = None
    if slash:
        name, form = _without_suffix(name.strip("/"))
    else:
        resource, form = _without_suffix(resource)
    resource = ALIASES.get(resource, resource)
    if resource not in RESOURCES:
        raise missing(
            "没有这个网址 / there is no such resource; ask for discovery, services, requests, tokens or "
            f"servicerequestupdates below /open311/{VERSION}/"
        )
    return Address(resource, storable(unquote(name)) or None, form)


def format_of(address: Address, accept: str) -> Format:
    """XML unless the suffix, or else the first format named by ``Accept`` that we have, is JSON."""
    if address.form is not None:
        return address.form
    for part in accept.split(","):
        media_type = part.partition(";")[0].strip().lower()
        if media_type in ("application/json", "text/json"):
            return Format.JSON
        if media_type in ("text/xml", "application/xml"):
            return Format.XML
    return Format.XML


def _without_suffix(name: str) -> tuple[str, Format | None]:
    stem, dot, suffix = name.rpartition(".")
    if not dot:
        return name, None
    if suffix.lower() in (Format.XML.value, Format.JSON.value):
        return stem, Format(suffix.lower())
    if suffix.lower() in ("jpg", "jpeg"):
        return stem, None
    raise bad(f"不提供该格式 / the format {suffix[:20]!a} is not offered; ask for .xml or .json")
