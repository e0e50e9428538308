"""What the routes reach: the case room's stores, the cells, the clock; put on the app once, never global."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from api.call_limits import CallLimits
from api.camera_config_book import CameraBook
from api.camera_workshop import CameraWorkshop
from api.cell_directory import CellDirectory
from api.event_feed import EventFeed
from api.map_desk import MapDesk
from api.metrics import ApiMetrics
from api.oidc.way import Way
from api.outbound_desk import OutboundDesk
from api.settings import ApiSettings
from api.sign_in_places import Places
from api.site import Site
from api.watched_pictures import WatchedPictures
from cases.evidence import EvidenceStore
from cases.house import CaseHouse
from cases.intake_line import IntakeLine
from cases.keys import ApiKeyStore
from cases.store import CaseStore
from core.clock import Clock


@dataclass(frozen=True, slots=True)
class Rooms:
    """Everything below the API, as it was handed to ``create_app``."""

    settings: ApiSettings
    store: CaseStore
    evidence: EvidenceStore
    keys: ApiKeyStore
    cells: CellDirectory
    clock: Clock
    feed: EventFeed
    metrics: ApiMetrics
    house: CaseHouse
    intake: IntakeLine = field(kw_only=True)
    map: MapDesk = field(kw_only=True)
    wall: WatchedPictures = field(kw_only=True)
    limits: CallLimits = field(kw_only=True)
    password_places: Places = field(kw_only=True, default_factory=Places)
    """Who signs in by a password, at once and waiting."""
    cameras: CameraBook | None = None
    """None where no cameras are kept by this API, as in a test of something else."""
    outbound: OutboundDesk | None = None
    """None where nobody is told of anything, likewise."""
    workshop: CameraWorkshop | None = None
    """What looks at cameras for the desk's pages; None likewise."""
    site: Site | None = None
    """The installation around the API; None likewise."""
    oidc: Way | None = None
    """The city's single sign-on; None where there is none."""


async def _rooms_of(request: Request) -> Rooms:
    rooms: Rooms = request.app.state.rooms
    return rooms


RoomsDep = Annotated[Rooms, Depends(_rooms_of)]
