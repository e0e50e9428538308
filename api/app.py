"""The app: every room handed in, every route mounted, every error mapped."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from anyio.to_thread import run_sync
from fastapi import Depends, FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.staticfiles import StaticFiles

from api import (
    account_routes,
    audit_routes,
    calendar_routes,
    calibration_routes,
    camera_config_routes,
    camera_look_routes,
    camera_routes,
    case_command_routes,
    case_desk_routes,
    case_page_routes,
    case_routes,
    catalogue_routes,
    cell_routes,
    clip_routes,
    desk_admin_city_routes,
    desk_admin_routes,
    desk_admin_rule_routes,
    desk_admin_site_routes,
    desk_camera_routes,
    desk_map_routes,
    desk_overview_routes,
    desk_review_routes,
    desk_routes,
    desk_start_routes,
    desk_wall_routes,
    event_routes,
    evidence_routes,
    export_routes,
    health_routes,
    incident_routes,
    keeping_routes,
    key_routes,
    map_routes,
    oidc_routes,
    original_routes,
    outbound_routes,
    overview_routes,
    people_routes,
    picture_routes,
    place_routes,
    place_square_routes,
    policy_routes,
    policy_rule_routes,
    request_routes,
    sign_in_routes,
    webhook_routes,
)
from api.body_limit import BodyLimit
from api.call_limits import CallLimits, limit_calls
from api.callers import SESSION_COOKIE
from api.camera_config_book import CameraBook
from api.camera_workshop import CameraWorkshop
from api.cell_directory import CellDirectory, facts_of
from api.event_feed import EventFeed
from api.map_desk import MapDesk
from api.metrics import ApiMetrics
from api.oidc.way import Way
from api.open311.app import Open311
from api.open311.mounting import MOUNTED_AT, WholeMount
from api.openapi_answers import with_etags, with_problem_schema
from api.openapi_examples import with_examples
from api.outbound_desk import OutboundDesk
from api.outbound_metrics import OutboundFigures
from api.problem_handlers import install_problem_handlers
from api.rooms import Rooms
from api.security_headers import SecurityHeaders
from api.settings import ApiSettings
from api.site import Site
from api.traffic import Traffic
from api.watched_pictures import WatchedPictures
from cases.access.house import AccessHouse
from cases.access.lockout import LockRules
from cases.access.second_factor import SecretSealer
from cases.evidence import EvidenceStore
from cases.house import CaseHouse
from cases.intake_line import IntakeLine
from cases.keys import ApiKeyStore
from cases.store import CaseStore
from core.clock import Clock
from desk import STATIC_FOLDER, STATIC_VERSION

ROUTERS = (
    incident_routes,
    evidence_routes,
    export_routes,
    case_routes,
    case_command_routes,
    camera_routes,
    camera_look_routes,
    camera_config_routes,
    clip_routes,
    calibration_routes,
    cell_routes,
    map_routes,
    picture_routes,
    event_routes,
    health_routes,
    people_routes,
    key_routes,
    audit_routes,
    keeping_routes,
    policy_rule_routes,
    policy_routes,
    webhook_routes,
    outbound_routes,
    overview_routes,
    catalogue_routes,
    calendar_routes,
    place_square_routes,
    place_routes,
    request_routes,
)
DESK_ROUTERS = (
    desk_routes,
    case_page_routes,
    desk_map_routes,
    desk_overview_routes,
    desk_review_routes,
    desk_wall_routes,
    desk_camera_routes,
    case_desk_routes,
    sign_in_routes,
    oidc_routes,
    account_routes,
    original_routes,
    desk_admin_routes,
    desk_admin_city_routes,
    desk_admin_rule_routes,
    desk_admin_site_routes,
    desk_start_routes,
)
DESCRIPTION = """Gridpatrol: street cameras in, one case per violation out.

Programs send `Authorization: Bearer gp_…`. Every refusal is a problem document (RFC 9457, `application/problem+json`).
Times are RFC 3339 with a zone. Cell codes, case numbers and ids are text.
"""


def create_app(
    settings: ApiSettings,
    store: CaseStore,
    evidence: EvidenceStore,
    keys: ApiKeyStore,
    cells: CellDirectory,
    clock: Clock,
    cameras: CameraBook | None = None,
    outbound: OutboundDesk | None = None,
    sealer: SecretSealer | None = None,
    workshop: CameraWorkshop | None = None,
    site: Site | None = None,
    oidc: Way | None = None,
) -> FastAPI:
    """The whole API and the desk's pages as one ASGI app; the database is already migrated."""
    feed = EventFeed(store, settings.poll_s, settings.heartbeat_s, settings.event_clients)
    metrics = ApiMetrics(store)
    house = CaseHouse.over(store, access_of(settings, store, sealer), sealer)
    metrics.add(OutboundFigures(house.outbound.lines, clock))
    limits = CallLimits(
        settings.calls_per_key_per_s, settings.calls_per_address_per_s, settings.calls_burst_s, SESSION_COOKIE
    )
    metrics.add(limits)
    intake = IntakeLine(store.intake, partial(facts_of, cells))
    metrics.intake_waiting.set_function(lambda: intake.waiting)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None, None]:
        if outbound is not None:
            outbound.start()
        yield
        feed.close()
        await run_sync(intake.drain)
        if outbound is not None:
            await run_sync(outbound.stop)

    app = FastAPI(
        title="Gridpatrol",
        version="1",
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        dependencies=[Depends(limit_calls)],
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    rooms = Rooms(
        settings,
        store,
        evidence,
        keys,
        cells,
        clock,
        feed,
        metrics,
        house,
        cameras,
        outbound,
        workshop,
        site,
        oidc,
        intake=intake,
        map=MapDesk.over(settings.map, cells, store, house, cameras),
        wall=WatchedPictures(settings.wall, clock),
        limits=limits,
    )
    app.state.rooms = rooms
    app.state.feed = feed
    # The last added is the outermost: traffic sees every answer, the limit sits next to the routes.
    app.add_middleware(
        BodyLimit,
        evidence_bytes=settings.evidence_bytes,
        other_bytes=settings.body_bytes,
        open311_bytes=settings.open311.body_bytes,
        clip_bytes=settings.clip_bytes,
    )
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Traffic, metrics=metrics, clock=clock)
    install_problem_handlers(app, desk_routes.render_problem)
    for room in ROUTERS:
        app.include_router(room.router)
    for page in DESK_ROUTERS:
        app.include_router(page.router)
    app.router.routes.append(WholeMount(MOUNTED_AT, Open311(rooms)))
    app.mount(f"/static/{STATIC_VERSION}", StaticFiles(directory=STATIC_FOLDER), name="versioned static")
    app.mount("/static", StaticFiles(directory=STATIC_FOLDER), name="static")
    app.openapi = lambda: openapi_of(app)  # type: ignore[method-assign]  # FastAPI's documented way to extend it
    return app


def access_of(settings: ApiSettings, store: CaseStore, sealer: SecretSealer | None) -> AccessHouse:
    """The access room as the settings want it."""
    rules = LockRules(settings.sign_in_failures, settings.sign_in_failures_per_address)
    return AccessHouse.over(store.engine, sealer, settings.session_idle_minutes * 60, rules)


def openapi_of(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the problem schema that every refusal points at and an example of each message."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        app.openapi_schema = with_examples(with_etags(with_problem_schema(document)))
    return app.openapi_schema
