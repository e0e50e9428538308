"""The desk behind the very nginx configuration that docs/operations gives: TLS, events without delay, figures shut."""

import contextlib
import datetime
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from api.server import BackgroundApi
from api.settings import ApiSettings
from cases.keys import Scope
from tests.api.city import City
from tests.api.stream import next_event, said
from tests.support.media_server import require_media_server
from tests.support.rtsp_server import free_port

PAGE = Path(__file__).parents[2] / "docs" / "operations" / "nginx.conf"
NAME = "patrol.example"
READY_S = 15.0
AROUND = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {page}
}}
"""


@dataclass
class Site:
    city: City
    client: httpx.Client
    """Comes over TLS, through nginx."""
    plain_port: int


def _certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "patrol.pem").write_bytes(made.public_bytes(pem))
    (folder / "patrol.key").write_bytes(private)


@contextlib.contextmanager
def _nginx(folder: Path, api_port: int) -> Iterator[tuple[int, int]]:
    """Ports of TLS and of plain HTTP; only ports and the certificate's folder differ from the page."""
    tls_port, plain_port = free_port(), free_port()
    page = PAGE.read_text(encoding="utf-8")
    for written, here in (
        ("listen 443 ssl", f"listen 127.0.0.1:{tls_port} ssl"),
        ("listen 80", f"listen 127.0.0.1:{plain_port}"),
        ("http://127.0.0.1:8650", f"http://127.0.0.1:{api_port}"),
        ("/etc/ssl/", f"{folder}/"),
    ):
        assert written in page, f"docs/operations/nginx.conf has no {written}"
        page = page.replace(written, here)
    config = folder / "nginx.conf"
    config.write_text(AROUND.format(folder=folder, page=page), encoding="utf-8")
    command = ["nginx", "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(config)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, process_group=0)
    try:
        ends_at_s = time.monotonic() + READY_S
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", tls_port), 0.2):
                break
            if time.monotonic() > ends_at_s or process.poll() is not None:
                process.kill()
                raise RuntimeError(f"nginx does not listen: {process.communicate()[1].decode()[-500:]}")
            time.sleep(0.02)
        yield tls_port, plain_port
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def site(tmp_path: Path, migrated_file: Path) -> Iterator[Site]:
    require_media_server()  # nginx comes with it
    (tmp_path / "city").mkdir()
    settings = ApiSettings.model_validate(
        {
            "port": 0,
            "poll_s": 0.05,
            "heartbeat_s": 0.2,
            "public_url": f"https://{NAME}",
            "trusted_proxies": ["127.0.0.1/32"],
        }
    )
    city = City(tmp_path / "city", settings, template=migrated_file)
    _certificate(tmp_path)
    try:
        with (
            BackgroundApi(city.app, settings) as api,
            _nginx(tmp_path, int(api.url.rsplit(":", 1)[1])) as (tls_port, plain_port),
            httpx.Client(
                base_url=f"https://127.0.0.1:{tls_port}",
                headers={"host": NAME},
                verify=ssl.create_default_context(cafile=str(tmp_path / "patrol.pem")),
                timeout=10,
            ) as client,
        ):
            client.event_hooks["request"] = [_by_name]
            yield Site(city, client, plain_port)
    finally:
        city.close()


def _by_name(request: httpx.Request) -> None:
    request.extensions["sni_hostname"] = NAME


def test_a_browser_signs_in_over_tls_and_its_cookies_never_travel_without(site: Site) -> None:
    token = site.city.keys.create_login("李敏", [Scope.OPERATOR], site.city.clock.now())
    answer = site.client.get("/login", params={"token": token})
    assert answer.status_code == 303
    assert "Secure" in answer.headers["set-cookie"]
    page = site.client.get("/cases", headers={"cookie": answer.headers["set-cookie"].split(";")[0]})
    assert (page.status_code, "李敏" in page.text) == (200, True)


def test_events_come_through_when_they_happen(site: Site) -> None:
    key = {"authorization": f"Bearer {site.city.key[Scope.READ]}"}
    site.city.register_cameras("CAM-01")
    with site.client.stream("GET", "/api/v1/events", headers=key) as answer:
        stream = said(answer)
        assert next_event(stream).event == "hello"
        began = time.monotonic()
        assert site.city.report().status_code == 201
        assert next_event(stream).event == "case"
        assert time.monotonic() - began < 5.0


def test_figures_are_not_shown_to_the_world_and_plain_http_leads_to_tls(site: Site) -> None:
    key = {"authorization": f"Bearer {site.city.key[Scope.READ]}"}
    assert site.client.get("/metrics", headers=key).status_code == 403
    answer = httpx.get(f"http://127.0.0.1:{site.plain_port}/cases", headers={"host": NAME})
    assert (answer.status_code, answer.headers["location"]) == (301, f"https://{NAME}/cases")
