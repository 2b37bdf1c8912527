"""The sandbox's one HTTP server: the first part of a path names the vendor, `/_sandbox/` is the sandbox itself."""

import hmac
import json
import socket
import struct
import sys
import time
import traceback
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from peakops.errors import BadInput, PeakopsError
from peakops.sandbox.control import TOKEN_HEADER
from peakops.sandbox.play import UNKNOWN_ROUTE, Call, Outcome, note, play
from peakops.sandbox.problems import written
from peakops.sandbox.stage import Stage
from peakops.sandbox.vendors import MODULES
from peakops.sandbox.wire import Answer

LARGEST_BODY_BYTES = 512 << 20
"""A world of a million rows; more is a mistake."""
NO_BODY = (204, 304)
PART_BYTES = 16 << 10
"""How much of a body is sent at a time where it comes with pauses: the congestion window of a new connection, about."""


class Server(ThreadingHTTPServer):
    """The server, on a loopback port that the system chooses."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, stage: Stage, token: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.stage = stage
        self.token = token
        self.last_used = time.monotonic()

    def server_bind(self) -> None:
        """Bind without asking for the host's name, which can take seconds."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone is no error."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection, kept alive between requests."""

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def serve(self) -> None:
        """Answer one request of any method."""
        self.server.last_used = time.monotonic()
        parts = urlsplit(self.path)
        name, _, rest = parts.path.lstrip("/").partition("/")
        body = self.body()
        if body is None:
            self.close_connection = True
            self.tell(Answer(status=411, body={"error": {"message": "A body needs a Content-Length."}}))
        elif name == "_sandbox":
            self.tell(self.control(rest, body))
        elif name not in MODULES:
            self.tell(self.stray())
        else:
            query = tuple(parse_qsl(parts.query, keep_blank_values=True))
            headers = {key.lower(): value for key, value in self.headers.items()}
            call = Call(
                vendor=name, method=self.command, path="/" + unquote(rest), query=query, headers=headers, body=body
            )
            self.deliver(play(self.server.stage, call))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = serve

    def body(self) -> bytes | None:
        """The request's body; None if its length is not said, or is too much."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal() or int(length) > LARGEST_BODY_BYTES:
            return None
        return self.rfile.read(int(length))

    def stray(self) -> Answer:
        """A path that belongs to no vendor: noted, so that a test can fail on it."""
        call = Call(vendor="", method=self.command, path=self.path)
        with self.server.stage.lock:
            note(self.server.stage, call, Outcome(Answer(status=404)), {})
        return Answer(status=404, body={"error": {"message": "The sandbox plays no vendor of this name."}})

    def deliver(self, outcome: Outcome) -> None:
        """Send the answer, or end the connection without one."""
        if outcome.answer is not None:
            time.sleep(outcome.answer.after_s)
            self.tell(outcome.answer)
            return
        self.close_connection = True
        if outcome.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def tell(self, answer: Answer) -> None:
        """Send an answer; what is not bytes is sent as JSON. The date is the world's."""
        body = answer.body
        headers = {"Content-Type": "application/json", **answer.headers}
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        self.send_response_only(answer.status)
        self.send_header("Date", formatdate(self.server.stage.world.time.timestamp(), usegmt=True))
        for name, value in headers.items():
            if name != UNKNOWN_ROUTE:
                self.send_header(name, value)
        if answer.status not in NO_BODY:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD" and answer.status not in NO_BODY:
            self.hand_over(data, answer.pause_s)

    def hand_over(self, data: bytes, pause_s: float) -> None:
        """Write a body at once, or in parts with a pause after each but the last."""
        if not pause_s:
            self.wfile.write(data)
            return
        for start in range(0, len(data), PART_BYTES):
            self.wfile.write(data[start : start + PART_BYTES])
            self.wfile.flush()
            if start + PART_BYTES < len(data):
                time.sleep(pause_s)

    def control(self, act: str, body: bytes) -> Answer:
        """What the door asks for; only who can read the state file has the token."""
        if not hmac.compare_digest(self.headers.get(TOKEN_HEADER, "").encode(), self.server.token.encode()):
            return Answer(status=403, body={"error": {"message": "The token is missing or wrong."}})
        try:
            return self.acted(act, body)
        except PeakopsError as error:
            return Answer(status=422, body=written(error))
        except Exception as error:  # noqa: BLE001 - the door must be told what went wrong here
            traceback.print_exc(file=sys.stderr)
            return Answer(status=500, body={"says": f"The sandbox failed: {error!r}"})

    def acted(self, act: str, body: bytes) -> Answer:
        """One act of the door's."""
        stage = self.server.stage
        match act:
            case "load":
                stage.load(parsed(body))
            case "clock":
                stage.shift_clock(float(parsed(body)["shift_seconds"]))
            case "run":
                stage.run_clock(runs=bool(parsed(body)["runs"]))
            case "dump":
                return Answer(body=stage.dump())
            case "requests" | "unknown":
                with stage.lock:
                    return Answer(body=list(stage.requests if act == "requests" else stage.unknown))
            case _:
                return Answer(status=404, body={"says": f"The sandbox has no {act}."})
        return Answer(body={})

    def log_message(self, format: str, *arguments: Any) -> None:
        """Requests are noted on the stage, not in the log."""


def parsed(body: bytes) -> dict[str, Any]:
    """The document that the door sends."""
    document = json.loads(body)
    if not isinstance(document, dict):
        raise BadInput("A world must be a JSON object.", code="world.invalid", source="sandbox")
    return document
