"""The ``[api.wall]`` section of the settings: what looking at cameras may cost."""

from pydantic import BaseModel, ConfigDict, Field


class WallSettings(BaseModel):
    """Bounds of the pictures that the API holds for whoever watches; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cameras: int = Field(64, ge=1, le=1000, description="cameras that are watched at once, whoever watches")
    picture_bytes: int = Field(256 * 1024, ge=16 * 1024, description="largest picture that a worker may send, bytes")
    live_clients: int = Field(16, ge=1, le=500, description="live views served at once; one more waits")
