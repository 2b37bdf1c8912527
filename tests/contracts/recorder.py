"""Listens to what a client and the sandbox say to each other, and finds the operation that it belongs to."""

import json
import re
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlsplit
from urllib.request import Request, urlopen

from openapi import Specification


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, both as the documents that they are."""

    method: str
    path: str
    """As it was sent, the parts quoted."""
    query: tuple[str, ...]
    """The names."""
    body: Any
    answer: Any
    headers: tuple[str, ...] = ()
    """The names, in lower case."""
    status: int = 200
    values: tuple[tuple[str, str], ...] = ()
    """The query's names, each with its value."""


class Recorder(ThreadingHTTPServer):
    """Stands between a client and a server, hands on what each says, and remembers it."""

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behind, self.heard = behind, list[Exchange]()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()


def answered(request: Request) -> Any:
    """The answer to a request, be it a refusal."""
    try:
        return urlopen(request)
    except HTTPError as refusal:
        return refusal


class Handler(BaseHTTPRequestHandler):
    """One request, handed on."""

    server: Recorder

    def serve(self) -> None:
        sent = self.rfile.read(int(self.headers.get("content-length") or 0)) or None
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
        with answered(Request(self.server.behind + self.path, sent, headers, method=self.command)) as answer:
            data = answer.read()
            kept = [each for each in answer.headers.items() if each[0].lower() not in ("connection", "date")]
        parts = urlsplit(self.path)
        values = tuple(parse_qsl(parts.query, keep_blank_values=True))
        names = tuple(name for name, _ in values)
        form = self.headers.get("content-type") == "application/x-www-form-urlencoded"
        body = dict(parse_qsl(sent.decode())) if sent and form else json.loads(sent) if sent else None
        sent_headers = tuple(name.lower() for name in headers)
        answered_with = json.loads(data) if data else None
        said = (self.command, parts.path, names, body, answered_with, sent_headers, answer.status, values)
        self.server.heard.append(Exchange(*said))
        self.send_response_only(answer.status)
        for name, value in kept:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""


def template(spec: Specification, exchange: Exchange) -> str:
    """The path of the specification that a request is of; of several, the one with the fewest placeholders."""
    fits = [
        path
        for path, operations in spec.document["paths"].items()
        if exchange.method.lower() in operations and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), exchange.path)
    ]
    assert fits, f"{exchange.method} {exchange.path} is not in the specification"
    return min(fits, key=lambda path: path.count("{"))
