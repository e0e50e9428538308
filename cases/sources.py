"""Where word of a violation comes from."""

from enum import StrEnum


class Source(StrEnum):
    """One of the ways a case is heard of; its two digits stand in the case number."""

    VIDEO_AI = "video_ai"
    """视频智能: a fixed camera and the model."""
    VIDEO_SEAT = "video_seat"
    """视频坐席: a person at the desk saw it in a picture."""
    MOBILE_VIDEO = "mobile_video"
    """移动视频: a vehicle's camera."""
    HOTLINE = "hotline"
    """热线 12319/12345."""
    CITIZEN = "citizen"
    """市民: Open311."""
    ASSESSMENT = "assessment"
    """考核: an inspection for marks."""
    UPPER = "upper"
    """上级平台."""

    @property
    def digits(self) -> str:
        return _DIGITS[self]


_DIGITS = {source: f"{number:02d}" for number, source in enumerate(Source, start=1)}
