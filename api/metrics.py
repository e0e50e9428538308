"""What Prometheus reads: cases, cameras, intake and answering times; one registry per app."""

from collections import Counter as Tally
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from api.masking_metrics import MaskingFigures
from cases.cameras import CameraRecord
from cases.queries import CaseCount
from cases.view_health import FINDING_KINDS
from core.errors import CaseError

LATENCY_BUCKETS_S = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
INTAKE_OUTCOMES = ("opened", "joined", "attached", "duplicate", "suppressed", "refused", "conflict")
NOT_LOOKS = frozenset({"carried", "differing"})
"""Of the gate's counts: a carried picture is not looked at, and a differing one is one of the forced."""
VEHICLE_PICTURES = ("placed", "before_track", "after_track", "gap", "jump", "no_heading")
CAMERA_STATES = ("connecting", "live", "stalled", "down", "disabled", "ended")
FAULT_KINDS = ("unreachable", "stalled", "auth", "not_found", "tls", "codec", "corrupt", "ended", "config", "error")
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Counts(Protocol):
    """Where the case and camera figures come from: the case store."""

    def counts(self) -> Sequence[CaseCount]: ...

    def cameras(self) -> Sequence[CameraRecord]: ...


class ApiMetrics:
    """Counts what passes; asks the store for the rest when it is read."""

    def __init__(self, source: Counts) -> None:
        self._registry = CollectorRegistry()
        self.intake = Counter(
            "gridpatrol_incident_reports", "Incident reports taken in, by outcome", ["outcome"], registry=self._registry
        )
        for outcome in INTAKE_OUTCOMES:
            self.intake.labels(outcome)
        self.requests_s = Histogram(
            "gridpatrol_http_request_seconds",
            "Time to answer a request, event streams left out",
            ["method", "route", "status"],
            buckets=LATENCY_BUCKETS_S,
            registry=self._registry,
        )
        self.event_streams = Gauge(
            "gridpatrol_event_streams", "Event streams open in this process", registry=self._registry
        )
        self.intake_waiting = Gauge(
            "gridpatrol_intake_waiting", "Incident reports that wait to be written", registry=self._registry
        )
        self.masking = MaskingFigures()
        self._registry.register(self.masking)
        self._registry.register(_CityFigures(source))

    def add(self, figures: Collector) -> None:
        """Figures of another part, told along."""
        self._registry.register(figures)

    def text(self) -> bytes:
        """The exposition, as ``CONTENT_TYPE``."""
        return generate_latest(self._registry)


class _CityFigures(Collector):
    """Figures read from the database at the moment of asking."""

    def __init__(self, source: Counts) -> None:
        self._source = source

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        is_up = GaugeMetricFamily("gridpatrol_database_up", "1 when the figures below could be read")
        try:
            counts, cameras = self._source.counts(), self._source.cameras()
        except (CaseError, SQLAlchemyError):
            is_up.add_metric([], 0)
            yield is_up
            return
        is_up.add_metric([], 1)
        yield is_up
        cases = GaugeMetricFamily("gridpatrol_cases", "Cases, by state and category", labels=["state", "category"])
        for row in counts:
            cases.add_metric([row.state, row.category], row.count)
        yield cases
        yield from camera_figures(cameras)
        decisions = GaugeMetricFamily(
            "gridpatrol_gate_pictures",
            "Pictures since their workers started, by what the change gate made of them: carried, or looked at and why",
            labels=["decision"],
        )
        for decision, number in sorted(gate_totals(cameras).items()):
            decisions.add_metric([decision], number)
        yield decisions
        yield GaugeMetricFamily(
            "gridpatrol_interval_stretch",
            "Times its set interval that a camera of the busiest worker is looked at; 1 while every interval is kept",
            value=max((dict(camera.looks).get("stretch", 1.0) for camera in cameras), default=1.0),
        )
        yield from health_figures(cameras)
        yield from vehicle_figures(cameras)
        yield from gateway_figures(cameras)


def camera_figures(cameras: Iterable[CameraRecord]) -> Iterable[Metric]:
    """How many cameras are in each state, how many show which fault, and how many looks came late."""
    told = list(cameras)
    states = GaugeMetricFamily("gridpatrol_cameras", "Cameras, by state", labels=["state"])
    counted = Tally(camera.state for camera in told)
    for state in sorted({*CAMERA_STATES, *counted}):
        states.add_metric([state], counted[state])
    yield states
    faults = GaugeMetricFamily(
        "gridpatrol_camera_faults", "Cameras whose newest fault is not over, by its kind", labels=["kind"]
    )
    found = Tally(camera.error_kind for camera in told if camera.error_kind is not None)
    for kind in sorted({*FAULT_KINDS, *found}):
        faults.add_metric([kind], found[kind])
    yield faults
    yield GaugeMetricFamily(
        "gridpatrol_looks_late",
        "Looks since their workers started that ended more than half an interval late, after an outage, too",
        value=sum(dict(camera.looks).get("late", 0) for camera in told),
    )


def vehicle_figures(cameras: Iterable[CameraRecord]) -> Iterable[Metric]:
    """Pictures of vehicles' cameras by whether their position was known, and the oldest newest position."""
    told = [dict(camera.vehicle) for camera in cameras]
    pictures = GaugeMetricFamily(
        "gridpatrol_vehicle_pictures",
        "Vehicles' pictures since their workers started: placed, or left out and why",
        labels=["outcome"],
    )
    for outcome in VEHICLE_PICTURES:
        pictures.add_metric([outcome], sum(each.get(outcome, 0) for each in told))
    yield pictures
    yield GaugeMetricFamily(
        "gridpatrol_vehicle_position_age_seconds",
        "Age of the newest position of the live vehicle whose positions lag the most",
        value=max((each.get("position_age_s", 0) for each in told), default=0),
    )


def gateway_figures(cameras: Iterable[CameraRecord]) -> Iterable[Metric]:
    """What the workers asked of each gateway; every camera behind it carries its worker's counts, which only grow."""
    most: dict[tuple[str, str | None, str], int] = {}
    for camera in cameras:
        for call, number in camera.gateway:
            key = (urlsplit(camera.address).netloc, camera.worker_id, call)
            most[key] = max(most.get(key, 0), number)
    totals: Tally[tuple[str, str]] = Tally()
    for (gateway, _, call), number in most.items():
        totals[gateway, call] += number
    calls = GaugeMetricFamily(
        "gridpatrol_gateway_calls",
        "What gateways were asked for since the workers started: plays, stops, and stops that failed",
        labels=["gateway", "call"],
    )
    for (gateway, call), number in sorted(totals.items()):
        calls.add_metric([gateway, call], number)
    yield calls


def health_figures(cameras: Iterable[CameraRecord]) -> Iterable[Metric]:
    """What is wrong with the cameras' pictures; one series a kind, never one a camera."""
    health = [camera.health for camera in cameras]
    found = Tally(finding.kind for each in health for finding in each.findings)
    findings = GaugeMetricFamily(
        "gridpatrol_camera_findings", "Cameras with something wrong with their picture, by what", labels=["kind"]
    )
    for kind in FINDING_KINDS:
        findings.add_metric([kind], found[kind])
    yield findings
    withheld = sum(each.looks_withheld for each in health)
    yield GaugeMetricFamily(
        "gridpatrol_looks_withheld",
        "Pictures since their workers started that were not looked at because something was wrong with them",
        value=withheld,
    )


def gate_totals(cameras: Iterable[CameraRecord]) -> Mapping[str, int]:
    """The gate's counts over all cameras; with the sum of all looks as ``looked``."""
    totals: Tally[str] = Tally()
    for camera in cameras:
        totals.update(dict(camera.gate))
    return {**totals, "looked": sum(number for decision, number in totals.items() if decision not in NOT_LOOKS)}
