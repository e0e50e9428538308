"""What was vendored is what the table beside it says, byte for byte."""

import hashlib
import re
from pathlib import Path

import pytest

from desk import STATIC_FOLDER

FOLDERS = (STATIC_FOLDER / "vendor", Path(__file__).parent / "vendor")
ROW = re.compile(r"^\| (\S+) \| .* \| (\d[\d.]*) \| .*\((\S+)\) \| ([0-9a-f]{64}) \|$", re.MULTILINE)


@pytest.mark.parametrize("folder", FOLDERS, ids=["desk", "tests"])
def test_each_library_has_its_version_licence_and_hash(folder: Path) -> None:
    rows = ROW.findall((folder / "VENDORED.md").read_text(encoding="utf-8"))
    assert sorted(name for name, *_ in rows) == sorted(
        each.name for each in folder.iterdir() if each.suffix != ".md" and "LICENSE" not in each.name
    )
    for name, _, licence, digest in rows:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
        assert (folder / licence).is_file()
