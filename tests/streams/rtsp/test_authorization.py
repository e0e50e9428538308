"""Answers to challenges, against the RFCs' own examples."""

import hashlib
import re
from typing import Any

import pytest

from streams.rtsp.authorization import Challenge, challenge_of

RFC_7616 = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_a_digest_is_what_rfc_7616_has(monkeypatch: pytest.MonkeyPatch, algorithm: str, response: str) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda _: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")
    challenge = challenge_of([RFC_7616.format(algorithm=algorithm)])
    assert challenge is not None
    said = challenge.answer("GET", "/dir/index.html", "Mufasa", "Circle of Life")
    assert f'response="{response}"' in said
    assert "qop=auth," in said
    assert "nc=00000001" in said
    assert 'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"' in said


def test_a_digest_without_qop_is_what_rfc_2069_has() -> None:
    challenge = challenge_of(['Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'])
    assert challenge is not None
    said = challenge.answer("GET", "/dir/index.html", "Mufasa", "CircleOfLife")
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in said  # RFC 2069's erratum 749
    assert "qop" not in said
    assert "nc=" not in said


@pytest.mark.parametrize(("algorithm", "made"), [("MD5-sess", hashlib.md5), ("SHA-256-sess", hashlib.sha256)])
@pytest.mark.parametrize("qop", ["", ', qop="auth"'], ids=["without qop", "qop"])
def test_a_digest_of_a_session_hashes_both_nonces_into_the_secret(algorithm: str, made: Any, qop: str) -> None:
    challenge = challenge_of([f'Digest realm="cam", nonce="n1", algorithm={algorithm}{qop}'])
    assert challenge is not None
    said = challenge.answer("PLAY", "/a", "op", "geh3im")

    def hashed(*parts: str) -> str:
        return str(made(":".join(parts).encode()).hexdigest())

    cnonce = re.findall(r'cnonce="(\w+)"', said)[0]
    secret = hashed(hashed("op", "cam", "geh3im"), "n1", cnonce)
    count = ["00000001", cnonce, "auth"] if qop else []
    assert f'response="{hashed(secret, "n1", *count, hashed("PLAY", "/a"))}"' in said
    assert f"algorithm={algorithm}" in said


def test_a_nonce_is_counted() -> None:
    challenge = challenge_of([RFC_7616.format(algorithm="MD5")])
    assert challenge is not None
    counts = [re.findall(r"nc=(\w+)", challenge.answer("PLAY", "/a", "op", "x"))[0] for _ in range(3)]
    assert counts == ["00000001", "00000002", "00000003"]


def test_the_strongest_challenge_that_is_known_is_answered() -> None:
    basic, md5 = 'Basic realm="cam"', 'Digest realm="cam", nonce="1"'
    sha = 'Digest realm="cam", nonce="1", algorithm=SHA-256'
    strange = 'Digest realm="cam", nonce="1", algorithm=SHA-512-256'
    for headers, wanted in (([basic, md5], "MD5"), ([sha, md5, basic], "SHA-256"), ([strange, md5], "MD5")):
        challenge = challenge_of(headers)
        assert challenge is not None
        assert (challenge.scheme, challenge.algorithm) == ("digest", wanted)
    assert challenge_of([strange]) is None
    assert challenge_of(["Negotiate abc"]) is None
    assert challenge_of([]) is None


def test_basic_is_the_name_and_the_password() -> None:
    challenge = challenge_of(['Basic realm="cam"'])
    assert challenge is not None
    assert challenge.answer("PLAY", "/", "Aladdin", "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="


def test_a_quote_in_a_name_does_not_end_it() -> None:
    said = Challenge("digest", {"realm": 'a"b', "nonce": "1"}).answer("PLAY", "/", 'o"p', "x")
    assert r'username="o\"p"' in said
    assert r'realm="a\"b"' in said


def test_a_quote_in_a_realm_is_hashed_as_it_is_meant_and_said_back_as_it_came() -> None:
    challenge = challenge_of([r'Digest realm="the \"east\" gate", nonce="1"'])
    assert challenge is not None
    assert challenge.parameters["realm"] == 'the "east" gate'
    assert r'realm="the \"east\" gate"' in challenge.answer("PLAY", "/", "op", "x")
