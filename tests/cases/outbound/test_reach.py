"""Whom we call: public addresses by https, and what the settings name; never by a trick."""

import datetime
import ipaddress
import ssl
import time
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cases.outbound.calls import HttpCaller
from cases.outbound.errors import CallAborted, EndpointRefused, NotDelivered
from cases.outbound.reach import check_url, may_call
from tests.cases.outbound.receiver import DRIP, FLOOD, Say, listening

INSIDE = (ip_network("10.20.0.0/16"), ip_network("127.0.0.0/8"))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.7",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_no_address_of_our_own_side_is_called_by_default(address: str) -> None:
    assert not may_call(ip_address(address), "https", ())


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_public_addresses_are_called_encrypted_only(address: str) -> None:
    assert may_call(ip_address(address), "https", ())
    assert not may_call(ip_address(address), "http", INSIDE)


@pytest.mark.parametrize("address", ["10.20.3.4", "127.0.0.1", "::ffff:10.20.3.4"])
def test_a_named_network_may_be_called_also_in_clear_text(address: str) -> None:
    assert may_call(ip_address(address), "http", INSIDE)
    assert not may_call(ip_address("10.21.0.1"), "https", INSIDE)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://platform.example/x", "not usable"),
        ("https:///x", "not usable"),
        ("nonsense", "not usable"),
        ("https://user:geheim@platform.example/x", "holds a user or password"),
        ("https://127.0.0.1/x", "allow_networks"),
        ("https://[::1]:8443/x", "allow_networks"),
        ("http://platform.example/x", "not encrypted"),
        ("https://platform.example/" + "x" * 2000, "not usable"),
        ("https://bad host/", "cannot be read|not usable"),
    ],
)
def test_an_address_that_cannot_be_is_refused_without_its_secrets(url: str, said: str) -> None:
    with pytest.raises(EndpointRefused, match=said) as raised:
        check_url(url, ())
    assert "geheim" not in str(raised.value)


def caller(timeout_s: float = 5.0, allowed: bool = True, ca_file: Path | None = None) -> HttpCaller:
    return HttpCaller(INSIDE if allowed else (), timeout_s, 65_536, ca_file)


def test_a_name_that_leads_to_our_own_side_is_refused_at_the_call(unused_tcp_port: int) -> None:
    with pytest.raises(NotDelivered, match="localhost leads to no public address") as raised:
        caller(allowed=False).call("POST", f"https://localhost:{unused_tcp_port}/x", {}, b"")
    assert not raised.value.was_sent


@pytest.fixture
def unused_tcp_port() -> int:
    """A port where nobody listens any more."""
    with listening() as gone:
        return int(gone.url.rpartition(":")[2])


def test_a_port_where_nobody_listens_certainly_got_nothing(unused_tcp_port: int) -> None:
    with pytest.raises(NotDelivered, match="cannot be connected to") as raised:
        caller().call("POST", f"http://127.0.0.1:{unused_tcp_port}/x", {}, b"")
    assert not raised.value.was_sent


@pytest.mark.parametrize("fault", [DRIP, FLOOD])
def test_an_answer_that_does_not_end_is_ended(fault: str) -> None:
    with listening() as receiver:
        receiver.behave = lambda _got: fault
        begun_s = time.monotonic()
        with pytest.raises(NotDelivered, match=r"no whole answer|longer than"):
            caller(1.0).call("GET", receiver.url, {}, b"")
        assert time.monotonic() - begun_s < 4.0


def test_a_stop_ends_a_call_and_lets_no_other_begin() -> None:
    with listening() as receiver:
        ours = caller(30.0)
        ours.stop()
        with pytest.raises(CallAborted, match="stopped while"):
            ours.call("GET", receiver.url, {}, b"")
        assert receiver.got == []


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of 127.0.0.1, signed by itself; the key is in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "upper platform")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "platform.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(made.public_bytes(pem) + private)
    return file


def _serving(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_certificate_that_nobody_vouches_for_is_refused_before_anything_is_said(certificate: Path) -> None:
    with listening(_serving(certificate)) as receiver:
        with pytest.raises(NotDelivered, match="not trusted") as raised:
            caller().call("POST", receiver.url, {}, b"secret")
        assert receiver.got == []
        assert not raised.value.was_sent


def test_the_citys_own_authority_is_trusted_where_it_is_named(certificate: Path) -> None:
    with listening(_serving(certificate)) as receiver:
        answer = caller(ca_file=certificate).call("POST", receiver.url + "/x?y=1", {"x-own": "1"}, b"secret")
        (got,) = receiver.got
        assert (answer.status, got.path, got.body, got.headers["x-own"]) == (200, "/x?y=1", b"secret", "1")


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    with listening() as receiver:
        receiver.behave = lambda _got: Say(307, headers={"location": receiver.url + "/elsewhere"})
        assert caller().call("POST", receiver.url, {}, b"x").status == 307
        assert len(receiver.got) == 1
