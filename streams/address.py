"""Where a feed is, with what must stay secret taken off."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from streams.gb_codes import WVP_SCHEME, ChannelAddress
from streams.redaction import MASK, SECRET_QUERY_KEY

LIVE_SCHEMES = ("rtsp", "rtsps", "rtmp", "rtmps", "http", "https")
TLS_SCHEMES = ("rtsps", "rtmps", "https")
DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322, "rtmp": 1935, "rtmps": 443, "http": 80, "https": 443}


_UNSEEN = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060\xa0"
"""What comes along unseen when an address is copied out of a chat or a table."""
_FULL_WIDTH = frozenset("：／＠？＃＆＝．。")
"""What a Chinese keyboard writes in place of an address's signs."""
_LIKE_A_STREAM = re.compile(
    rf"(?:{'|'.join(LIVE_SCHEMES)})\s*(?:[:：;；][/／\\]|[/／]{{2}})|[^/\s]+[:：][^/\s]*[@＠]\d+\.\d+\.\d+\.\d+",
    re.IGNORECASE,
)
_HOST_AGAIN = re.compile(r"@(?:\d+\.\d+\.\d+\.\d+|\[[0-9a-fA-F:.]+\]|[\w.-]+:\d+)(?:[:/?]|$)")
_SECRET_IN_PATH = re.compile(
    r"(?<=[/&_;])(?P<key>password|passwd|pwd|psw)=(?P<value>(?:(?!_channel=|_stream=)[^&/?;])+)", re.IGNORECASE
)
"""``/user=admin&password=…&channel=1&stream=0.sdp`` and the same with ``_``, as the cameras of Xiongmai have it."""


@dataclass(frozen=True, slots=True, repr=False)
class SplitAddress:
    """A URL in parts; only ``url`` may be shown."""

    url: str
    username: str | None
    password: str | None
    secret_query: str | None


def split_address(url: str) -> SplitAddress:
    """Take user name, password and secret query values off a URL.

    A password in the path leaves ``***`` there, and is the secret query's, by its name.

    Raises:
        ValueError: the address cannot be understood; the text never repeats it, for it may hold a password.
    """
    url = url.strip().strip(_UNSEEN).strip()
    if "://" not in url:
        if _LIKE_A_STREAM.match(url):
            mend = "write rtsp://host[:port]/path with the half-width signs : / @"
            raise ValueError(f"the address looks like a stream's, and has no scheme:// that can be read; {mend}")
        return SplitAddress(url, None, None, None)
    scheme, _, rest = url.partition("://")
    scheme = scheme.lower()
    if scheme == "file":
        return SplitAddress(url, None, None, None)
    if scheme == WVP_SCHEME:
        return SplitAddress(ChannelAddress.of(url).url, None, None, None)
    if scheme not in LIVE_SCHEMES:
        known = ", ".join(f"{name}://" for name in (*LIVE_SCHEMES, WVP_SCHEME))
        raise ValueError(f"the scheme {scheme}:// is not known; use a file's or folder's path, file://, {known}")
    cut = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    authority, path = rest[:cut], rest[cut:]
    user_info, at_sign, host = authority.rpartition("@")
    # Behind ? or # no host can follow any more; behind / it may be a path's own, unless it names a host again.
    looks_cut = "@" in path and (not at_sign or path[0] in "?#" or _HOST_AGAIN.search(path) is not None)
    _require_host(scheme, host, looks_cut)
    username, has_password, password = user_info.partition(":")
    path, secret_query = _split_query(path)
    path, secret_query = _split_path(path, secret_query)
    return SplitAddress(
        f"{scheme}://{host}{path}",
        unquote(username) or None,
        unquote(password) if has_password else None,
        secret_query,
    )


def with_secrets_apart(section: Any) -> Any:
    """A section of settings in which what is secret of its ``url`` has keys of its own; anything else as it is.

    Raises:
        ValueError: the address cannot be understood, or a part of it is given a second time beside it.
    """
    if not isinstance(section, Mapping) or not isinstance(section.get("url"), str):
        return section
    split = split_address(section["url"])
    parts = {"username": split.username, "password": split.password, "secret_query": split.secret_query}
    found = {name: value for name, value in parts.items() if value is not None}
    for name in found:
        if section.get(name) is not None:
            raise ValueError(f"{name} is given twice, in the url and as {name}; take it out of the url")
    return {**section, **found, "url": split.url}


def require_whole_login(username: str | None, password: object | None, password_env: str | None) -> None:
    """
    Raises:
        ValueError: two passwords, or one that is nobody's.
    """
    if password is not None and password_env is not None:
        raise ValueError("password and password_env are both given; keep password_env")
    if (password is not None or password_env is not None) and username is None:
        raise ValueError("a password without a username; add username")


def join_address(url: str, username: str | None, password: str | None, secret_query: str | None) -> str:
    """The whole URL again, for the library that connects; never to be logged."""
    scheme, _, rest = url.partition("://")
    rest, secret_query = _join_path(rest, password, secret_query)
    if username is not None:
        user_info = quote(username, safe="")
        if password is not None:
            user_info += ":" + quote(password, safe="")
        rest = f"{user_info}@{rest}"
    if secret_query:
        rest += ("&" if "?" in rest else "?") + secret_query
    return f"{scheme}://{rest}"


def host_and_port(url: str) -> tuple[str, int]:
    """Where a live feed's server should listen."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme]


def _split_path(path: str, secret_query: str | None) -> tuple[str, str | None]:
    """The path with ``***`` for its passwords, and these among the secrets."""
    before, mark, query = path.partition("?")
    found = [f"{one['key']}={one['value']}" for one in _SECRET_IN_PATH.finditer(before) if one["value"] != MASK]
    shown = _SECRET_IN_PATH.sub(lambda one: f"{one['key']}={MASK}", before)
    return shown + mark + query, "&".join([*found, *([secret_query] if secret_query else [])]) or None


def _join_path(rest: str, password: str | None, secret_query: str | None) -> tuple[str, str | None]:
    """The path with its passwords again, and what is left for the query; without one of its own, the camera's."""
    pairs = secret_query.split("&") if secret_query else []

    def filled(one: re.Match[str]) -> str:
        if one["value"] != MASK:
            return one[0]
        mine = next((pair for pair in pairs if pair.partition("=")[0] == one["key"]), None)
        if mine is not None:
            pairs.remove(mine)
        return mine or f"{one['key']}={MASK if password is None else quote(password, safe='')}"

    before, mark, query = rest.partition("?")
    before = _SECRET_IN_PATH.sub(filled, before)
    return before + mark + query, "&".join(pairs) or None


def _require_host(scheme: str, host: str, looks_cut: bool) -> None:
    if _FULL_WIDTH & set(host):
        raise ValueError(f"the {scheme}:// address has full-width signs (：／＠．); write them half-width (: / @ .)")
    mend = "percent-encode / ? # @ : in the user name or password (/ is %2F), or give username and password_env instead"
    try:
        parts = urlsplit(f"{scheme}://{host}")
        port = parts.port
    except ValueError:
        raise ValueError(f"the host and port of the {scheme}:// address cannot be read; {mend}") from None
    if looks_cut:
        raise ValueError(f"the {scheme}:// address has an @ behind its host; {mend}")
    if not parts.hostname:
        raise ValueError(f"the {scheme}:// address names no host; write {scheme}://host[:port]/path")
    if port == 0:
        raise ValueError(f"port 0 of the {scheme}:// address cannot be reached; give the camera's port")


def _split_query(path: str) -> tuple[str, str | None]:
    """Path with its harmless query, and the secret part of the query."""
    before, mark, query = path.partition("?")
    if not mark:
        return path, None
    pairs = query.split("&")
    secret = [pair for pair in pairs if SECRET_QUERY_KEY.match(pair.partition("=")[0])]
    open_pairs = [pair for pair in pairs if pair not in secret]
    return before + ("?" + "&".join(open_pairs) if open_pairs else ""), "&".join(secret) or None
