"""Telling others, put together from the settings."""

from shapely import Polygon
from sqlalchemy import Engine

from api.outbound_desk import OutboundDesk
from cases.outbound.calls import HttpCaller
from cases.outbound.facts import Locate
from cases.outbound.runner import OutboundRunner
from cases.outbound.uppers import upper_couriers
from core.clock import Clock
from core.errors import GridError
from core.ids import CellId
from grid.cells import CityGrid
from grid.ground import Ground, ground_of
from patrol.settings import Settings
from streams.sealing import Sealer


def open_outbound(
    settings: Settings, engine: Engine, city: CityGrid | Ground, clock: Clock, sends: bool
) -> OutboundDesk:
    """
    Args:
        sends: False: this process answers questions only, another one sends.

    Raises:
        ConfigError: an upper platform's mapping file or secret, or the certificate file.
    """
    rules = settings.outbound
    caller = HttpCaller(rules.allow_networks, rules.timeout_s, rules.answer_bytes, rules.ca_file)
    sealer = Sealer(settings.secret_key_path)
    runner = None
    if sends:
        uppers = upper_couriers(rules.upper, engine, caller, clock, middle_in(city))
        runner = OutboundRunner(engine, rules, sealer, caller, clock, uppers)
    return OutboundDesk(rules, sealer, caller, runner)


def middle_in(city: CityGrid | Ground) -> Locate:
    """Where a case lies for others: a point inside its cell."""
    ground = ground_of(city)

    def middle(cell: CellId) -> tuple[float, float] | None:
        try:
            ring = ground().ring_of(cell)
        except GridError:
            return None
        point = Polygon([(place.x, place.y) for place in ring]).representative_point()
        return (float(point.x), float(point.y))

    return middle
