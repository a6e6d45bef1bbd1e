"""The ASGI application: control API, trouble, our handlers, and behind them the emulator."""
import contextvars
import json
import logging
import urllib.parse

from ministack import app as emulator
from ministack.core.responses import request_scope

from . import weather, world
from .control import control
from .chaos import Dropped
from .identify import Request, identify
from .recorder import error_code
from .registry import HANDLERS, Ctx, Forward
from .wire.errors import AwsError, render_error
from .wire.parse import parse_input
from .wire.render import render_output

LOG = logging.getLogger("emr_aws")
CONNECTION = contextvars.ContextVar("connection", default=None)   # the socket's writer, set by server.py


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await emulator.app(scope, receive, send)
    elif scope["type"] == "http":
        await _http(scope, receive, send)


async def _http(scope, receive, send):
    body = await _body(receive)
    headers = {}
    for name, value in scope["headers"]:
        headers[name.decode("latin-1").lower()] = value.decode("latin-1")
    query = urllib.parse.parse_qs(scope.get("query_string", b"").decode(), keep_blank_values=True)
    # The raw path keeps escaped slashes, which REST operations carry inside ARNs.
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").split("?")[0]
    request = Request(scope["method"], path, query, headers, body)
    if path.startswith("/_sandbox/"):
        await _send(send, *await control(request))
        return
    if path.startswith("/_ministack/reset"):
        await _send(send, 404, {"content-type": "application/json"}, json.dumps({"message": "not offered"}).encode())
        return

    async def forward():
        return await _emulate(scope, headers, body)

    call = identify(request)
    if call is None:
        await _send(send, *await forward())
        return
    entry = world.RECORDER.begin(call, request)
    try:
        status, reply_headers, reply = await weather.around(call, lambda: world.CHAOS.around(
            call, entry["seq"], lambda: _answer(call, request, forward)))
    except Dropped:
        entry["code"] = "ConnectionDropped"
        _drop()
        return
    except AwsError as error:
        status, reply_headers, reply = render_error(call.model, error, call.cbor)
    world.RECORDER.end(entry, status, error_code(status, reply_headers, reply))
    await _send(send, status, reply_headers, reply, head=request.method == "HEAD")


async def _answer(call, request, forward):
    key = (call.service, call.operation)
    ctx = Ctx(call.account, call.region)
    try:
        if key not in HANDLERS:
            return await forward()
        operation = call.model.operation_model(call.operation)
        with request_scope(call.account, call.region):
            values = parse_input(call.model, operation, request, call.uri_params)
            try:
                return render_output(call.model, operation, HANDLERS[key](ctx, values))
            except Forward as leave:
                reply = await forward()
                if leave.after and reply[0] < 300:
                    leave.after()
                return reply
    except AwsError as error:
        return render_error(call.model, error, call.cbor)
    except Exception:
        LOG.exception("%s %s failed", *key)
        return render_error(call.model, AwsError("InternalFailure", "The stand-in failed; see its log.", 500))


async def _body(receive):
    parts = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _emulate(scope, headers, body):
    """Run the emulator on a request already read, and collect its reply."""
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive():
        return pending.pop() if pending else {"type": "http.disconnect"}

    reply = {"status": 500, "headers": {}, "body": []}

    async def send(message):
        if message["type"] == "http.response.start":
            reply["status"] = message["status"]
            reply["headers"] = {key.decode("latin-1").lower(): value.decode("latin-1")
                                for key, value in message.get("headers", [])}
        elif message["type"] == "http.response.body":
            reply["body"].append(message.get("body", b""))

    await emulator.app(scope, receive, send)
    return reply["status"], reply["headers"], b"".join(reply["body"])


async def _send(send, status, headers, body, head=False):
    pairs = [(key.encode(), str(value).encode("latin-1", "replace")) for key, value in headers.items()
             if head or key.lower() != "content-length"]
    if not head and status not in (204, 304):
        pairs.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": b"" if head else body, "more_body": False})


def _drop():
    """Close the socket at once: the client must see a broken connection, not an error reply."""
    writer = CONNECTION.get()
    if writer is not None:
        writer.transport.abort()
