"""The versioned catalogue of categories: what counts, what it is called, how long it may stand, who answers.

A file goes in and becomes a new version; a case keeps the version that it was opened under.
"""

from pathlib import Path

SHIPPED_FILE = Path(__file__).parent / "default.toml"
