"""GB/T 28181 codes, and the address of one channel behind a gateway: ``wvp://gateway/device/channel``."""

import re
from dataclasses import dataclass
from typing import Self

WVP_SCHEME = "wvp"
CODE_LENGTH = 20

_GATEWAY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_WITHOUT_PICTURE = {
    "114": "a decoder",
    "115": "a video matrix",
    "116": "an audio matrix",
    "117": "an alarm controller",
    "133": "a monitor",
    "134": "an alarm input",
    "135": "an alarm output",
    "136": "a microphone",
    "137": "a loudspeaker",
    "140": "an alarm output",
    "141": "a barrier gate",
    "142": "a door",
    "143": "a credential reader",
    "215": "a business group",
    "216": "a virtual organisation",
}
"""Type codes of annex D (codes of rule A) that name something without a picture of its own."""
_CAMERAS = frozenset({"131", "132"})


@dataclass(frozen=True, slots=True)
class GbCode:
    """A code of rule A: centre (8 digits), industry (2), type (3), network (1), serial (6)."""

    text: str

    @classmethod
    def of(cls, text: str) -> Self:
        """
        Raises:
            ValueError: the text is not 20 digits.
        """
        if len(text) != CODE_LENGTH or not (text.isascii() and text.isdigit()):
            shown = text if len(text) <= 2 * CODE_LENGTH and text.isascii() and text.isalnum() else "it"
            raise ValueError(f"a GB/T 28181 code has {CODE_LENGTH} digits, {shown} has not; copy it from the gateway")
        return cls(text)

    @property
    def type_code(self) -> str:
        """Digits 11 to 13: 132 is a network camera, 118 a recorder, 200 a platform."""
        return self.text[10:13]

    @property
    def pictureless(self) -> str | None:
        """What it is, if the standard gives its type no picture; users and servers among them."""
        if self.type_code in _WITHOUT_PICTURE:
            return _WITHOUT_PICTURE[self.type_code]
        if self.type_code[0] == "2":
            return "a platform or server"
        return "a user" if self.type_code[0] in "34" else None

    @property
    def is_camera(self) -> bool:
        return self.type_code in _CAMERAS

    def __str__(self) -> str:
        return self.text


def carries_video(text: str) -> bool:
    """Whether a channel with this code can be looked at; a code that is none can not."""
    try:
        return GbCode.of(text).pictureless is None
    except ValueError:
        return False


@dataclass(frozen=True, slots=True, order=True)
class ChannelAddress:
    """One channel of one device behind a named gateway; holds no secret."""

    gateway: str
    device: str
    channel: str

    @classmethod
    def of(cls, url: str) -> Self:
        """
        Raises:
            ValueError: not ``wvp://gateway/device/channel`` with codes of the standard; never repeats a user name
                or password that somebody put there.
        """
        mend = "write wvp://gateway/device/channel, where gateway is a [gateways.NAME] section"
        scheme, separator, rest = url.partition("://")
        if scheme.lower() != WVP_SCHEME or not separator:
            raise ValueError(f"not an address behind a gateway; {mend}")
        if "@" in rest or "?" in rest or "#" in rest:
            raise ValueError(f"a wvp:// address carries no user name, password or query; {mend}")
        parts = rest.removesuffix("/").split("/")
        if len(parts) != 3:
            raise ValueError(f"a wvp:// address has three parts, not {len(parts)}; {mend}")
        gateway, device, channel = parts
        check_gateway_name(gateway)
        GbCode.of(device)
        pictureless = GbCode.of(channel).pictureless
        if pictureless is not None:
            raise ValueError(
                f"{channel} is {pictureless} (type {channel[10:13]}) and has no picture; name a camera's channel"
            )
        return cls(gateway, device, channel)

    @property
    def url(self) -> str:
        return f"{WVP_SCHEME}://{self.gateway}/{self.device}/{self.channel}"

    @property
    def stream(self) -> str:
        """How the gateway names the channel's stream."""
        return f"{self.device}_{self.channel}"


def check_gateway_name(name: str) -> None:
    """
    Raises:
        ValueError: the name cannot stand in an address.
    """
    if not _GATEWAY_NAME.fullmatch(name):
        raise ValueError("a gateway's name has letters, digits, - and _ only, at most 40, e.g. [gateways.city]")
