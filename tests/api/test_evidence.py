"""Pictures in and out by their hash."""

from collections.abc import Iterator

import pytest

from cases.keys import Scope
from tests.api.city import JPEG, City, problem, sha256_of, slug

SHA = sha256_of(JPEG)
AS_JPEG = {"content-type": "image/jpeg"}


def test_a_picture_comes_back_byte_for_byte(city: City) -> None:
    worker = city.client(Scope.WORKER)
    first = worker.put(f"/api/v1/evidence/{SHA}", content=JPEG, headers=AS_JPEG)
    assert (first.status_code, first.json()) == (201, {"sha256": SHA, "size": len(JPEG), "media_type": "image/jpeg"})
    assert worker.put(f"/api/v1/evidence/{SHA}", content=JPEG, headers=AS_JPEG).status_code == 200
    answer = city.client(Scope.READ).get(f"/api/v1/evidence/{SHA}")
    assert (answer.content, answer.headers["content-type"]) == (JPEG, "image/jpeg")
    assert "immutable" in answer.headers["cache-control"]


def test_a_browser_that_has_the_picture_is_not_sent_it_again(city: City) -> None:
    city.client(Scope.WORKER).put(f"/api/v1/evidence/{SHA}", content=JPEG, headers=AS_JPEG)
    answer = city.client(Scope.READ).get(f"/api/v1/evidence/{SHA}", headers={"if-none-match": f'"{SHA}"'})
    assert (answer.status_code, answer.content) == (304, b"")


def test_bytes_that_do_not_match_their_hash_are_refused(city: City) -> None:
    answer = city.client(Scope.WORKER).put(f"/api/v1/evidence/{'ab' * 32}", content=JPEG, headers=AS_JPEG)
    assert (answer.status_code, slug(answer)) == (422, "hash-mismatch")
    assert SHA in problem(answer)["detail"]


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<html>"])
def test_bytes_that_are_no_jpeg_are_refused(city: City, content: bytes) -> None:
    answer = city.client(Scope.WORKER).put(f"/api/v1/evidence/{sha256_of(content)}", content=content, headers=AS_JPEG)
    assert (answer.status_code, slug(answer)) == (415, "not-a-jpeg")


def test_a_body_of_another_media_type_is_refused(city: City) -> None:
    answer = city.client(Scope.WORKER).put(
        f"/api/v1/evidence/{SHA}", content=JPEG, headers={"content-type": "text/html"}
    )
    assert (answer.status_code, slug(answer)) == (415, "media-type-refused")


@pytest.mark.parametrize("name", ["AB" * 32, "ab", "..%2f..%2fetc%2fpasswd", "g" * 64])
def test_an_address_that_is_no_hash_is_refused(city: City, name: str) -> None:
    for client in (city.client(Scope.READ), city.client(Scope.ADMIN)):
        assert client.get(f"/api/v1/evidence/{name}").status_code in (404, 422)


def test_a_picture_of_just_the_limit_is_kept_and_one_byte_more_is_not(city: City) -> None:
    worker = city.client(Scope.WORKER)
    full = JPEG.ljust(city.settings.evidence_bytes, b"\0")
    assert worker.put(f"/api/v1/evidence/{sha256_of(full)}", content=full, headers=AS_JPEG).status_code == 201
    over = full + b"\0"
    answer = worker.put(f"/api/v1/evidence/{sha256_of(over)}", content=over, headers=AS_JPEG)
    assert (answer.status_code, slug(answer)) == (413, "body-too-large")


def test_a_body_of_unknown_length_is_cut_off_at_the_limit(city: City) -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(200):
            taken += 1
            yield b"\xff" * 65536

    answer = city.client(Scope.WORKER).put(f"/api/v1/evidence/{SHA}", content=endless(), headers=AS_JPEG)
    assert slug(answer) == "body-too-large"


def test_without_a_key_the_size_of_the_body_does_not_matter(city: City) -> None:
    answer = city.client().put(f"/api/v1/evidence/{SHA}", content=b"\xff" * (9 << 20), headers=AS_JPEG)
    assert answer.status_code == 401


def test_a_picture_changed_on_the_disk_is_not_shown_and_no_path_is_told(city: City) -> None:
    city.client(Scope.WORKER).put(f"/api/v1/evidence/{SHA}", content=JPEG, headers=AS_JPEG)
    city.evidence.path(SHA).write_bytes(b"\xff\xd8\xffother")
    answer = city.client(Scope.READ).get(f"/api/v1/evidence/{SHA}")
    assert (answer.status_code, slug(answer)) == (503, "evidence-store-failed")
    assert str(city.folder) not in answer.text
