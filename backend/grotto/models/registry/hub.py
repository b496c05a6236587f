"""A publisher's server over HTTP: what a repository holds at one revision, and the bytes of a file from any place on.

Layout of the addresses and of the listing: the public HTTP interface of huggingface.co, which mirrors of it follow, too.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from ...contract import VERSION, ProblemError, missing_resource

MAIN = "main"  # the publisher's branch: what it names moves
NETWORK_ERRORS = (OSError, http.client.HTTPException)  # all that urllib raises; URLError and TimeoutError are OSErrors
WAITS_S = (0.2, 1.0, 3.0, 9.0, 20.0)
_PATIENCE_S = 30.0  # without a byte
_PASSING = (408, 425, 429, 500, 502, 503, 504)  # statuses after which the same request may succeed
_MOST_LISTED = 20_000_000  # bytes of a listing


@dataclass(frozen=True)
class Server:
    """A server, a repository on it, and what a user does where it fails."""

    address: str
    repository: str
    by_hand: str  # the remedy in words
    waits_s: tuple[float, ...] = WAITS_S  # before another attempt, by how many in a row brought no byte

    @property
    def host(self) -> str:
        return urlsplit(self.address).hostname or self.address


@dataclass(frozen=True)
class ListedFile:
    """A file as its publisher lists it: its length, and its sha256 or (small files) the id that git gives it."""

    path: str
    size_bytes: int
    sha256: str = ""
    git_id: str = ""


@dataclass(frozen=True)
class Listing:
    """All files of a repository at one commit."""

    commit: str
    files: dict[str, ListedFile]


class RevisionGone(Exception):
    """The server has no such revision."""


def server_address(endpoint: str | None) -> str:
    """The server to ask: `endpoint`, else HF_ENDPOINT, else the publishers' own."""
    return (endpoint or os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def list_files(server: Server, revision: str) -> Listing:
    """Read what the repository holds at `revision`. Raises `RevisionGone`, or a missing resource for every other failure."""
    address = f"{server.address}/api/models/{server.repository}/revision/{quote(revision, safe='')}?blobs=true"
    try:
        with _answer(address, {}) as response:
            text = response.read(_MOST_LISTED)
    except NETWORK_ERRORS as error:
        if isinstance(error, urllib.error.HTTPError) and error.code == 404 and "Repo" not in _code(error):
            raise RevisionGone(revision) from error
        raise network_problem(error, server, "the list of its files") from error
    try:
        listing = _listing(json.loads(text))
    except (ValueError, KeyError, TypeError) as error:
        raise missing_resource(
            f"{server.host} answered with something else than a list of files (a login page of your network?)", server.by_hand
        ) from error
    if len(revision) == 40 and listing.commit != revision:
        raise missing_resource(
            f"{server.host} answered with revision {listing.commit[:12]} instead of {revision[:12]}", server.by_hand
        )
    return listing


@contextmanager
def open_file(server: Server, commit: str, path: str, start: int) -> Iterator[tuple[Any, int]]:
    """Open a file from byte `start` on; yields the response and the byte at which it begins.

    That is 0 where the server cannot start later. Raises NETWORK_ERRORS; a missing resource where it answers for another commit.
    """
    address = f"{server.address}/{server.repository}/resolve/{commit}/{quote(path)}"
    with _answer(address, {"Range": f"bytes={start}-"} if start else {}) as response:
        answered = response.headers.get("X-Repo-Commit") or commit
        if answered != commit:
            raise missing_resource(
                f"{server.host} sent {path} of revision {answered[:12]} instead of {commit[:12]}", server.by_hand
            )
        spans = (response.headers.get("Content-Range") or "").removeprefix("bytes ").split("-")[0]
        begins = int(spans) if response.status == 206 and spans.isdigit() else 0
        yield response, begins


def may_pass(error: BaseException) -> bool:
    """Whether the same request may succeed a little later: a dropped or silent line, an overloaded server."""
    if isinstance(error, urllib.error.HTTPError):
        return error.code in _PASSING
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, ssl.SSLCertVerificationError | ConnectionRefusedError):
        return False
    if isinstance(reason, socket.gaierror):
        return reason.errno == socket.EAI_AGAIN
    return isinstance(reason, ConnectionError | TimeoutError | ssl.SSLError | http.client.HTTPException)


def network_problem(error: BaseException, server: Server, what: str, kept: str = "") -> ProblemError:
    """The missing resource of a request that failed, in words; `kept` says what is kept for the next attempt."""
    tail = f"; {kept}" if kept else ""
    if isinstance(error, urllib.error.HTTPError):
        return missing_resource(_status(error, server, what) + tail, server.by_hand)
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, ssl.SSLCertVerificationError):
        return missing_resource(
            f"the certificate of {server.host} is not trusted here ({reason.verify_message}){tail}",
            f"check the clock and the proxy of this machine, or {server.by_hand}",
        )
    if isinstance(reason, socket.gaierror | ConnectionRefusedError) or (isinstance(reason, TimeoutError) and not kept):
        return missing_resource(f"the server {server.host} cannot be reached{tail}", server.by_hand)
    words = str(getattr(reason, "strerror", None) or reason).strip().rstrip(".") or type(reason).__name__
    return missing_resource(f"{what} could not be fetched from {server.host} ({words.lower()}){tail}", server.by_hand)


def _status(error: urllib.error.HTTPError, server: Server, what: str) -> str:
    if error.code in (401, 403):
        return f"{server.host} does not give {what} of {server.repository} to everybody (status {error.code})"
    if error.code == 404:
        return f"{server.repository} has no {what}"
    if error.code == 429:
        return f"{server.host} refuses more requests for now (status 429)"
    return f"{server.host} does not give {what} (status {error.code})"


def _code(error: urllib.error.HTTPError) -> str:
    return str(error.headers.get("X-Error-Code") or "")


def _listing(content: Any) -> Listing:
    files = {}
    for entry in content["siblings"]:
        stored = entry.get("lfs") or {}
        size = int(stored.get("size", entry["size"]))
        digest, git_id = str(stored.get("sha256", "")), "" if stored else str(entry["blobId"])
        files[str(entry["rfilename"])] = ListedFile(str(entry["rfilename"]), size, digest, git_id)
    return Listing(str(content["sha"]), files)


@contextmanager
def _answer(address: str, headers: dict[str, str]) -> Iterator[Any]:
    request = urllib.request.Request(address, headers={"User-Agent": f"grotto/{VERSION}", **headers})
    with urllib.request.urlopen(request, timeout=_PATIENCE_S) as response:
        yield response
