"""The configuration as it may lie in a backup: every secret taken out, the rest as it was written."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from core.errors import ConfigError

TAKEN_OUT = "***taken out by gridpatrol backup***"
SECRET_NAME = r"(?:[\w-]*(?:password|passwd|secret|token|api_key|apikey|private)[\w-]*)"  # noqa: S105 - a pattern
_NAMES_A_PLACE = ("_env", "_file", "_s", "_hours")
"""Such keys say where a secret is, or how long one lasts; they hold none."""
_TEXT = r'"""[\s\S]*?"""|' + r"'''[\s\S]*?'''|" + r'"(?:\\.|[^"\\\n])*"|' + r"'[^'\n]*'"
_ASSIGNED = re.compile(rf"""(?P<key>(?<![\w-])["']?{SECRET_NAME}["']?)(?P<is>\s*=\s*)(?P<value>{_TEXT})""")
_IN_ADDRESS = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)[^/\s\"'@]*@", re.IGNORECASE)
_IN_QUERY = re.compile(rf"(?P<key>[?&]{SECRET_NAME}=)[^&\"'\s]*", re.IGNORECASE)


def without_secrets(text: str) -> str:
    """TOML text with passwords, keys and the like replaced.

    Raises:
        ConfigError: it is no TOML, or something secret would stay.
    """
    try:
        tomllib.loads(text)  # so that a fault is told before anything is looked for
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"the configuration is no TOML ({error}); mend it, then back up") from error
    cleaned = _IN_QUERY.sub(rf"\g<key>{TAKEN_OUT}", _IN_ADDRESS.sub(r"\g<scheme>", _ASSIGNED.sub(_blank, text)))
    try:
        after = tomllib.loads(cleaned)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError("a secret in the configuration cannot be taken out; write each on one line") from error
    kept = {key for key, value in _secrets_in(after) if value != TAKEN_OUT}
    if kept:
        raise ConfigError(f"the secret {sorted(kept)[0]} cannot be taken out; write it on one line, then back up")
    return cleaned


def config_copies(path: Path) -> dict[str, str]:
    """The configuration file and the camera files that it names: file name -> text without secrets.

    Raises:
        ConfigError: one cannot be read, or a secret would stay.
    """
    text = _read(path)
    copies = {path.name: without_secrets(text)}
    for name in tomllib.loads(text).get("camera_files", ()):
        file = path.resolve().parent / str(name)
        copies[file.name if file.name not in copies else f"cameras-{len(copies)}.toml"] = without_secrets(_read(file))
    return copies


def _blank(match: re.Match[str]) -> str:
    key = match["key"].strip("\"'")
    if key.endswith(_NAMES_A_PLACE):
        return match[0]
    return f'{match["key"]}{match["is"]}"{TAKEN_OUT}"'


def _secrets_in(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _secrets_in(each, str(name))
    elif isinstance(value, list):
        for each in value:
            yield from _secrets_in(each, key)
    elif isinstance(value, str) and re.fullmatch(SECRET_NAME, key) and not key.endswith(_NAMES_A_PLACE):
        yield key, value


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}; mend the file or its rights") from error
