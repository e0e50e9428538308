"""What Prometheus reads of the lines to other systems; from the database, so every process tells the same."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from cases.outbound.lines import LineStanding
from core.clock import Clock
from core.errors import CaseError


class Lines(Protocol):
    """Where the figures come from: the line store."""

    def lines(self) -> Sequence[LineStanding]: ...


class OutboundFigures(Collector):
    """Read at the moment of asking."""

    def __init__(self, lines: Lines, clock: Clock) -> None:
        self._lines = lines
        self._clock = clock

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        try:
            standings = self._lines.lines()
        except (CaseError, SQLAlchemyError):
            return  # gridpatrol_database_up says so
        now = self._clock.now()
        sent = CounterMetricFamily("gridpatrol_outbound_sent", "Messages that were taken, by line", labels=["line"])
        failed = CounterMetricFamily("gridpatrol_outbound_failed", "Tries that failed, by line", labels=["line"])
        dead = GaugeMetricFamily("gridpatrol_outbound_dead_letters", "Dead letters, by line", labels=["line"])
        waiting = GaugeMetricFamily(
            "gridpatrol_outbound_waiting_events", "Case events that a line has not come to", labels=["line"]
        )
        lag = GaugeMetricFamily(
            "gridpatrol_outbound_lag_seconds", "Age of the oldest event that a line has not come to", labels=["line"]
        )
        paused = GaugeMetricFamily("gridpatrol_outbound_paused", "1 where a line is paused", labels=["line"])
        for standing in standings:
            line = standing.line
            sent.add_metric([line.id], line.sent)
            failed.add_metric([line.id], line.failed)
            dead.add_metric([line.id], standing.dead_letters)
            waiting.add_metric([line.id], standing.waiting)
            lag.add_metric([line.id], _age_s(standing.waiting_since, now))
            paused.add_metric([line.id], float(line.is_paused))
        yield from (sent, failed, dead, waiting, lag, paused)


def _age_s(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
