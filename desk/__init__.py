"""The operators' pages: Chinese first, English beside it, no build step, nothing from the network.

Enters: cases, case events and camera records as the case room keeps them, cells as GeoJSON, the visitor.
Leaves: HTML text (``desk.pages``), and files to serve (``STATIC_FOLDER`` under ``/static``).
Never: a query, a clock, a rule about cases, a route; the api room mounts what is rendered here.
"""

from hashlib import sha256
from pathlib import Path

STATIC_FOLDER = Path(__file__).parent / "static"
"""Style sheet, scripts and icon; the api room serves it under ``/static``."""


def _version_of(folder: Path) -> str:
    """Changes when any of the files does."""
    digest = sha256()
    for file in sorted(each for each in folder.rglob("*") if each.is_file()):
        digest.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


STATIC_VERSION = _version_of(STATIC_FOLDER)
"""Stands in the address of every file that a page asks for, so that browsers may keep them for good."""
