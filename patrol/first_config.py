"""The configuration that `gridpatrol up` writes where there is none: everything else is made on the desk."""

from importlib.resources import files
from pathlib import Path

from core.errors import ConfigError
from patrol.settings import CONFIG_NAME

FIRST_PORT = 8650


def lay_out_first(config: Path, port: int = FIRST_PORT) -> bool:
    """Write a first configuration; True when that was done.

    Only for the usual name in the present folder: another path that does not exist was mistyped.

    Raises:
        ConfigError: the folder cannot be written to.
    """
    if config != Path(CONFIG_NAME) or config.exists():
        return False
    text = (files("patrol") / "templates" / "first.toml").read_text(encoding="utf-8")
    try:
        config.write_text(text.replace(f"port = {FIRST_PORT}", f"port = {port}"), encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"{config}: cannot be written ({error.strerror}); start it in a folder of your own"
        ) from error
    return True
