"""A camera that speaks the ONVIF that is asked of it: SOAP over real HTTP with WS-Security, WS-Discovery over UDP."""

import base64
import contextlib
import hashlib
import re
import socket
import struct
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

USERNAME = "onvif"
PASSWORD = "onvif-s3cret"
_MULTICAST = "239.255.255.250"
_PORT = 3702
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl"'
    ' xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:ter="http://www.onvif.org/ver10/error"><s:Body>'
)
_TAIL = "</s:Body></s:Envelope>"
_FAULT = (
    "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Code>"
    '<s:Reason><s:Text xml:lang="en">Sender not Authorized</s:Text></s:Reason></s:Fault>'
)


class OnvifCameraServer:
    """Two profiles, sub-stream first; the main stream's address carries a password, as some cameras do.

    Args:
        stall: asked for anything, it says nothing until it is closed.
    """

    def __init__(self, stall: bool = False) -> None:
        self._over = threading.Event()
        camera, over = self, self._over

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
                if stall:
                    over.wait(30)
                    return
                status, body = camera.answer(asked)
                raw = (_HEAD + body + _TAIL).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/soap+xml; charset=utf-8")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, format: str, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, name="fake-onvif", daemon=True)

    def answer(self, asked: str) -> tuple[int, str]:
        """HTTP status and SOAP body for a request."""
        if "GetSystemDateAndTime" in asked:
            return 200, self._time()
        if not _is_let_in(asked):
            return 400, _FAULT
        here = f"http://127.0.0.1:{self.port}/onvif"
        if "GetServices" in asked:
            services = "".join(
                f"<tds:Service><tds:Namespace>http://www.onvif.org/ver10/{name}/wsdl</tds:Namespace>"
                f"<tds:XAddr>{here}/{name}_service</tds:XAddr>"
                "<tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>"
                for name in ("device", "media")
            )
            return 200, f"<tds:GetServicesResponse>{services}</tds:GetServicesResponse>"
        if "GetDeviceInformation" in asked:
            facts = {"Manufacturer": "Fake", "Model": "Street 2", "FirmwareVersion": "1", "SerialNumber": "SN7"}
            inner = "".join(f"<tds:{name}>{value}</tds:{name}>" for name, value in facts.items())
            hardware = "<tds:HardwareId>1</tds:HardwareId>"
            return 200, f"<tds:GetDeviceInformationResponse>{inner}{hardware}</tds:GetDeviceInformationResponse>"
        if "GetProfiles" in asked:
            profiles = _profile("sub", 640, 360, 10) + _profile("main", 1920, 1080, 25)
            return 200, f"<trt:GetProfilesResponse>{profiles}</trt:GetProfilesResponse>"
        if "GetStreamUri" in asked:
            user_info = f"{USERNAME}:{PASSWORD}@" if ">main<" in asked else ""
            path = "main" if ">main<" in asked else "sub"
            uri = f"<tt:Uri>rtsp://{user_info}192.0.2.7:554/{path}</tt:Uri>"
            rest = (
                "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect>"
                "<tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT60S</tt:Timeout>"
            )
            return 200, f"<trt:GetStreamUriResponse><trt:MediaUri>{uri}{rest}</trt:MediaUri></trt:GetStreamUriResponse>"
        return 500, _FAULT

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def _time(self) -> str:
        now = datetime.now(UTC)
        moment = (
            f"<tt:Time><tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute>"
            f"<tt:Second>{now.second}</tt:Second></tt:Time>"
            f"<tt:Date><tt:Year>{now.year}</tt:Year><tt:Month>{now.month}</tt:Month><tt:Day>{now.day}</tt:Day></tt:Date>"
        )
        return (
            "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>"
            f"<tt:DaylightSavings>false</tt:DaylightSavings><tt:UTCDateTime>{moment}</tt:UTCDateTime>"
            "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
        )


@contextlib.contextmanager
def discoverable(service_address: str, name: str) -> Iterator[None]:
    """Answers multicast probes for network video transmitters on every IPv4 interface until the block ends.

    Raises:
        OSError: this machine's network takes no multicast.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    over = threading.Event()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("", _PORT))
        membership = struct.pack("=4sl", socket.inet_aton(_MULTICAST), socket.INADDR_ANY)
        listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        listener.settimeout(0.1)
        thread = threading.Thread(target=_answer_probes, args=(listener, over, service_address, name), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(5)
    finally:
        listener.close()


def _answer_probes(listener: socket.socket, over: threading.Event, service_address: str, name: str) -> None:
    endpoint = uuid.uuid4().urn
    while not over.is_set():
        try:
            raw, sender = listener.recvfrom(65535)
        except TimeoutError:
            continue
        asked = raw.decode(errors="replace")
        message = re.search(r"MessageID>\s*([^<\s]+)", asked)
        if "Probe" in asked and "NetworkVideoTransmitter" in asked and message is not None:
            listener.sendto(_probe_match(message[1], endpoint, service_address, name).encode(), sender)


def _probe_match(relates_to: str, endpoint: str, service_address: str, name: str) -> str:
    return (
        '<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
        ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
        ' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"'
        ' xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header>'
        f"<a:MessageID>{uuid.uuid4().urn}</a:MessageID><a:RelatesTo>{relates_to}</a:RelatesTo>"
        "<a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To>"
        "<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</a:Action></s:Header><s:Body>"
        "<d:ProbeMatches><d:ProbeMatch><a:EndpointReference>"
        f"<a:Address>{endpoint}</a:Address></a:EndpointReference><d:Types>dn:NetworkVideoTransmitter</d:Types>"
        f"<d:Scopes>onvif://www.onvif.org/name/{name} onvif://www.onvif.org/hardware/Street2</d:Scopes>"
        f"<d:XAddrs>{service_address}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion>"
        "</d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>"
    )


def _is_let_in(asked: str) -> bool:
    """WS-Security's password digest: base64(sha1(nonce + created + password))."""

    def held(tag: str) -> str:
        found = re.search(rf"<[^<>]*\b{tag}\b[^<>]*>([^<]*)</", asked)
        return found[1] if found else ""

    digest = hashlib.sha1(
        base64.b64decode(held("Nonce")) + held("Created").encode() + PASSWORD.encode(), usedforsecurity=False
    ).digest()
    return held("Username") == USERNAME and held("Password") == base64.b64encode(digest).decode()


def _profile(token: str, width_px: int, height_px: int, fps: int) -> str:
    return (
        f'<trt:Profiles token="{token}" fixed="true"><tt:Name>{token} stream</tt:Name>'
        f'<tt:VideoEncoderConfiguration token="{token}"><tt:Name>{token}</tt:Name><tt:UseCount>1</tt:UseCount>'
        f"<tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>{width_px}</tt:Width>"
        f"<tt:Height>{height_px}</tt:Height></tt:Resolution><tt:Quality>4</tt:Quality>"
        f"<tt:RateControl><tt:FrameRateLimit>{fps}</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval>"
        "<tt:BitrateLimit>2048</tt:BitrateLimit></tt:RateControl><tt:Multicast><tt:Address><tt:Type>IPv4</tt:Type>"
        "<tt:IPv4Address>0.0.0.0</tt:IPv4Address></tt:Address><tt:Port>0</tt:Port><tt:TTL>1</tt:TTL>"
        "<tt:AutoStart>false</tt:AutoStart></tt:Multicast><tt:SessionTimeout>PT60S</tt:SessionTimeout>"
        "</tt:VideoEncoderConfiguration></trt:Profiles>"
    )
