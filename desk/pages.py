"""Every page of the desk in one place, for the api room to mount.

What the api room does for each: ask the store, call one function here, answer with the text as ``text/html``.
When the query carries ``lang``, it also sets the cookie ``LANGUAGE_COOKIE`` to the chosen language
(``choose_language(query.get("lang"), cookies.get(LANGUAGE_COOKIE))``). The close form posts, as
``application/x-www-form-urlencoded``, the fields ``csrf_token``, ``reason``, ``note`` and ``expected_version`` to
``/cases/{id}/close`` and expects a redirect (303) to ``/cases/{id}``; the sign-out form posts ``csrf_token`` to
``/logout``. The login form posts ``login``, ``password``, ``code`` and ``csrf_token`` to ``/login``, or asks
``GET /login?token=...``; the account's forms post below ``/account``, a sealed picture's to ``/originals/{sha256}``.
Scripts read
``/api/v1/events`` and load the page they are on again.
"""

from desk.account_page import (
    NOTHING_ASKED,
    AccountView,
    Asked,
    FactorView,
    SessionRow,
    SignInFailure,
    render_account,
    render_sign_in,
)
from desk.camera_page import render_cameras_page
from desk.case_list import render_case_list
from desk.case_page import render_case_page
from desk.cell_facts import CellFacts
from desk.plain_pages import render_error
from desk.visitor import LANGUAGE_COOKIE, LANGUAGE_PARAMETER, Language, Visitor, choose_language

__all__ = [
    "LANGUAGE_COOKIE",
    "LANGUAGE_PARAMETER",
    "NOTHING_ASKED",
    "AccountView",
    "Asked",
    "CellFacts",
    "FactorView",
    "Language",
    "SessionRow",
    "SignInFailure",
    "Visitor",
    "choose_language",
    "render_account",
    "render_cameras_page",
    "render_case_list",
    "render_case_page",
    "render_error",
    "render_sign_in",
]
