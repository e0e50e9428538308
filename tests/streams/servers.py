"""Cameras that misbehave on a TCP port."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

Behaviour = Callable[[socket.socket, threading.Event], None]


@contextlib.contextmanager
def tcp_server(behave: Behaviour) -> Iterator[int]:
    """The port of a server that treats every caller as ``behave`` says, until the block ends."""
    over = threading.Event()
    callers: list[threading.Thread] = []
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)

    def answer(caller: socket.socket) -> None:
        with caller, contextlib.suppress(OSError):
            caller.settimeout(0.2)
            behave(caller, over)

    def listen() -> None:
        while not over.is_set():
            with contextlib.suppress(TimeoutError):
                caller, _ = listener.accept()
                thread = threading.Thread(target=answer, args=(caller,))
                callers.append(thread)
                thread.start()

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        over.set()
        thread.join()
        for caller_thread in callers:
            caller_thread.join()
        listener.close()


def says_nothing(caller: socket.socket, over: threading.Event) -> None:
    over.wait(60)


def hangs_up(caller: socket.socket, over: threading.Event) -> None:
    return


def sends_garbage(caller: socket.socket, over: threading.Event) -> None:
    caller.recv(4096)
    caller.sendall(bytes(range(256)) * 64)


def babbles_on(caller: socket.socket, over: threading.Event) -> None:
    """Bytes without end, never an answer."""
    rubbish = bytes((index * 37 + 11) % 251 for index in range(1400))
    while not over.wait(0.01):
        caller.sendall(rubbish)


def answers(status: str) -> Behaviour:
    """Every request gets this status line, e.g. ``HTTP/1.1 404 Not Found``."""

    def behave(caller: socket.socket, over: threading.Event) -> None:
        while not over.is_set():
            try:
                asked = caller.recv(4096).decode(errors="replace")
            except TimeoutError:
                continue
            if not asked:
                return
            counted = [line for line in asked.split("\r\n") if line.lower().startswith("cseq")]
            caller.sendall("\r\n".join([status, *counted, "Content-Length: 0", "", ""]).encode())

    return behave


def sends_mjpeg(pictures: list[bytes], gap_s: float, then: threading.Event | None = None) -> Behaviour:
    """Motion JPEG over HTTP; after the last picture the server hangs up (or waits for ``then``)."""

    def behave(caller: socket.socket, over: threading.Event) -> None:
        caller.recv(4096)
        caller.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n")
        for jpeg in pictures:
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            caller.sendall(head.encode() + jpeg + b"\r\n")
            if over.wait(gap_s):
                return
        if then is not None:
            then.wait(30)

    return behave


def sends_bytes(content: bytes, then_waits: bool) -> Behaviour:
    """An HTTP answer of unknown length: ``content``, then silence or the end."""

    def behave(caller: socket.socket, over: threading.Event) -> None:
        caller.recv(4096)
        caller.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: video/mp2t\r\n\r\n" + content)
        if then_waits:
            over.wait(60)

    return behave
