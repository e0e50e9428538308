"""An incident on its way to the API: its words and its pictures."""

from collections.abc import Callable, Mapping
from hashlib import sha256

from core.clock import isoformat_z
from core.detections import Detection, ModelRef
from core.geometry import Box, Point
from core.ids import CategoryId
from detector.evidence import EvidencePictures, render_clearing, render_evidence
from detector.masking import MaskPicture, mask_picture
from grid.incidents import IncidentEvent
from models.probability import ConfidenceMap
from patrol.outbox import Message
from streams.frames import Image


def message_of(
    event: IncidentEvent,
    image: Image,
    detections: tuple[Detection, ...],
    model: ModelRef,
    worker_id: str,
    probability: Mapping[CategoryId, ConfidenceMap],
    mask: MaskPicture = mask_picture,
    ground: Callable[[Box], Point | None] | None = None,
    is_mobile: bool = False,
) -> Message:
    """
    Args:
        image: the picture of the look that caused the event.
        detections: all that was found in it.
        probability: how likely a confidence of the model is right, where it was measured.
        mask: hides faces and plates in what is shown.
        ground: where a box stands, lon/lat; None where the view tells no place.
        is_mobile: a vehicle's camera looked; the case counts it apart from fixed cameras.
    """
    pictures: dict[str, bytes] = {}
    evidence: dict[str, str] | None = None
    caption = f"{event.camera_id}  {isoformat_z(event.at)}"
    rendered: EvidencePictures | None = None
    if event.boxes:
        of_incident = tuple(d for d in detections if d.category == event.category and d.box in event.boxes)
        rendered = render_evidence(image, of_incident, caption, mask)
    elif event.last_boxes:
        rendered = render_clearing(image, event.category, event.last_boxes, caption, mask)
    if rendered is not None:
        named = {"original": rendered.original, "annotated": rendered.annotated, "crop": rendered.crop}
        evidence = {name: sha256(jpeg).hexdigest() for name, jpeg in named.items()}
        pictures = {evidence[name]: jpeg for name, jpeg in named.items()}
    body: dict[str, object] = {
        "incident_id": event.incident_id,
        "sequence": event.sequence,
        "kind": event.kind.value,
        "camera_id": event.camera_id,
        "view_id": event.view_id,
        "cell_id": event.cell_id,
        "category": event.category,
        "at": isoformat_z(event.at),
        "first_seen_at": isoformat_z(event.first_seen_at),
        "last_seen_at": isoformat_z(event.last_seen_at),
        "object_count": event.object_count,
        "confidence": round(event.confidence, 4),
        "boxes": [[round(value, 2) for value in box.as_xyxy()] for box in event.boxes],
        "model": {"name": model.name, "sha256": model.sha256},
        "evidence": evidence,
        "worker_id": worker_id,
    }
    told_by = probability.get(event.category)
    if told_by is not None and event.boxes:  # a cleared event's confidence may be another model's
        body["probability"] = round(told_by.probability_of(event.confidence), 4)
    places = [ground(box) for box in event.boxes] if ground is not None else []
    if places and None not in places:  # one for each box, or none: what stands nowhere may stand outside
        body["places"] = [[round(place.x, 7), round(place.y, 7)] for place in places if place is not None]
    if is_mobile:
        body["source"] = "mobile_video"
    return Message(event.idempotency_key, body, pictures)
