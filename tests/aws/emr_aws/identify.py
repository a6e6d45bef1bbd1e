"""Which account, region, service and operation a request is about.

Everything else (recording, faults, kill switch, our own handlers) hangs on this, so it is read from what
the client signed and from the service model's own routes, never guessed from the emulator's answer.
"""
import functools
import re
import urllib.parse
from dataclasses import dataclass, field

from .wire.models import model_for, protocol_of
from .wire.parse import form_of

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request")
_READS = ("Describe", "List", "Get", "Head", "BatchGet", "Search", "Lookup", "Query", "Scan", "Check", "Validate",
          "Simulate", "Decode", "Estimate", "Preview", "Filter", "Select", "Test", "AssumeRole", "Encrypt", "Decrypt",
          "GenerateDataKey", "GenerateMac", "Sign", "Verify")


@dataclass
class Request:
    """One HTTP request with its body read."""
    method: str
    path: str
    query: dict
    headers: dict
    body: bytes
    form: dict = field(default_factory=dict)


@dataclass
class Call:
    """What a request asks of AWS."""
    account: str
    region: str
    service: str
    operation: str
    model: object
    uri_params: dict
    cbor: bool = False
    role: str = ""   # the ARN that STS is asked for

    @property
    def mutating(self):
        return not self.operation.startswith(_READS)

    @property
    def concerns(self):
        """The account that the call is about: a role is assumed where it is."""
        return self.role.split(":")[4] if self.role.count(":") > 4 else self.account


def identify(request):
    """The Call a request makes, or None where it carries no AWS credential at all."""
    match = _CREDENTIAL.search(request.headers.get("authorization", ""))
    if match is None:
        presigned = (request.query.get("X-Amz-Credential") or [""])[0].split("/")
        if len(presigned) != 5:
            return None
        key, region, service = presigned[0], presigned[2], presigned[3]
    else:
        key, region, service = match.group(1), match.group(3), match.group(4)
    model = model_for(service)
    operation, uri_params, cbor = _operation(request, model)
    role = request.form.get("RoleArn", "") if service == "sts" else ""
    return Call(_account(key), region, service, operation, model, uri_params, cbor, role)


def _account(key):
    """A 12-digit key is its account; the key of an assumed role belongs to the role's account."""
    from ministack.core import responses
    token = responses._request_account_id.set(responses.get_account_id())
    try:
        responses.set_request_account_id(key)
        return responses.get_account_id()
    finally:
        responses._request_account_id.reset(token)


def _operation(request, model):
    target = request.headers.get("x-amz-target")
    if target:
        return target.rsplit(".", 1)[-1], {}, False
    rpc = re.fullmatch(r"/service/[^/]+/operation/([^/]+)/?", request.path)
    if rpc:
        return rpc.group(1), {}, True
    if protocol_of(model) in ("query", "ec2"):
        request.form = form_of(request.body, request.query)
        return request.form.get("Action", "Unknown"), {}, False
    if model is not None:
        for name, pattern, constants, headers in _routes(model)[request.method]:
            found = pattern.fullmatch(request.path)
            if found and constants <= set(request.query) and headers <= set(request.headers):
                values = {key[1:]: urllib.parse.unquote(value) for key, value in found.groupdict().items()}
                return name, {_routes(model)["names"][key]: value for key, value in values.items()}, False
    return "Unknown", {}, False


@functools.lru_cache(maxsize=None)
def _routes(model):
    """The REST operations of a service, most specific route first."""
    routes = {"names": {}}
    for method in ("GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS"):
        routes[method] = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        path, _, query = http["requestUri"].partition("?")
        path = path.rstrip("/") or "/"
        constants = {part.split("=")[0] for part in query.split("&") if part}
        headers = set()
        shape = model.operation_model(name).input_shape
        for member in shape.required_members if shape else ():
            place = shape.members[member].serialization
            if place.get("location") == "querystring":
                constants.add(place.get("name", member))
            elif place.get("location") == "header":
                headers.add(place.get("name", member).lower())
        pattern = ""
        for part in re.split(r"(\{[^}]+\})", path):
            if part.startswith("{"):
                label = part.strip("{}").rstrip("+")
                key = re.sub(r"\W", "_", label)
                routes["names"][key] = label
                pattern += f"(?P<_{key}>{'.+' if part.endswith('+}') else '[^/]+'})"
            else:
                pattern += re.escape(part)
        routes[http["method"]].append((name, re.compile(pattern + "/?"), constants, headers))
    for method, found in routes.items():
        if method != "names":
            # S3 has two names for some routes: the one that it no longer uses comes last.
            found.sort(key=lambda route: (-len(route[2]) - len(route[3]), route[1].pattern.count("(?P"),
                                          -len(route[1].pattern), model.operation_model(route[0]).deprecated))
    return routes
