"""Where the service is and what it speaks."""

from api.open311.calls import Call
from api.open311.documents import Document
from api.open311.services import changeset

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"


def discovery(call: Call) -> Document:
    settings = call.rooms.settings.open311
    changed = changeset(call)
    endpoint = {
        "specification": SPECIFICATION,
        "url": call.endpoint,
        "changeset": changed,
        "type": "production",
        "formats": ["text/xml", "application/json"],
    }
    row = {
        "changeset": changed,
        "contact": settings.contact or None,
        "key_service": settings.key_service or None,
        "endpoints": [endpoint],
    }
    return Document("discovery", None, (row,))
