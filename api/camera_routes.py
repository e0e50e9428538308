"""Cameras: workers tell, people and programs look."""

from fastapi import APIRouter

from api.callers import Reader, Worker
from api.camera_wire import CameraListWire, CameraReportWire, CameraWire
from api.openapi_answers import refusals
from api.rooms import RoomsDep

router = APIRouter(prefix="/api/v1/cameras", tags=["cameras"])


@router.get("", summary="Every camera's last known state", response_model=CameraListWire, responses=refusals())
def list_cameras(reader: Reader, rooms: RoomsDep) -> CameraListWire:
    return CameraListWire(cameras=tuple(CameraWire.of(record) for record in rooms.store.cameras()))


@router.put("", summary="Tell the state of a worker's cameras", status_code=204, responses=refusals(413))
def put_cameras(worker: Worker, report: CameraReportWire, rooms: RoomsDep) -> None:
    """Registers the cameras, too: an incident of a camera that was never told of is refused."""
    records = [camera.as_record() for camera in report.cameras]
    rooms.store.put_camera_statuses(report.worker_id, records, rooms.clock.now())
