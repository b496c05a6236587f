"""A publisher's server on this machine, over real HTTP, with the faults of real lines and servers at will."""

from __future__ import annotations

import hashlib
import http.server
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit


@dataclass
class Hub:
    """What the server holds, what it does wrong, and what was asked of it."""

    folder: Path
    commit: str = "a" * 40
    gone: set[str] = field(default_factory=set)  # commits that it no longer has
    drops: int = 0  # answers with a file's bytes that still end early
    keeps: int = 20_000  # bytes before such an end
    abrupt: bool = False  # ends by a reset instead of an orderly close
    ranges: bool = True  # whether it starts where it is told to
    spoil: str = ""  # a file that it sends wrong
    status: dict[str, list[int]] = field(default_factory=dict)  # path to the statuses of the next answers
    headers: dict[str, str] = field(default_factory=dict)  # of those answers
    listing: bytes | None = None  # sent in place of the list of files
    before_file: Callable[[str], None] | None = None
    stored: tuple[str, ...] = (".safetensors", ".bin")  # endings listed with sha256 instead of git's id
    asked: list[tuple[str, str]] = field(default_factory=list)  # path, Range
    sent: int = 0  # bytes of files
    address: str = ""

    def files(self) -> dict[str, bytes]:
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}

    def list(self) -> bytes:
        siblings = []
        for name, content in self.files().items():
            entry = {"rfilename": name, "size": len(content), "blobId": git_id(content)}
            if name.endswith(self.stored):
                entry["lfs"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}
            siblings.append(entry)
        return json.dumps({"sha": self.commit, "siblings": siblings}).encode()


def git_id(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class _Handler(http.server.BaseHTTPRequestHandler):
    hub: Hub

    def do_GET(self) -> None:
        hub, path = self.hub, urlsplit(self.path).path
        wanted = self.headers.get("Range") or ""
        hub.asked.append((path, wanted))
        if "/revision/" in path:
            commit = path.rpartition("/")[2]
            self._send(path, 404 if commit in hub.gone else 200, hub.list() if hub.listing is None else hub.listing)
            return
        commit, _, name = path.partition("/resolve/")[2].partition("/")
        content = hub.files().get(name)
        if commit in hub.gone or content is None:
            self._send(path, 404, b"")
            return
        if hub.before_file is not None:
            hub.before_file(name)
        if name == hub.spoil:
            content = bytes([content[0] ^ 1]) + content[1:]
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and hub.ranges else 0
        self._send(name, 206 if start else 200, content[start:], start, len(content))

    def _send(self, name: str, status: int, body: bytes, start: int = -1, whole: int = 0) -> None:
        hub = self.hub
        if hub.status.get(name):
            status = hub.status[name].pop(0)
        refused = status >= 400
        self.send_response(status)
        for key, value in (hub.headers if refused else {"X-Repo-Commit": hub.commit}).items():
            self.send_header(key, value)
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{whole - 1}/{whole}")
        body = b"" if refused else body
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        drop = start >= 0 and not refused and hub.drops > 0 and len(body) > hub.keeps
        if drop:
            hub.drops -= 1
            body = body[: hub.keeps]
        self.wfile.write(body)
        hub.sent += len(body) if start >= 0 else 0
        if drop and hub.abrupt:
            self.wfile.flush()
            time.sleep(0.05)  # a reset takes with it what was not read yet
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """Serve `hub` at its `address` until the block ends."""
    handler = type("OneHub", (_Handler,), {"hub": hub})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    hub.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
