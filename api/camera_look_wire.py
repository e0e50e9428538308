"""A look at a camera's feed as it crosses HTTP: what to open, what was seen, what it means in words."""

import base64
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from api.wire import PLAIN_TEXT, Identifier, Moment, WireModel
from desk.probe_words import PROBE_PHRASES, mend_key
from desk.tongue import Words
from streams.snapshot import Snapshot

LONG_GOP_S = 5.0
EXAMPLE_LOOK: dict[str, Any] = {"url": "/var/lib/gridpatrol/clips/example.mp4"}
Address = Annotated[str, Field(min_length=1, max_length=1000, pattern=PLAIN_TEXT)]


class SaidWire(WireModel):
    """One thing in words."""

    zh: str
    en: str

    @classmethod
    def of(cls, words: Words, **values: object) -> "SaidWire":
        return cls(zh=words.zh.format(**values), en=words.en.format(**values))


class LookWire(WireModel):
    """What to look at."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_LOOK]})

    url: Address | None = Field(None, description="left out: the camera's own address")
    camera_id: Identifier | None = Field(
        None, description="a camera whose kept user and password are used, where host and user stay the same"
    )
    kind: Literal["auto", "file", "folder", "live"] | None = None
    username: Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")] | None = None
    password: Annotated[str, Field(max_length=1000, pattern=r"^[^\x00]*$")] | None = Field(
        None, description="used for this look and kept nowhere", repr=False
    )
    transport: Literal["tcp", "udp"] | None = None
    picture: bool = Field(False, description="send the picture along, at most 640 pixels wide")

    def asked(self) -> dict[str, Any]:
        """The keys of a camera's section that were given."""
        given = self.model_dump(exclude={"camera_id", "picture"}, exclude_none=True)
        return {name: value for name, value in given.items() if value != ""}


class LookAnswerWire(WireModel):
    """What a look found."""

    answers: bool
    address: str | None = Field(None, description="without user and password")
    codec: str | None = None
    width_px: int | None = None
    height_px: int | None = None
    fps: float | None = None
    gop_s: float | None = None
    gop_frames: int | None = None
    first_picture_s: float | None = None
    error_kind: str | None = Field(None, examples=["auth"])
    error: str | None = None
    said: tuple[SaidWire, ...] = Field(description="what it means, and what to do")
    picture_jpeg: str | None = Field(None, description="base64")
    taken_at: Moment | None = Field(None, description="of a picture that is kept")

    @classmethod
    def of(cls, found: Snapshot, with_picture: bool, taken_at: Moment | None = None) -> "LookAnswerWire":
        facts = found.facts
        return cls(
            answers=True,
            address=facts.address,
            codec=facts.codec,
            width_px=facts.width_px,
            height_px=facts.height_px,
            fps=facts.fps,
            gop_s=facts.gop_s,
            gop_frames=facts.gop_frames,
            first_picture_s=facts.first_picture_s,
            said=tuple(_said_of(found)),
            picture_jpeg=base64.b64encode(found.jpeg).decode() if with_picture else None,
            taken_at=taken_at,
        )

    @classmethod
    def of_fault(cls, kind: str, text: str) -> "LookAnswerWire":
        said = (SaidWire.of(PROBE_PHRASES["probe.fails"]), SaidWire.of(PROBE_PHRASES[mend_key(kind)]))
        return cls(answers=False, error_kind=kind, error=text, said=said)


def _said_of(found: Snapshot) -> list[SaidWire]:
    facts = found.facts
    said = [
        SaidWire.of(PROBE_PHRASES["probe.answers"]),
        SaidWire.of(PROBE_PHRASES["probe.answers.in"], seconds=f"{facts.first_picture_s:.1f}"),
    ]
    if facts.fps is not None:
        said.append(SaidWire.of(PROBE_PHRASES["probe.fps"], fps=f"{facts.fps:.1f}"))
    if facts.gop_s is None:
        said.append(SaidWire.of(PROBE_PHRASES["probe.gop.one"]))
    else:
        frames = "?" if facts.gop_frames is None else facts.gop_frames
        said.append(SaidWire.of(PROBE_PHRASES["probe.gop"], seconds=f"{facts.gop_s:.1f}", frames=frames))
        if facts.gop_s > LONG_GOP_S:
            said.append(SaidWire.of(PROBE_PHRASES["probe.gop.long"]))
    return said
