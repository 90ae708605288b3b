"""Receivers on loopback: an SMTP server and an HTTP server that keep what they got."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TypeVar

T = TypeVar("T", bound=socketserver.TCPServer)


class Mailbox(socketserver.TCPServer):
    """A mail server of one connection at a time; `mails` holds (sender, recipients, message)."""

    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Smtp)
        self.mails: list[tuple[str, list[str], Message]] = []


class _Smtp(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        sender, recipients = "", []
        self._say("220 loopback")
        while line := self.rfile.readline().decode().strip():
            verb = line.split(":", 1)[0].upper()
            if verb.startswith(("EHLO", "HELO", "RSET", "NOOP")):
                self._say("250 loopback")
            elif verb == "MAIL FROM":
                sender = line.split("<")[1].split(">")[0]
                self._say("250 ok")
            elif verb == "RCPT TO":
                recipients.append(line.split("<")[1].split(">")[0])
                self._say("250 ok")
            elif verb == "DATA":
                self._say("354 go on")
                self.server.mails.append((sender, recipients, message_from_bytes(self._data())))
                self._say("250 taken")
            else:
                self._say("221 bye" if verb == "QUIT" else "502 not here")
                if verb == "QUIT":
                    return

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def _data(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)


class Hook(HTTPServer):
    """An HTTP server; `posts` holds (path, headers, body). `answer` is the status that it gives."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Http)
        self.posts: list[tuple[str, dict[str, str], bytes]] = []
        self.answer = 200


class _Http(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append((self.path, dict(self.headers), body))
        self.send_response(self.server.answer)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing on standard error."""


@contextmanager
def serving(server: T) -> Iterator[T]:
    """The server in a thread until the block ends."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
