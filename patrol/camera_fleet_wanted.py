"""A camera as somebody wants it, whoever keeps it: the configuration file, or the API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from core.ids import CameraId
from patrol.key_faults import explain
from patrol.settings import CameraSettings
from streams.redaction import redact
from streams.sealing import Sealer, SealError, purpose_of


@dataclass(frozen=True, slots=True)
class WantedCamera:
    """One camera of a worker; without ``settings`` it cannot be patrolled, and ``fault`` says why."""

    camera_id: CameraId
    kept_in: str
    """The configuration file's name; empty: the API's own."""
    name: str
    address: str
    settings: CameraSettings | None = None
    fault: str = ""

    @property
    def is_on(self) -> bool:
        return self.settings is not None and self.settings.enabled


@dataclass(frozen=True, slots=True)
class KeptCamera:
    """A camera as the API tells its worker of it."""

    camera_id: CameraId
    section: Mapping[str, Any]
    """As in the configuration file, without secrets."""
    enabled: bool
    sealed: Mapping[str, str] = field(default_factory=dict, repr=False)


def wanted_here(camera: CameraSettings, kept_in: str = "") -> WantedCamera:
    """A camera of the configuration."""
    return WantedCamera(camera.id, kept_in, camera.name, camera.address, camera)


def wanted_from(kept: KeptCamera, sealer: Sealer) -> WantedCamera:
    """A camera of the API, its secrets opened; one that cannot be opened or read costs its own slot only."""
    settings: CameraSettings | None = None
    fault = ""
    try:
        purpose = purpose_of(kept.camera_id, kept.section) if kept.sealed else ""
        secrets = {name: sealer.unseal(text, purpose) for name, text in kept.sealed.items()}
        settings = CameraSettings.model_validate({**kept.section, **secrets, "enabled": kept.enabled})
    except SealError as error:
        fault = str(error)
    except ValidationError as error:
        fault = "; ".join(explain(error, CameraSettings))
    except (KeyError, ValueError) as error:
        fault = f"its url cannot be read ({type(error).__name__}); mend: change it over the API"
    name, url = kept.section.get("name", ""), kept.section.get("url", "")
    return WantedCamera(kept.camera_id, "", str(name)[:200], redact(str(url))[:1000], settings, fault)
