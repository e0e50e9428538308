"""The installation as the desk's administration shows it: models in force, what waits to be delivered, the grid."""

import sqlite3
from pathlib import Path

from api.site import ModelFacts, OutboxFacts, Site
from core.errors import ModelError
from grid.units import Zone
from models.promotion import ModelShelf
from patrol.city_layer import DeskLayer
from patrol.settings import Settings

MOST_OUTBOXES = 50
READ_WAIT_S = 2.0


def site_of(settings: Settings, shelf: ModelShelf, layer: DeskLayer | None) -> Site:
    """The facts, read when they are asked for."""
    rules = settings.confirmation
    longest_s = max((rules.dwell_in(category, Zone.CONTROLLED) for category in rules.dwell_s), default=0.0)
    return Site(
        data_dir=settings.site.data_dir,
        keeping=settings.keeping,
        grid_file=settings.grid.file,
        layer=layer,
        models=lambda: models_of(shelf),
        outboxes=lambda: outboxes_in(settings.site.data_dir),
        confirm_s=longest_s,
    )


def models_of(shelf: ModelShelf) -> tuple[ModelFacts, ...]:
    """The model that looks, and those that it would go back to, newest first; each as it was promoted."""
    try:
        stack = shelf.ledger().stack
        promoted = [ModelFacts(step.name, step.version, step.sha256, False) for step in reversed(stack)]
        first = shelf.package_of(None).manifest
        kept = [*promoted, ModelFacts(first.name, first.version, first.sha256, False)]
    except ModelError as error:
        return (ModelFacts("", "", "", False, str(error)),)
    active, *before = kept
    return (ModelFacts(active.name, active.version, active.sha256, True), *before)


def outboxes_in(data_dir: Path) -> tuple[OutboxFacts, ...]:
    """Each worker that keeps its outbox in this folder; read without holding it up."""
    found = []
    for lock in sorted(data_dir.glob("*.lock"))[:MOST_OUTBOXES]:
        file = lock.with_suffix(".db")
        if file.is_file():
            found.append(OutboxFacts(lock.stem, _waiting_in(file)))
    return tuple(found)


def _waiting_in(file: Path) -> int | None:
    try:
        connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=READ_WAIT_S)
    except sqlite3.Error:
        return None
    try:
        return int(connection.execute("SELECT count(*) FROM outbox WHERE refused IS NULL").fetchone()[0])
    except sqlite3.Error:
        return None
    finally:
        connection.close()
