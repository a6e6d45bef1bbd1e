"""The control API under /_sandbox/: what tests set and ask, apart from AWS itself. JSON both ways."""
import json
import os
import re

from . import contents, lifecycle, quotas, seed, weather, world
from .chaos import Kill, parse_faults
from .wire.errors import AwsError

_JSON = {"content-type": "application/json"}


async def control(request):
    """(status, headers, body) of one control request."""
    try:
        data = json.loads(request.body) if request.body else None
        status, content = 200, _route(request.method, request.path.removeprefix("/_sandbox/").rstrip("/"),
                                      {key: values[-1] for key, values in request.query.items()}, data)
    except AwsError as error:
        status, content = error.status or 400, {"code": error.code, "message": error.message}
    except (ValueError, TypeError, KeyError) as error:
        status, content = 400, {"code": "BadRequest", "message": f"{type(error).__name__}: {error}"}
    return status, _JSON, json.dumps(content).encode()


def _route(method, path, query, data):
    of_account = re.fullmatch(r"accounts/(\d{12})/(\w+)", path)
    if of_account and (method, of_account.group(2)) in _OF_ACCOUNT:
        return _OF_ACCOUNT[method, of_account.group(2)](of_account.group(1), data)
    handler = _ROUTES.get((method, path))
    if handler is None:
        raise AwsError("NotFound", f"no {method} /_sandbox/{path}", 404)
    return handler(query, data)


def _seed(account, data):
    return seed.seed(account, **(data or {}))


def _contents():
    return {("PUT", "contents"): lambda account, data: contents.begin(account, **(data or {})),
            ("GET", "contents"): lambda account, data: contents.view(account),
            ("DELETE", "contents"): lambda account, data: contents.end(account)}


def _weather(kind):
    """How a storm or an outage begins, is looked at, and ends."""
    return {("PUT", kind): lambda account, data: weather.begin(account, kind, **(data or {})),
            ("GET", kind): lambda account, data: weather.view(account, kind),
            ("DELETE", kind): lambda account, data: weather.end(account, kind)}


def _health(query, data):
    return {"pid": os.getpid(), "ready": True}


def _calls(query, data):
    return world.RECORDER.since(int(query.get("since", 0)), query.get("account"))


def _reset_calls(query, data):
    world.RECORDER.reset()
    return {"next": world.RECORDER.last}


def _get_delays(query, data):
    return lifecycle.DELAYS


def _put_delays(query, data):
    lifecycle.set_delays(data or {})
    return lifecycle.DELAYS


def _reset_delays(query, data):
    lifecycle.reset_delays()
    return lifecycle.DELAYS


def _get_faults(query, data):
    return [vars(fault) for fault in world.CHAOS.faults]


def _put_faults(query, data):
    world.CHAOS.faults = parse_faults(data or [])
    return _get_faults(query, data)


def _get_latency(query, data):
    return {"seconds": world.CHAOS.latency}


def _put_latency(query, data):
    seconds = float(data["seconds"])
    if not 0 <= seconds <= 60:
        raise ValueError("seconds from 0 to 60")
    world.CHAOS.latency = seconds
    return _get_latency(query, data)


def _get_kill(query, data):
    return world.CHAOS.kill.view() if world.CHAOS.kill else {"armed": False, "fired": False, "seen": 0, "call": None}


def _put_kill(query, data):
    world.CHAOS.kill = Kill(**data) if data else None
    return _get_kill(query, data)


def _delete_kill(query, data):
    world.CHAOS.kill = None
    return _get_kill(query, data)


def _get_quotas(query, data):
    return quotas.overrides()


def _put_quotas(query, data):
    return quotas.override(data or [])


_OF_ACCOUNT = {("POST", "seed"): _seed, **_contents(), **_weather("storm"), **_weather("outage")}
_ROUTES = {
    ("GET", "health"): _health,
    ("GET", "calls"): _calls, ("POST", "calls/reset"): _reset_calls,
    ("GET", "delays"): _get_delays, ("PUT", "delays"): _put_delays, ("DELETE", "delays"): _reset_delays,
    ("GET", "faults"): _get_faults, ("PUT", "faults"): _put_faults,
    ("GET", "latency"): _get_latency, ("PUT", "latency"): _put_latency,
    ("GET", "kill"): _get_kill, ("PUT", "kill"): _put_kill, ("DELETE", "kill"): _delete_kill,
    ("GET", "quotas"): _get_quotas, ("PUT", "quotas"): _put_quotas,
}
