"""A gateway's catalogue as camera sections: only added to a file, never changed in it."""

import json
import os
import tempfile
from collections.abc import Iterable, Set
from dataclasses import dataclass
from pathlib import Path

from core.errors import ConfigError
from patrol.camera_files import camera_sections, gateway_address
from streams.gateways.answers import ChannelRow
from streams.gb_codes import ChannelAddress

_HEAD = """\
# 由 gridpatrol feeds import 写入；可以手工修改，再次导入只追加新通道，不改动已有内容。
# Written by gridpatrol feeds import. Edit it freely: a further import adds new channels and changes nothing here.
# 每路摄像机补上 [cameras.view] 后才会巡查。 / A camera is patrolled once it has its [cameras.view].
"""


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What one import did to the file."""

    added: tuple[str, ...]
    """Addresses of the new sections."""
    kept: int
    """Channels that a section named already, here or in the configuration."""
    gone: tuple[str, ...]
    """Addresses in the file that the catalogue no longer has; their sections stay."""


def import_cameras(
    path: Path,
    gateway: str,
    rows: Iterable[ChannelRow],
    configured: Iterable[ChannelAddress] = (),
    taken_ids: Set[str] = frozenset(),
) -> ImportOutcome:
    """Append a section for every channel with a picture that nothing names yet.

    Args:
        configured: addresses of cameras configured elsewhere; they are not added a second time.
        taken_ids: ids that other cameras have.

    Raises:
        ConfigError: the file is there and not a camera file, or cannot be written; it is as it was then.
    """
    sections = camera_sections(path) if path.exists() else []
    in_file = {address for section in sections if (address := gateway_address(section)) is not None}
    known = in_file | set(configured)
    ids = set(taken_ids) | {str(section.get("id", "")) for section in sections}
    offered = {ChannelAddress(gateway, row.device, row.code): row for row in rows if row.has_picture}
    texts = []
    added = []
    for address, row in offered.items():
        if address in known:
            continue
        camera_id = _free_id(address, ids)
        ids.add(camera_id)
        texts.append(section_text(camera_id, address, row))
        added.append(address.url)
    if texts:
        before = path.read_text(encoding="utf-8") if path.exists() else _HEAD
        _replace(path, before.rstrip("\n") + "\n" + "".join(texts))
    gone = sorted(address.url for address in in_file if address.gateway == gateway and address not in offered)
    return ImportOutcome(tuple(added), sum(address in known for address in offered), tuple(gone))


def section_text(camera_id: str, address: ChannelAddress, row: ChannelRow) -> str:
    """One ``[[cameras]]`` block with what the gateway says of the place, for whoever draws the view."""
    lines = ["", "[[cameras]]", f"id = {_quoted(camera_id)}"]
    if row.name:
        lines.append(f"name = {_quoted(row.name)}")
    lines.append(f"url = {_quoted(address.url)}")
    facts = []
    if row.lonlat is not None:
        facts.append(f"lonlat [{row.lonlat[0]:.6f}, {row.lonlat[1]:.6f}]")
    if row.ptz:
        facts.append("云台，会转动 / it can be turned")
    if facts:
        lines.append(f"# 网关所述 / the gateway says: {'; '.join(facts)}")
    return "\n".join(lines) + "\n"


def _free_id(address: ChannelAddress, taken: Set[str]) -> str:
    plain = f"{address.gateway}-{address.channel}"
    return plain if plain not in taken else f"{address.gateway}-{address.device}-{address.channel}"


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are among TOML's."""
    return json.dumps(text, ensure_ascii=False)


def _replace(path: Path, text: str) -> None:
    """The whole file or the old one, never a part; its rights stay as they were."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                out.write(text)
                out.flush()
                os.fsync(out.fileno())
            Path(temporary).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
            Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror}); mend the folder's rights") from error
