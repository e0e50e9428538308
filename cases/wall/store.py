"""Tours in the database, and the audit log's lines of who looked at which camera."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine, delete, func, select

from cases.access import audit
from cases.access.holder import KeyHolder
from cases.transactions import insert_or_replace, reading, writing
from cases.wall.errors import TourRefused, TourUnknown
from cases.wall.tables import tour as table
from cases.wall.tours import MOST_TOURS, Tour, check_tour
from core.clock import as_utc
from core.ids import CameraId


class WallStore:
    """Every method may raise ``DatabaseUnavailable``. Threads may share one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def tours(self, owner: str) -> tuple[Tour, ...]:
        """A person's own, by name."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(table).where(table.c.owner == owner).order_by(table.c.name)).all()
        return tuple(
            Tour(row.name, tuple(CameraId(each) for each in row.cameras), row.per_page, row.every_s, row.changed_at)
            for row in rows
        )

    def keep(self, owner: str, tour: Tour, now: datetime) -> Tour:
        """A new tour, or another one in the place of that of its name.

        Raises:
            TourRefused: it cannot be so, or the person has too many.
        """
        checked = check_tour(tour)
        row = {
            "owner": owner,
            "name": checked.name,
            "cameras": list(checked.cameras),
            "per_page": checked.per_page,
            "every_s": checked.every_s,
            "changed_at": as_utc(now),
        }
        with writing(self._engine) as connection:
            others = select(func.count()).where(table.c.owner == owner, table.c.name != checked.name)
            if connection.execute(others).scalar_one() >= MOST_TOURS:
                raise TourRefused(f"there are {MOST_TOURS} tours already; remove one first")
            insert_or_replace(connection, table, [row])
        return Tour(checked.name, checked.cameras, checked.per_page, checked.every_s, as_utc(now))

    def remove(self, owner: str, name: str) -> None:
        """Raises: TourUnknown."""
        with writing(self._engine) as connection:
            gone = connection.execute(delete(table).where(table.c.owner == owner, table.c.name == name))
            if gone.rowcount == 0:
                raise TourUnknown(f"there is no tour {name[:80]!a}; see the list of your tours")

    def record_viewing(self, holder: KeyHolder, cameras: Sequence[CameraId], is_live: bool, now: datetime) -> None:
        """Write down that somebody begins to look at masked pictures of these cameras."""
        action = "camera.live" if is_live else "camera.wall"
        subject = f"camera:{cameras[0]}" if len(cameras) == 1 else f"cameras:{len(cameras)}"
        told = {"unit": holder.unit, "cameras": list(cameras)}
        with writing(self._engine) as connection:
            audit.record(connection, actor=holder.actor, action=action, subject=subject, data=told, now=now)
