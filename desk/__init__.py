"""The operators' pages: Chinese first, English beside it, no build step, nothing from the network.

Enters: cases, case events and camera records as the case room keeps them, cells as GeoJSON, the visitor.
Leaves: HTML text (``desk.pages``), and files to serve (``STATIC_FOLDER`` under ``/static``).
Never: a query, a clock, a rule about cases, a route; the api room mounts what is rendered here.
"""

from pathlib import Path

STATIC_FOLDER = Path(__file__).parent / "static"
"""Style sheet, scripts and icon; the api room serves it under ``/static``."""
