"""Turns any error of the app into a problem answer: JSON for programs, a page for a person in a browser."""

import logging
import uuid
from collections.abc import Callable

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.problems import (
    CLOSED_AFTER_ANSWER,
    INTERNAL,
    MEDIA_TYPE,
    PasswordChangeNeeded,
    ProblemDetails,
    TooManyCalls,
    describe,
    problem_for,
)
from api.security_headers import SECURITY_HEADERS
from api.way_back import door_to
from cases.access.errors import SignInLocked
from core.errors import PatrolError

logger = logging.getLogger("gridpatrol.api")

DATABASE_ERRORS = (OperationalError, InterfaceError, PoolTimeout)
PageRenderer = Callable[[Request, ProblemDetails], str]
"""Draws the problem for a browser."""


def install_problem_handlers(app: FastAPI, render_page: PageRenderer) -> None:
    """Every error of ``app`` leaves as the table in ``api.problems`` says."""

    async def answer(request: Request, error: Exception) -> Response:
        return _answer(request, error, render_page)

    for kind in (PatrolError, HTTPException, RequestValidationError, *DATABASE_ERRORS, Exception):
        app.add_exception_handler(kind, answer)


def _answer(request: Request, error: Exception, render_page: PageRenderer) -> Response:
    problem = problem_for(error)
    reference = uuid.uuid4().hex[:12]
    path = request.url.path
    if not problem.tells_detail:
        # The cause may quote SQL or a folder: it goes to the log, under the reference, and nowhere else.
        # An error that nobody foresaw is raised again after this answer, and the server logs its traceback.
        cause = None if problem is INTERNAL else error
        logger.error(
            "%s %s failed, reference %s: %s", request.method, path, reference, type(error).__name__, exc_info=cause
        )
    wants_page = _wants_page(request)
    if problem.status == 401 and wants_page:
        return RedirectResponse(door_to(request), 303, dict(SECURITY_HEADERS) | {"cache-control": "no-store"})
    if isinstance(error, PasswordChangeNeeded) and wants_page:
        return RedirectResponse("/account", 303, dict(SECURITY_HEADERS) | {"cache-control": "no-store"})
    details = describe(error, path, reference)
    headers = dict(SECURITY_HEADERS) | {"cache-control": "no-store"}
    if isinstance(error, HTTPException) and error.headers:
        headers |= {name.lower(): value for name, value in error.headers.items()}
    if problem.status == 401:
        headers["www-authenticate"] = 'Bearer realm="gridpatrol"'
    if problem.retry_after_s is not None:
        headers["retry-after"] = str(problem.retry_after_s)
    if isinstance(error, SignInLocked | TooManyCalls):
        headers["retry-after"] = str(error.wait_s)
    if problem.status in CLOSED_AFTER_ANSWER:
        headers["connection"] = "close"
    if wants_page:
        return Response(render_page(request, details), problem.status, headers, "text/html; charset=utf-8")
    return Response(details.model_dump_json(exclude_none=True), problem.status, headers, MEDIA_TYPE)


def _wants_page(request: Request) -> bool:
    """A person's browser asked for a page of the desk."""
    if request.url.path.startswith(("/api/", "/healthz", "/readyz", "/metrics", "/openapi.json")):
        return False
    return "text/html" in request.headers.get("accept", "")
