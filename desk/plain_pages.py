"""The page of what went wrong."""

import re
from dataclasses import replace
from http import HTTPStatus

from desk.render import render
from desk.visitor import Visitor
from desk.words import PHRASES

COMMAND_ON_CASE = re.compile(r"(/cases/[^/?]+)/[a-z]+")


def render_error(status: int, detail: str, visitor: Visitor) -> str:
    """A page for a refused or failed request.

    Args:
        status: HTTP status, e.g. 404.
        detail: the sentence of the error, as ``core.errors`` words it; shown escaped.
        visitor: who asked; after a refused command on a case the way back leads to that case.
    """
    key = f"error.{status}"
    command = COMMAND_ON_CASE.fullmatch(visitor.url)
    back = command.group(1) if command else "/"
    return render(
        "error.html",
        # A command cannot be asked for again as a page, so the language links lead to where the way back does.
        replace(visitor, url=back) if command else visitor,
        status=status,
        detail="" if _is_bare(status, detail) else detail,
        title_key=key if key in PHRASES else "error.other",
        back_href=back,
        back_key="error.back.case" if command else "error.back",
    )


def _is_bare(status: int, detail: str) -> bool:
    """Whether the detail is only the status in HTTP's own words: the heading says it in the visitor's."""
    return status in list(HTTPStatus) and detail == HTTPStatus(status).phrase
