"""A made town for the desk's benchmark: square cells as GeoJSON, cameras with their states, a few real pictures."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.desk_load_history import CATEGORIES, UNITS, Town, hash_of
from cases.cameras import CameraRecord
from cases.case import EvidenceRefs
from cases.evidence import EvidenceFile, EvidenceStore
from core.ids import CameraId

LON, LAT = 104.03, 30.63
CELL_LON, CELL_LAT = 0.00104, 0.0009
"""A hundred metres here."""
ZONES = ("strict", "controlled", "controlled", "general", "general", "general")
PICTURES = 24
SIZE_PX = (1280, 720)


@dataclass(frozen=True, slots=True)
class MadeTown:
    """The town, and what of it goes into files."""

    town: Town
    grid: str
    """GeoJSON."""
    cameras: tuple[CameraRecord, ...]
    files: tuple[EvidenceFile, ...]


def made_town(cells: int, cameras: int, evidence: EvidenceStore, now: datetime) -> MadeTown:
    """The same for the same numbers."""
    side = max(1, round(cells**0.5))
    codes = [_code(number) for number in range(cells)]
    zones = {code: ZONES[hash_of(code) % len(ZONES)] for code in codes}
    features = [_feature(code, number % side, number // side, zones[code]) for number, code in enumerate(codes)]
    names = [f"CAM-{number:04d}" for number in range(cameras)]
    refs, files = _pictures(evidence)
    return MadeTown(
        Town(codes, zones, names, refs),
        json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False),
        tuple(_camera(name, number, now) for number, name in enumerate(names)),
        tuple(files),
    )


def _code(number: int) -> str:
    """District 6, street 3, community 3, sequence 3: fifty grids a community, eight communities a street."""
    community, sequence = divmod(number, 50)
    street, place = divmod(community, 8)
    return f"510105{street + 1:03d}{place + 1:03d}{sequence + 1:03d}"


def _feature(code: str, column: int, row: int, zone: str) -> dict[str, Any]:
    west, south = LON + column * CELL_LON, LAT + row * CELL_LAT
    east, north = LON + (column + 1) * CELL_LON, LAT + (row + 1) * CELL_LAT
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    unit = UNITS[hash_of(code) % len(UNITS)]
    return {
        "type": "Feature",
        "properties": {
            "code": code,
            "name": f"网格 {code[6:9]}-{code[9:12]}-{code[12:]}",
            "zone": zone,
            "units": dict.fromkeys(CATEGORIES, unit),
        },
        "geometry": {"type": "Polygon", "coordinates": [[[round(lon, 7), round(lat, 7)] for lon, lat in ring]]},
    }


def _camera(name: str, number: int, now: datetime) -> CameraRecord:
    """One in twenty-five shows nothing."""
    is_down = number % 25 == 7
    return CameraRecord(
        CameraId(name),
        name=f"{['青羊', '锦江', '武侯', '成华', '金牛'][number % 5]}路口 {number}",
        address=f"rtsp://10.0.{number // 250}.{number % 250}/1",
        state="down" if is_down else "live",
        since=now - timedelta(minutes=17 * (number % 50) + 3),
        last_frame_at=now - timedelta(seconds=number % 10),
        error_kind="unreachable" if is_down else None,
        error="no route to host" if is_down else None,
        frames_decoded=12_000 + number,
        width_px=1920,
        height_px=1080,
        codec="h264",
        gop_s=2.0,
        looks=(("looks", 800.0), ("interval_p50_s", 10.0), ("interval_p99_s", 12.5), ("age_p50_s", 1.2)),
    )


def _pictures(evidence: EvidenceStore) -> tuple[Sequence[EvidenceRefs], list[EvidenceFile]]:
    """Streets of noise and boxes: about as many bytes as a street camera's pictures have."""
    dice = np.random.default_rng(6)
    refs: list[EvidenceRefs] = []
    files: list[EvidenceFile] = []
    width, height = SIZE_PX
    for number in range(PICTURES):
        rough = dice.integers(60, 180, (height // 16, width // 16, 3), dtype=np.uint8)
        original = cv2.resize(rough, SIZE_PX, interpolation=cv2.INTER_CUBIC)
        original[height // 2 :] = original[height // 2 :] // 2 + 60
        original = original + dice.integers(0, 18, original.shape, dtype=np.uint8)  # below 218 everywhere: no overflow
        cv2.putText(original, f"{number:02d}", (40, 90), cv2.FONT_HERSHEY_SIMPLEX, 2.0, (240, 240, 240), 3)
        x, y = 220 + 20 * (number % 8), 150 + 20 * (number % 6)
        annotated = original.copy()
        cv2.rectangle(annotated, (x, y), (x + 140, y + 110), (40, 60, 230), 3)
        crop = original[y - 20 : y + 130, x - 20 : x + 160]
        kept = [_put(evidence, picture) for picture in (original, annotated, crop)]
        files += kept
        refs.append(EvidenceRefs(*(file.sha256 for file in kept)))
    return refs, files


def _put(evidence: EvidenceStore, picture: Any) -> EvidenceFile:
    data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 82])[1].tobytes()
    return evidence.put(data, hashlib.sha256(data).hexdigest())


def write_site(folder: Path, grid: str, port: int, database: str | None) -> Path:
    """The configuration and the grid; the configuration's path."""
    (folder / "grids.geojson").write_text(grid, encoding="utf-8")
    config = folder / "gridpatrol.toml"
    where = "" if database is None else f'[database]\nurl = "{database}"\n'
    config.write_text(
        f'[site]\ndata_dir = "var"\n{where}[api]\nport = {port}\naccess_log = false\n'
        '[worker]\nid = "desk-bench"\n[grid]\nfile = "grids.geojson"\n',
        encoding="utf-8",
    )
    return config
