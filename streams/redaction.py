"""Takes secrets out of any text before somebody can read it."""

import re
from collections.abc import Iterable
from urllib.parse import quote

MASK = "***"
SECRET_QUERY_KEY = re.compile(
    r"^(.*[_.-])?(token|key|apikey|password|passwd|pwd|pass|psw|loginpas|secret|auth|sig|sign|signature|credential|session)$",
    re.IGNORECASE,
)

_USER_INFO = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)[^\s/'\"<>]*@")
_QUERY_PAIR = re.compile(r"(?P<key>[?&;][A-Za-z0-9_.-]+)=(?P<value>[^&;\s'\"<>]+)")


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without user names and passwords in URLs, secret-looking query values, and ``secrets``.

    Args:
        secrets: passwords known to the caller; each is masked as it is and as it looks inside a URL.
    """
    for secret in sorted({form for known in secrets if known for form in (known, quote(known, safe=""))}, key=len):
        text = text.replace(secret, MASK)
    text = _USER_INFO.sub(rf"\g<scheme>{MASK}@", text)
    return _QUERY_PAIR.sub(_masked_pair, text)


def _masked_pair(pair: re.Match[str]) -> str:
    key = pair["key"]
    return f"{key}={MASK}" if SECRET_QUERY_KEY.match(key[1:]) else pair[0]
