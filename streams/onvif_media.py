"""A camera's profiles and stream addresses over ONVIF."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

from core.errors import PatrolError
from streams.address import split_address
from streams.gateways.faults import Trouble
from streams.onvif_discovery import missing_extra
from streams.redaction import redact

_SETUP = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
_MOST_PROFILES = 64
_NOT_IN = ("notauthorized", "not authorized", "unauthorized", "authority failure", "401")


class OnvifError(PatrolError):
    """A camera that does not tell its profiles; the text names it and the mend."""

    def __init__(self, place: str, trouble: Trouble, message: str) -> None:
        super().__init__(f"{place}: {message}")
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class OnvifProfile:
    """One stream that the camera offers; its address holds no password."""

    token: str
    name: str
    encoding: str
    width_px: int | None
    height_px: int | None
    fps: float | None
    url: str
    """Ready for ``url`` of a camera's section; user name and password go beside it."""


@dataclass(frozen=True, slots=True)
class OnvifCamera:
    """What a camera says of itself."""

    host: str
    manufacturer: str
    model: str
    serial: str
    profiles: tuple[OnvifProfile, ...]
    """Largest picture first: the first is the main stream, the last the sub-stream."""


def ask_camera(
    host: str, port: int = 80, username: str = "", password: str = "", timeout_s: float = 10.0
) -> OnvifCamera:
    """Log in and read every profile's RTSP address, all of it within ``timeout_s``.

    Raises:
        OnvifError: away, slow, password refused, or not ONVIF.
        ConfigError: the extra is not installed.
    """
    try:
        import aiohttp
        import zeep.exceptions
        from onvif import ONVIFError
    except ImportError as error:
        raise missing_extra() from error
    # These write whole messages at DEBUG, and some cameras put their password into an answer.
    for name in ("onvif", "zeep"):
        logging.getLogger(name).setLevel(logging.WARNING)
    place = f"{host}:{port}"
    fault: OnvifError
    try:
        return asyncio.run(asyncio.wait_for(_read(host, port, username, password), timeout_s))
    except TimeoutError:
        fault = OnvifError(place, Trouble.SLOW, f"no answer within {timeout_s:g} s; mend: check the host and its load")
    except (zeep.exceptions.Fault, ONVIFError) as error:
        fault = _fault(place, str(error), (username, password))
    except aiohttp.ClientResponseError as error:
        fault = _fault(place, str(error.status), ())
    except (aiohttp.ClientError, OSError):
        fault = OnvifError(place, Trouble.AWAY, "does not answer; mend: check that it is on, --port and the firewall")
    except (zeep.exceptions.Error, ValueError, KeyError, AttributeError, TypeError) as error:
        what = type(error).__name__
        fault = OnvifError(place, Trouble.CONFUSED, f"does not answer as ONVIF does ({what}); mend: check --port")
    raise fault  # outside the except block: the library's texts may hold what was sent


async def _read(host: str, port: int, username: str, password: str) -> OnvifCamera:
    from onvif import ONVIFCamera

    camera = ONVIFCamera(host, port, username or None, password or None, adjust_time=True, no_cache=True)
    try:
        await camera.update_xaddrs()
        management = await camera.create_devicemgmt_service()
        facts = await management.GetDeviceInformation()
        media = await camera.create_media_service()
        profiles = []
        for profile in list(await media.GetProfiles())[:_MOST_PROFILES]:
            answer = await media.GetStreamUri({"StreamSetup": _SETUP, "ProfileToken": profile.token})
            found = _profile(profile, str(answer.Uri))
            if found is not None:
                profiles.append(found)
    finally:
        await camera.close()
    profiles.sort(key=lambda found: (-(found.width_px or 0) * (found.height_px or 0), found.token))
    return OnvifCamera(
        host, _word(facts, "Manufacturer"), _word(facts, "Model"), _word(facts, "SerialNumber"), tuple(profiles)
    )


def _profile(profile: Any, uri: str) -> OnvifProfile | None:
    """The library's profile as our own value; None without a stream address that can be read."""
    if not uri.strip().startswith(("rtsp://", "rtsps://")):
        return None
    try:
        url = split_address(uri).url
    except ValueError:
        return None
    encoder = getattr(profile, "VideoEncoderConfiguration", None)
    size = getattr(encoder, "Resolution", None)
    rate = getattr(getattr(encoder, "RateControl", None), "FrameRateLimit", None)
    return OnvifProfile(
        _word(profile, "token"),
        _word(profile, "Name"),
        _word(encoder, "Encoding"),
        _number(size, "Width"),
        _number(size, "Height"),
        float(rate) if isinstance(rate, (int, float)) else None,
        url,
    )


def _fault(place: str, said: str, secrets: tuple[str, ...]) -> OnvifError:
    if any(word in said.lower() for word in _NOT_IN):
        return OnvifError(
            place,
            Trouble.AUTH,
            "refuses user name and password; mend: check --username and --password-env, and that the "
            "camera has an ONVIF user of that name",
        )
    told = redact(said.replace("\n", " ")[:120], secrets)
    return OnvifError(place, Trouble.REFUSED, f"refuses ({told}); mend: check its ONVIF settings")


def _word(value: Any, name: str) -> str:
    text = getattr(value, name, None)
    return "" if text is None else "".join(c if c.isprintable() else " " for c in str(text))[:100]


def _number(value: Any, name: str) -> int | None:
    number = getattr(value, name, None)
    return number if isinstance(number, int) else None
