"""Requests: from bytes to the plain values of an operation's input shape."""
import json
import urllib.parse
from datetime import datetime, timezone

from .errors import AwsError


def parse_input(model, operation, request, uri_params):
    """The input of `operation` as a dict; missing required members are refused as AWS refuses them."""
    shape = operation.input_shape
    if shape is None:
        return {}
    protocol = model.metadata["protocol"]
    if protocol in ("query", "ec2"):
        values = _structure(shape, _tree(request.form), protocol)
    elif protocol == "json":
        values = _load(request.body)
    else:
        values = _rest(shape, request, uri_params)
    missing = [name for name in shape.required_members if values.get(name) is None]
    if missing:
        if protocol in ("query", "ec2"):
            raise AwsError("MissingParameter", f"The request must contain the parameter {missing[0]}.", 400)
        raise AwsError("ValidationException", f"1 validation error detected: Value at '{missing[0]}' failed to "
                       "satisfy constraint: Member must not be null", 400)
    return values


def _load(body):
    try:
        return json.loads(body or b"{}") or {}
    except ValueError:
        raise AwsError("SerializationException", "The request body is not JSON.", 400) from None


def _tree(form):
    """`A.member.1.B=x` as nested dicts, so that shapes can be walked without scanning every key."""
    root = {}
    for key, value in form.items():
        node = root
        parts = key.split(".")
        for part in parts[:-1]:
            child = node.get(part)
            if not isinstance(child, dict):
                child = node[part] = {}
            node = child
        if not isinstance(node.get(parts[-1]), dict):
            node[parts[-1]] = value
    return root


def _structure(shape, node, protocol):
    values = {}
    for name, member in shape.members.items():
        wire = member.serialization.get("queryName") if protocol == "ec2" else None
        wire = wire or member.serialization.get("name", name)
        if protocol == "ec2" and "queryName" not in member.serialization:
            wire = wire[0].upper() + wire[1:]
        if member.type_name == "list" and protocol == "query" and member.serialization.get("flattened"):
            wire = member.member.serialization.get("name", wire)
        if wire in node:
            values[name] = _value(member, node[wire], protocol)
    return values


def _value(shape, node, protocol):
    kind = shape.type_name
    if kind == "structure":
        return _structure(shape, node if isinstance(node, dict) else {}, protocol)
    if kind == "list":
        if not isinstance(node, dict):
            return []
        inner = shape.member.serialization.get("name", "member")
        node = node.get(inner) or node.get("member") or node
        keys = sorted((key for key in node if key.isdigit()), key=int)
        return [_value(shape.member, node[key], protocol) for key in keys]
    if kind == "map":
        entries = (node.get("entry") or node) if isinstance(node, dict) else {}
        return {entry["key"]: _value(shape.value, entry["value"], protocol) for entry in entries.values()}
    return _scalar(kind, node)


def _scalar(kind, text):
    try:
        if kind in ("integer", "long"):
            return int(text)
        if kind in ("float", "double"):
            return float(text)
        if kind == "boolean":
            return {"true": True, "false": False}[text.lower()]
        if kind == "timestamp":
            return parse_time(text)
    except (ValueError, KeyError):
        raise AwsError("MalformedInput", f"Invalid value '{text}' for a {kind}.", 400) from None
    return text


def parse_time(value):
    """Seconds since the epoch, from a number or an ISO 8601 text."""
    if isinstance(value, (int, float)):
        return float(value)
    moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return moment.timestamp()


def _rest(shape, request, uri_params):
    payload = shape.serialization.get("payload")
    values = {}
    body = {} if payload or not request.body else _load(request.body)
    for name, member in shape.members.items():
        place = member.serialization.get("location")
        wire = member.serialization.get("name", name)
        found = None
        if place == "uri":
            found = uri_params.get(wire)
        elif place == "querystring":
            if member.type_name == "list":
                found = request.query.get(wire)
            elif wire in request.query:
                found = request.query[wire][-1]
        elif place == "header":
            found = request.headers.get(wire.lower())
        elif payload == name:
            found = _load(request.body) if member.type_name == "structure" else request.body
        elif wire in body:
            found = body[wire]
        if found is not None:
            if place and member.type_name != "list":
                found = _scalar(member.type_name, found)
            values[name] = found
    return values


def form_of(body, query):
    """Query protocol parameters, from the body or (for GET) from the query string."""
    form = {key: items[-1] for key, items in query.items()}
    text = body.decode("utf-8", "replace") if body else ""
    form.update(urllib.parse.parse_qsl(text, keep_blank_values=True))
    return form
