import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from core.errors import FeedAuthFailed
from streams.redaction import redact
from streams.spec import FeedSpec

SECRET = "geh3im"


def spec(url: str, **more: object) -> FeedSpec:
    return FeedSpec.model_validate({"id": "CAM-01", "url": url, **more})


@pytest.mark.parametrize(
    ("url", "address", "username", "password"),
    [
        ("rtsp://op:geh3im@10.0.0.9:554/s1", "rtsp://10.0.0.9:554/s1", "op", "geh3im"),
        ("rtsp://op:a%40b%2Fc@10.0.0.9/s1", "rtsp://10.0.0.9/s1", "op", "a@b/c"),
        ("rtsp://op:p@ss@10.0.0.9/s1", "rtsp://10.0.0.9/s1", "op", "p@ss"),
        ("RTSP://op@10.0.0.9/s1", "rtsp://10.0.0.9/s1", "op", None),
        ("http://op:x:y@[::1]:8080/v?channel=1", "http://[::1]:8080/v?channel=1", "op", "x:y"),
        ("rtsp://10.0.0.9/s1", "rtsp://10.0.0.9/s1", None, None),
    ],
    ids=["plain", "encoded", "raw-at", "no-password", "ipv6-colon", "open"],
)
def test_user_name_and_password_are_split_off_the_url(
    url: str, address: str, username: str | None, password: str | None
) -> None:
    made = spec(url)
    assert made.url == made.address == address
    assert made.username == username
    assert (made.password.get_secret_value() if made.password else None) == password


def test_secret_query_values_are_split_off_and_put_back_when_connecting() -> None:
    made = spec("http://cam/video?channel=2&user_token=geh3im&pwd=auch")
    assert made.address == "http://cam/video?channel=2"
    assert made.full_url() == "http://cam/video?channel=2&user_token=geh3im&pwd=auch"
    assert SECRET not in repr(made)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("user=admin&password=geh3im&channel=1&stream=0.sdp?", "user=admin&password=***&channel=1&stream=0.sdp?"),
        ("user=admin_password=geh3im_channel=1_stream=0.sdp", "user=admin_password=***_channel=1_stream=0.sdp"),
    ],
)
def test_a_password_in_the_path_is_hidden_and_put_back_when_connecting(path: str, shown: str) -> None:
    made = spec(f"rtsp://10.0.0.9:554/{path}")
    assert made.address == f"rtsp://10.0.0.9:554/{shown}"
    assert made.full_url() == f"rtsp://10.0.0.9:554/{path}"
    assert made.secrets() == (SECRET,)
    assert SECRET not in repr(made)
    again = FeedSpec.model_validate({name: getattr(made, name) for name in FeedSpec.model_fields})
    assert again.full_url() == made.full_url()
    found_by_onvif = spec(f"rtsp://10.0.0.9:554/{shown}", username="admin", password=SECRET)
    assert found_by_onvif.full_url() == f"rtsp://admin:{SECRET}@10.0.0.9:554/{path}"


def test_an_empty_password_in_the_path_is_left_there() -> None:
    url = "rtsp://10.0.0.9/user=admin&password=&channel=1&stream=0.sdp"
    assert (spec(url).address, spec(url).full_url()) == (url, url)


@pytest.mark.parametrize("url", ["\ufeffrtsp://10.0.0.9/s1", " rtsp://10.0.0.9/s1\u200b "])
def test_what_was_copied_along_unseen_is_taken_off(url: str) -> None:
    assert spec(url).address == "rtsp://10.0.0.9/s1"


def test_an_at_sign_in_a_path_is_a_paths_own() -> None:
    made = spec("rtsp://op:geh3im@10.0.0.9/live/gate@east")
    assert (made.address, made.username) == ("rtsp://10.0.0.9/live/gate@east", "op")


def test_the_full_url_is_encoded_so_that_any_password_survives() -> None:
    made = spec("rtsp://10.0.0.9/s1", username="op", password="a@b/c#d:e?")
    assert made.full_url() == "rtsp://op:a%40b%2Fc%23d%3Ae%3F@10.0.0.9/s1"


def test_a_spec_never_shows_its_password() -> None:
    made = spec(f"rtsp://op:{SECRET}@10.0.0.9/s1?token=tok3n")
    for text in (repr(made), str(made), made.model_dump_json(), json.dumps(made.model_dump(mode="json"))):
        assert SECRET not in text
        assert "tok3n" not in text


def test_a_spec_can_be_made_again_from_its_own_fields() -> None:
    made = spec(f"rtsp://op:{SECRET}@10.0.0.9/s1?token=tok3n")
    again = FeedSpec.model_validate({name: getattr(made, name) for name in FeedSpec.model_fields})
    assert again == made


def test_the_password_can_come_from_the_environment() -> None:
    made = spec("rtsp://10.0.0.9/s1", username="op", password_env="CAM_01_PASSWORD")
    assert made.full_url({"CAM_01_PASSWORD": SECRET}) == f"rtsp://op:{SECRET}@10.0.0.9/s1"
    assert made.secrets({"CAM_01_PASSWORD": SECRET}) == (SECRET,)
    with pytest.raises(FeedAuthFailed, match=r"CAM-01: .*CAM_01_PASSWORD"):
        made.full_url({})


@pytest.mark.parametrize(
    ("given", "mend"),
    [
        ({"url": "srt://10.0.0.9:9000"}, "rtsp://"),
        ({"url": "rtsp://op:geh3im/x@10.0.0.9/s1"}, "percent-encode"),
        ({"url": "rtsp://op:geh3im#x@10.0.0.9/s1"}, "percent-encode"),
        ({"url": "rtsp://op:x@geh3im#@10.0.0.9:554/h264/ch1/main/av_stream"}, "percent-encode"),
        ({"url": "rtsp://op:x@geh3im?@10.0.0.9/s1"}, "percent-encode"),
        ({"url": "rtsp://op:x@geh3im/y@10.0.0.9/s1"}, "percent-encode"),
        ({"url": "rtsp：//op:geh3im@10.0.0.9/s1"}, "half-width"),
        ({"url": "rtsp:/op:geh3im@10.0.0.9/s1"}, "half-width"),
        ({"url": "op:geh3im@10.0.0.9/s1"}, "half-width"),
        ({"url": "rtsp://10.0.0.9：554/s1"}, "write them half-width"),
        ({"url": "rtsp:///s1"}, "names no host"),
        ({"url": "rtsp://10.0.0.9:0/s1"}, "port 0"),
        ({"url": "rtsp://op:geh3im@10.0.0.9/s1", "password": "zwei"}, "take it out of the url"),
        ({"url": "rtsp://10.0.0.9/s1", "password": "geh3im"}, "add username"),
        (
            {"url": "rtsp://op@10.0.0.9/s1", "password": "geh3im", "password_env": "P"},
            "keep password_env",
        ),
        ({"url": "rtsp://10.0.0.9/s1", "loop": True}, "loop belongs to files"),
        ({"url": "rtsp://10.0.0.9/s1", "time_scale": 90}, "time_scale belongs to files"),
        ({"url": "clip.mp4", "kind": "live"}, "leave kind out"),
        ({"url": "rtsp://10.0.0.9/s1", "kind": "file"}, "leave kind out"),
        ({"url": "clip.mp4", "username": "op"}, "belongs to live feeds"),
        ({"url": "clip.mp4", "started_at": "2026-03-01T08:00:00"}, "has no time zone; add one"),
        ({"url": "clip.mp4", "time_scale": 0}, "greater than 0"),
        ({"url": "clip.mp4", "interval_s": -1}, "greater than or equal to 0"),
        ({"url": "clip.mp4", "timeout_s": float("nan")}, "finite"),
        ({"url": "clip.mp4", "intervall_s": 1}, "intervall_s"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(reversed(value)),
)
def test_a_wrong_setting_is_refused_with_its_mend_and_without_the_secret(given: dict[str, object], mend: str) -> None:
    with pytest.raises(ValidationError) as refused:
        FeedSpec.model_validate({"id": "CAM-01", **given})
    assert mend in str(refused.value)
    assert SECRET not in str(refused.value)


def test_the_kind_is_told_by_the_url_and_by_what_lies_there(tmp_path: Path) -> None:
    assert spec("rtsps://10.0.0.9/s1").source_kind == "live"
    assert spec(str(tmp_path)).source_kind == "folder"
    assert spec(str(tmp_path / "clip.mp4")).source_kind == "file"
    assert spec(f"file://{tmp_path}/a%20b.mp4").path == tmp_path / "a b.mp4"


def test_started_at_is_kept_in_utc() -> None:
    assert spec("clip.mp4", started_at="2026-03-01T08:00:00+08:00").started_at == datetime(2026, 3, 1, tzinfo=UTC)


def test_redaction_masks_urls_query_values_and_known_secrets() -> None:
    text = "open 'rtsp://op:geh3im@10.0.0.9/s1?token=abc&channel=2' failed for a/b (a%2Fb)"
    assert redact(text, ["a/b"]) == "open 'rtsp://***@10.0.0.9/s1?token=***&channel=2' failed for *** (***)"
