"""Where somebody who signs in goes on: the page of this desk that they asked for, and never another site."""

from urllib.parse import quote

from starlette.requests import Request

LONGEST = 1000
NOT_PAGES = ("/login", "/logout", "/api/", "/static/", "/open311/")
FIELD = "next"


def way_back(asked: str) -> str:
    """The path and query, where they are a page of the desk; else empty.

    ``//host`` and ``/\\host`` lead to other sites, and browsers drop tabs and line ends before they look.
    """
    is_here = asked.startswith("/") and not asked.startswith(("//", "/\\")) and not asked.startswith(NOT_PAGES)
    if not is_here or asked == "/" or len(asked) > LONGEST:
        return ""
    return asked if asked.isascii() and asked.isprintable() and "\\" not in asked else ""


def door_to(request: Request) -> str:
    """The address of the sign-in page that leads back to what was asked for; a form that was sent is not sent again."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    back = way_back(quote(asked, safe="/?&=%+:,;@~!*'()")) if request.method == "GET" else ""
    return with_way_back("/login", back)


def with_way_back(path: str, back: str) -> str:
    return f"{path}?{FIELD}={quote(back, safe='/')}" if back else path
