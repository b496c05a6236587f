"""The guard before every request: this machine's own clients only, with the token, and not too much at once."""

from __future__ import annotations

import hmac
import json

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .refusal import Refusal

MOST_BODY_BYTES = 1 << 20
OPEN_PATHS = ("/v1/health",)
_OWN_SITES = (b"none", b"same-origin")  # what browsers say of requests that no other page made
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)  # on every answer: nothing of ours is shown, framed or kept by a browser


class _TooLarge(HTTPException):
    """Raised while a body without a stated length comes in; FastAPI passes on this kind of exception only."""

    def __init__(self) -> None:
        super().__init__(413, _too_large().problem.cause)


class Guard:
    """ASGI middleware. Web pages are kept out: they send an Origin, and a rebound name shows in Host."""

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self._app = app
        self._token = f"Bearer {token}".encode()
        self._hosts = {f"127.0.0.1:{port}".encode(), f"localhost:{port}".encode()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *_HEADERS]}
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await _answer(told, refusal)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MOST_BODY_BYTES:
                raise _TooLarge
            return message

        await self._app(scope, counted, told)

    def _refusal(self, scope: Scope) -> Refusal | None:
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        values = {name: [value for other, value in headers if other == name] for name, _ in headers}
        hosts = values.get(b"host", [])
        if scope["type"] != "http" or len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return Refusal(421, "the request names another host", "use the address that the backend printed")
        if b"origin" in values or any(site not in _OWN_SITES for site in values.get(b"sec-fetch-site", [])):
            return Refusal(403, "web pages may not use the backend", "use a program without an Origin header")
        if scope["path"] not in OPEN_PATHS:
            tokens = values.get(b"authorization", [])
            if len(tokens) != 1 or not hmac.compare_digest(tokens[0], self._token):
                return Refusal(401, "the token is missing or wrong", "read it from the runtime file of this backend")
        length = values.get(b"content-length", [b"0"])[0]
        if length.isdigit() and int(length[:20]) > MOST_BODY_BYTES:
            return _too_large()
        return None


def _too_large() -> Refusal:
    return Refusal(413, "the request is too large", f"send at most {MOST_BODY_BYTES} bytes")


async def _answer(send: Send, refusal: Refusal) -> None:
    body = json.dumps(refusal.problem.as_json()).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
