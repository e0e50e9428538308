"""Who had a camera opened from the API's machine, or a video file put there: each a line of the audit log."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Engine

from cases.access import audit
from cases.transactions import writing


class LookLog:
    """Threads may share it. ``record`` may raise ``DatabaseUnavailable``; then nothing is opened."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, actor: str, action: str, subject: str, told: Mapping[str, str], now: datetime) -> None:
        """
        Args:
            action: like ``camera.probe``.
            told: what was asked for, never a secret.
        """
        with writing(self._engine) as connection:
            audit.record(connection, actor=actor, action=action, subject=subject, data=dict(told), now=now)
