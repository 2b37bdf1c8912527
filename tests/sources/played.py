"""A vendor that goes wrong as the sandbox cannot: a server on a real socket with a script of answers."""

import json
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """One answer; a body that is no text is sent as JSON."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    after_s: float = 0
    reset: bool = False
    drip: bool = False
    """A byte of the body every tenth of a second, without an end."""
    endless: bool = False
    """As much of a body as the client takes."""
    mute: bool = False
    """A byte of the head every tenth of a second, without an end."""


@dataclass(frozen=True)
class Asked:
    """One request that came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


class Played(ThreadingHTTPServer):
    """Answers with one reply after the other; the last one again and again."""

    daemon_threads = True

    def __init__(self, *replies: Reply) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies, self.asked, self.open = list(replies), [], True
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def next(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def stop(self) -> None:
        self.open = False
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address) -> None:
        """A client that has gone is no error."""


def parsed(sent: bytes) -> Any:
    """What was sent: JSON as it reads, anything else as text."""
    try:
        return json.loads(sent) if sent else None
    except ValueError:
        return sent.decode()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Played
    protocol_version = "HTTP/1.1"

    def serve(self) -> None:
        sent = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.next(Asked(self.command, self.path, headers, parsed(sent)))
        time.sleep(reply.after_s)
        if reply.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        if reply.mute:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-A: ")
            self.forever(b"a", 0.1)
        self.tell(reply)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve

    def tell(self, reply: Reply) -> None:
        data = reply.body.encode() if isinstance(reply.body, str) else json.dumps(reply.body).encode()
        self.send_response_only(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(1 << 40) if reply.drip or reply.endless else str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        if reply.drip or reply.endless:
            self.forever(b" " if reply.drip else b" " * (1 << 20), 0.1 if reply.drip else 0)

    def forever(self, part: bytes, pause: float) -> None:
        while self.server.open:
            self.wfile.write(part)
            time.sleep(pause)

    def log_message(self, *_) -> None:
        """Nothing is logged."""
