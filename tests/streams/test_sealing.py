"""Passwords at rest: opened with the same key for the same camera, and with nothing else."""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.ids import CameraId
from streams.sealing import SECRET_KEY_ENV, Sealer, SealError, name_of, new_key, purpose_of

SECRET = "pa%ss wörd"
SECTION = {"url": "rtsp://192.0.2.7/one", "username": "patrol"}
CAMERA = CameraId("CAM-07")


def environment(*keys: str) -> Mapping[str, str]:
    return {SECRET_KEY_ENV: ",".join(keys)}


def test_the_key_file_is_made_on_first_need_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "var" / "secret.key"
    sealed = Sealer(file, {}).seal(SECRET, "camera")
    assert file.stat().st_mode & 0o777 == 0o600
    assert SECRET not in sealed
    assert Sealer(file, {}).unseal(sealed, "camera") == SECRET
    assert list(file.parent.iterdir()) == [file]


def test_processes_that_need_the_first_key_at_once_get_the_same(tmp_path: Path) -> None:
    sealers = [Sealer(tmp_path / "secret.key", {}) for _ in range(8)]
    with ThreadPoolExecutor(len(sealers)) as pool:
        sealed = list(pool.map(lambda sealer: sealer.seal(SECRET, "camera"), sealers))
    assert {Sealer(tmp_path / "secret.key", {}).unseal(each, "camera") for each in sealed} == {SECRET}


def test_opening_never_makes_a_key(tmp_path: Path) -> None:
    sealed = Sealer(tmp_path / "a", environment(new_key())).seal(SECRET, "camera")
    with pytest.raises(SealError, match=r"is not there; mend: give this process the API's GRIDPATROL_SECRET_KEY"):
        Sealer(tmp_path / "secret.key", {}).unseal(sealed, "camera")
    assert list(tmp_path.iterdir()) == []


def test_another_key_is_named_with_the_mend_and_without_any_secret(tmp_path: Path) -> None:
    ours, theirs = new_key(), new_key()
    sealed = Sealer(tmp_path / "k", environment(theirs)).seal(SECRET, "camera")
    with pytest.raises(SealError, match="mend: give this process the API's GRIDPATROL_SECRET_KEY") as failed:
        Sealer(tmp_path / "k", environment(ours)).unseal(sealed, "camera")
    told = str(failed.value)
    assert name_of(theirs) in told
    assert name_of(ours) in told
    assert not any(secret in told for secret in (ours, theirs, SECRET))


def test_a_key_is_replaced_by_putting_the_new_one_first(tmp_path: Path) -> None:
    old, new = new_key(), new_key()
    before = Sealer(tmp_path / "k", environment(old)).seal(SECRET, "camera")
    both = Sealer(tmp_path / "k", environment(new, old))
    assert both.unseal(before, "camera") == SECRET
    assert Sealer(tmp_path / "k", environment(new)).unseal(both.seal(SECRET, "camera"), "camera") == SECRET


def test_a_secret_opens_for_nothing_else_than_it_was_sealed_for(tmp_path: Path) -> None:
    sealer = Sealer(tmp_path / "k", {})
    sealed = sealer.seal(SECRET, purpose_of(CAMERA, SECTION))
    with pytest.raises(SealError, match="another camera, user or host") as failed:
        sealer.unseal(sealed, purpose_of(CAMERA, {**SECTION, "url": "rtsp://203.0.113.9/one"}))
    assert SECRET not in str(failed.value)


@pytest.mark.parametrize(
    ("camera", "changed", "is_same"),
    [
        pytest.param(CAMERA, {"url": "rtsp://192.0.2.7:554/two"}, True, id="another path, the port written out"),
        pytest.param(CAMERA, {"url": "rtsp://192.0.2.8/one"}, False, id="another host"),
        pytest.param(CAMERA, {"url": "rtsp://192.0.2.7:8554/one"}, False, id="another port"),
        pytest.param(CAMERA, {"url": "http://192.0.2.7:554/one"}, False, id="without the scheme's protection"),
        pytest.param(CAMERA, {"username": "root"}, False, id="another user"),
        pytest.param(CameraId("CAM-08"), {}, False, id="another camera"),
    ],
)
def test_a_purpose_is_one_camera_one_user_one_host(camera: CameraId, changed: dict[str, str], is_same: bool) -> None:
    assert (purpose_of(camera, {**SECTION, **changed}) == purpose_of(CAMERA, SECTION)) is is_same


def test_a_damaged_seal_asks_for_the_password_again(tmp_path: Path) -> None:
    sealer = Sealer(tmp_path / "k", {})
    sealed = sealer.seal(SECRET, "camera")
    with pytest.raises(SealError, match="damaged; mend: give the password again"):
        sealer.unseal(sealed[:-8] + "AAAAAAA=", "camera")


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    Sealer(file, {}).seal(SECRET, "camera")
    os.chmod(file, 0o644)
    with pytest.raises(SealError, match="others may read this key; mend: chmod 600"):
        Sealer(file, {}).seal(SECRET, "camera")


def test_what_is_no_key_is_refused_without_repeating_it(tmp_path: Path) -> None:
    with pytest.raises(SealError, match="GRIDPATROL_SECRET_KEY: not a key; mend:") as failed:
        Sealer(tmp_path / "k", environment("hunter2")).seal(SECRET, "camera")
    assert "hunter2" not in str(failed.value)
