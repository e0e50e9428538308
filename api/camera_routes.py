"""Cameras: workers tell, people and programs look."""

from fastapi import APIRouter

from api.callers import Reader, Worker
from api.camera_wire import CameraListWire, CameraReportWire, CameraWire, WorkerNoticeWire
from api.openapi_answers import refusals
from api.rooms import RoomsDep

router = APIRouter(prefix="/api/v1/cameras", tags=["cameras"])


@router.get("", summary="Every camera's last known state", response_model=CameraListWire, responses=refusals())
def list_cameras(reader: Reader, rooms: RoomsDep) -> CameraListWire:
    return CameraListWire(
        cameras=tuple(CameraWire.of(record) for record in rooms.store.cameras()),
        notices=tuple(
            WorkerNoticeWire(worker_id=each.worker_id, text=each.text, since=each.since)
            for each in rooms.store.worker_notices()
        ),
    )


@router.put("", summary="Tell the state of a worker's cameras", status_code=204, responses=refusals(413))
def put_cameras(worker: Worker, report: CameraReportWire, rooms: RoomsDep) -> None:
    """Registers the cameras, too: an incident of a camera that was never told of is refused.

    A camera that its worker names no more is gone from the lists; what it saw is taken in as before. More cameras than
    fit into one body are told in parts, each of which is about the ids in its range only.
    """
    rooms.metrics.masking.tell(report.worker_id, report.masking)
    records = [camera.as_record() for camera in report.cameras]
    within = report.part.as_range()
    rooms.store.put_camera_report(report.worker_id, records, report.notices, rooms.clock.now(), within)
