"""One call: its fields, whose it is, and the city it is meant for."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.requests import Request

from api.open311.addresses import Address
from api.open311.documents import Format, storable
from api.open311.errors import Open311Refused, bad, missing
from api.rooms import Rooms
from api.wire import FIRST_YEAR, LAST_YEAR
from cases.access.holder import KeyHolder, Scope

LONGEST_KEY = 512
MOST_FIELDS = 400
_LIST_MARK = re.compile(r"\[\]$")
_ATTRIBUTE = re.compile(r"^attribute\[([^\]\[]{1,64})\](?:\[[0-9]*\])?$")
_W3C = re.compile(r"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d{2}:?\d{2})$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Call:
    """What came, read once; a field that is empty counts as not sent, as the standard wants it."""

    address: Address
    form: Format
    endpoint: str
    """Where the service is reached, ends with ``/``."""
    rooms: Rooms
    method: str
    fields: Mapping[str, tuple[str, ...]] = field(repr=False)
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    files: tuple[UploadFile, ...] = field(default=(), repr=False)
    bearer: str = field(default="", repr=False)

    def one(self, name: str) -> str | None:
        """A field's value; the last, where it came several times."""
        values = self.fields.get(name, ())
        return values[-1] if values else None

    def several(self, name: str) -> tuple[str, ...]:
        """A field's values, whether it was repeated or they were separated by commas."""
        parts = (part.strip() for value in self.fields.get(name, ()) for part in value.split(","))
        return tuple(dict.fromkeys(part for part in parts if part))

    def number(self, name: str, least: float, most: float) -> float | None:
        """Raises: Open311Refused."""
        said = self.one(name)
        if said is None:
            return None
        try:
            found = float(said)
        except ValueError:
            found = float("nan")
        if not least <= found <= most:
            raise bad(f"{name} 不正确 / {name} must be a number from {least:g} to {most:g}; it is {said[:40]!a}")
        return found

    def moment(self, name: str) -> datetime | None:
        """Raises: Open311Refused."""
        said = self.one(name)
        if said is None:
            return None
        # A plus sign that was not encoded arrives as a space.
        text = re.sub(r" (\d{2}:?\d{2})$", r"+\1", said)
        try:
            if not _W3C.match(text):
                raise ValueError(text)
            found = datetime.fromisoformat(text.upper())
            if not FIRST_YEAR <= found.year <= LAST_YEAR:
                raise ValueError(text)
            return found.astimezone(UTC)
        except ValueError as error:
            raise bad(
                f"{name} 不是带时区的时间 / {name} must be a time with its zone, like 2026-03-02T01:15:00Z or "
                f"2026-03-02T09:15:00+08:00; it is {said[:40]!a}"
            ) from error

    def holder(self) -> KeyHolder:
        """Whose key came along.

        Raises:
            Open311Refused: 403, none came or it is not good.
        """
        plain = self.one("api_key") or self.bearer
        if not plain:
            raise Open311Refused(403, "缺少 api_key / api_key is missing; send the key you were given")
        rooms = self.rooms
        usable = len(plain) <= LONGEST_KEY and plain.isascii()
        holder = rooms.keys.verify(plain, rooms.clock.now()) if usable else None
        if holder is None:
            raise Open311Refused(403, "api_key 无效 / api_key is not valid; ask for a new one")
        return holder

    def filer(self) -> str:
        """Who files. Raises: Open311Refused."""
        holder = self.holder()
        if not holder.may(Scope.REPORT):
            raise Open311Refused(403, "该 api_key 无上报权限 / this api_key may not file; ask for one of scope report")
        return holder.name

    def check_reader(self) -> None:
        """Raises: Open311Refused where this city shows its requests to holders of a key only."""
        if self.rooms.settings.open311.reading == "open":
            return
        holder = self.holder()
        if not (holder.may(Scope.REPORT) or holder.may(Scope.READ)):
            raise Open311Refused(403, "该 api_key 无查询权限 / this api_key may not read; ask for one of scope report")

    def check_jurisdiction(self) -> None:
        """Raises: Open311Refused where another city is meant."""
        ours, named = self.rooms.settings.open311.jurisdiction_id, self.one("jurisdiction_id")
        if ours is not None and named is not None and named != ours:
            raise missing(
                f"没有这个 jurisdiction_id / no jurisdiction_id {named[:80]!a} here; it is {ours!r}, or leave it out"
            )


async def call_of(request: Request, address: Address, form: Format, rooms: Rooms) -> Call:
    """Read a call whole.

    Raises:
        Open311Refused: its body cannot be read.
        HTTPException: its body is larger than is taken.
    """
    pairs: list[tuple[str, str]] = list(request.query_params.multi_items())
    files: list[UploadFile] = []
    if request.method == "POST":
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "application/x-www-form-urlencoded":
            pairs += _of_form(await request.body())
        elif kind == "multipart/form-data":
            limits = rooms.settings.open311
            sent = await request.form(max_files=limits.media_count + 5, max_fields=MOST_FIELDS, max_part_size=64 * 1024)
            for name, value in sent.multi_items():
                if isinstance(value, UploadFile):
                    files.append(value)
                else:
                    pairs.append((name, value))
        else:
            raise bad(
                "请以表单提交 / send the request as application/x-www-form-urlencoded or multipart/form-data, "
                f"not as {kind[:60]!a}"
            )
    _, _, bearer = request.headers.get("authorization", "").partition("Bearer ")
    fields, attributes = _sorted(pairs)
    return Call(
        address,
        form,
        endpoint_of(request, rooms),
        rooms,
        request.method,
        fields,
        attributes,
        tuple(file for file in files if file.filename or file.size),
        bearer.strip(),
    )


def endpoint_of(request: Request, rooms: Rooms) -> str:
    """The service's address as the caller reaches it."""
    public = rooms.settings.public_url
    base = str(public) if public is not None else f"{request.url.scheme}://{request.url.netloc}/"
    return f"{base.rstrip('/')}/open311/v2/"


def _of_form(body: bytes) -> list[tuple[str, str]]:
    """A form's fields: UTF-8, percent-encoded or as it is, whatever the header says (the standard knows no other)."""
    try:
        return parse_qsl(body.decode("utf-8", "replace"), max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise bad(f"字段过多 / the form has more than {MOST_FIELDS} fields; send fewer") from error


def _sorted(
    pairs: Iterable[tuple[str, str]],
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Fields and ``attribute[code]`` fields; empty values and those that are not UTF-8 count as not sent."""
    fields: dict[str, tuple[str, ...]] = {}
    attributes: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        text = storable(value).strip()
        if not text:
            continue
        attribute = _ATTRIBUTE.match(name)
        target, key = (fields, _LIST_MARK.sub("", name)) if attribute is None else (attributes, attribute.group(1))
        target[key] = (*target.get(key, ()), text)
    return fields, attributes
