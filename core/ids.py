"""Identifiers, told apart by type so that a view is never passed where a camera is meant."""

from typing import NewType

CameraId = NewType("CameraId", str)
"""One physical camera, as the operator names it, e.g. ``CAM-01``."""

ViewId = NewType("ViewId", str)
"""One fixed way a camera looks (a PTZ preset is a view); a fixed camera has one, named after it."""

CellId = NewType("CellId", str)
"""One dedupe cell: a unit-grid code (14 or 15 digits), or such a code with a sub-cell suffix."""

CategoryId = NewType("CategoryId", str)
"""One kind of violation or context object, e.g. ``exposed_garbage``."""

IncidentId = NewType("IncidentId", str)
"""One continuous presence of a category in a cell as one view saw it."""

CaseId = NewType("CaseId", str)
"""One case, a UUID in text form; its printed number is separate."""
