"""Replies: from plain values to the bytes that the SDKs parse.

Keys that the output shape does not know (our own `_due`, for instance) are left out, so records can be
kept in the shape of the reply and returned as they are.
"""
import base64
import json
import uuid
from datetime import datetime, timezone
from xml.sax.saxutils import escape

from .parse import parse_time


def render_output(model, operation, values):
    """(status, headers, body) of a successful reply."""
    protocol = model.metadata["protocol"]
    request_id = str(uuid.uuid4())
    headers = {"x-amzn-requestid": request_id}
    shape = operation.output_shape
    values = values or {}
    if protocol in ("query", "ec2"):
        headers["content-type"] = "text/xml"
        namespace = model.metadata.get("xmlNamespace", "")
        if protocol == "ec2":
            namespace = f"http://ec2.amazonaws.com/doc/{model.api_version}/"
            inner = f"<requestId>{request_id}</requestId>" + (_members(shape, values) if shape else "")
        else:
            wrapper = shape.serialization.get("resultWrapper") if shape else None
            content = _members(shape, values) if shape else ""
            inner = f"<{wrapper}>{content}</{wrapper}>" if wrapper else content
            inner += f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
        name = f"{operation.name}Response"
        return 200, headers, f'<{name} xmlns="{namespace}">{inner}</{name}>'.encode()
    status = operation.http.get("responseCode", 200)
    if shape is None or not shape.members:
        if protocol == "json":
            headers["content-type"] = "application/x-amz-json-1.1"
            return status, headers, b"{}"
        return status, headers, b"" if status == 204 else b"{}"
    headers["content-type"] = "application/json" if protocol == "rest-json" else "application/x-amz-json-1.1"
    return status, headers, json.dumps(_json(shape, values)).encode()


def _members(shape, values):
    parts = []
    for name, member in shape.members.items():
        value = values.get(name)
        if value is None:
            continue
        wire = member.serialization.get("name", name)
        if member.type_name == "list" and member.serialization.get("flattened"):
            inner = member.member.serialization.get("name", wire)
            parts.extend(_element(inner, member.member, item) for item in value)
        else:
            parts.append(_element(wire, member, value))
    return "".join(parts)


def _element(name, shape, value):
    kind = shape.type_name
    if kind == "structure":
        content = _members(shape, value)
    elif kind == "list":
        inner = shape.member.serialization.get("name", "member")
        content = "".join(_element(inner, shape.member, item) for item in value)
    elif kind == "map":
        key_name = shape.key.serialization.get("name", "key")
        value_name = shape.value.serialization.get("name", "value")
        content = "".join(
            f"<entry>{_element(key_name, shape.key, key)}{_element(value_name, shape.value, item)}</entry>"
            for key, item in value.items())
    else:
        content = escape(_text(shape, value))
    return f"<{name}>{content}</{name}>"


def _text(shape, value):
    kind = shape.type_name
    if kind == "boolean":
        return "true" if value and value != "false" else "false"
    if kind == "timestamp":
        return iso(parse_time(value))
    if kind in ("integer", "long"):
        return str(int(value))
    if kind == "blob":
        return base64.b64encode(value).decode()
    return str(value)


def iso(seconds):
    """The date form of the XML protocols, with milliseconds."""
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _json(shape, value):
    kind = shape.type_name
    if kind == "structure":
        found = {}
        for name, member in shape.members.items():
            if value.get(name) is not None:
                found[member.serialization.get("name", name)] = _json(member, value[name])
        return found
    if kind == "list":
        return [_json(shape.member, item) for item in value]
    if kind == "map":
        return {key: _json(shape.value, item) for key, item in value.items()}
    if kind == "timestamp":
        return iso(parse_time(value)) if shape.serialization.get("timestampFormat") == "iso8601" else parse_time(value)
    if kind == "blob":
        return base64.b64encode(value).decode()
    if kind == "boolean":
        return bool(value)
    if kind in ("integer", "long"):
        return int(value)
    return value
