"""One exception for every refusal, rendered in the form each protocol expects.

A client reads the code from `<Code>`, `__type` or the `x-amzn-errortype` header depending on the
protocol, and retries by code and HTTP status. A fault injected in the wrong form tests nothing.
"""
import json
import uuid
from xml.sax.saxutils import escape

from .models import protocol_of


class AwsError(Exception):
    """`code` is a shape of the model (its code and status come from there) or a bare wire code."""

    def __init__(self, code, message="", status=None, **members):
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status, self.members = code, message, status, members

    def resolve(self, model):
        """(wire code, HTTP status) as the model has them."""
        code, status = self.code, self.status
        if model is not None and code in model.shape_names:
            error = model.shape_for(code).metadata.get("error", {})
            code = error.get("code", code)
            status = status or error.get("httpStatusCode")
        return code, status or 400


def render_error(model, error, cbor=False):
    """(status, headers, body) of an AwsError."""
    code, status = error.resolve(model)
    request_id = str(uuid.uuid4())
    headers = {"x-amzn-requestid": request_id}
    protocol = "cbor" if cbor else protocol_of(model)
    kind = "Receiver" if status >= 500 else "Sender"
    if protocol == "query":
        headers["content-type"] = "text/xml"
        namespace = model.metadata.get("xmlNamespace", "")
        body = (f'<ErrorResponse xmlns="{namespace}"><Error><Type>{kind}</Type><Code>{escape(code)}</Code>'
                f"<Message>{escape(error.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>")
    elif protocol == "ec2":
        headers["content-type"] = "text/xml;charset=UTF-8"
        body = (f"<Response><Errors><Error><Code>{escape(code)}</Code><Message>{escape(error.message)}</Message>"
                f"</Error></Errors><RequestID>{request_id}</RequestID></Response>")
    elif protocol == "rest-xml":
        headers["content-type"] = "application/xml"
        body = (f"<Error><Code>{escape(code)}</Code><Message>{escape(error.message)}</Message>"
                f"<RequestId>{request_id}</RequestId></Error>")
        if model is not None and model.service_name != "s3":
            body = f"<ErrorResponse>{body}<RequestId>{request_id}</RequestId></ErrorResponse>"
    elif protocol == "cbor":
        import cbor2
        headers["content-type"] = "application/cbor"
        headers["smithy-protocol"] = "rpc-v2-cbor"
        return status, headers, cbor2.dumps({"__type": code, "message": error.message})
    else:
        headers["x-amzn-errortype"] = code
        if protocol == "rest-json":
            headers["content-type"] = "application/json"
            content = {"message": error.message, **error.members}
            if model.service_name == "efs":
                content = {"ErrorCode": code, "Message": error.message, **error.members}
            elif model.service_name == "backup":
                content = {"Code": code, "Message": error.message, **error.members}
        else:
            headers["content-type"] = "application/x-amz-json-1.1"
            content = {"__type": code, "message": error.message, **error.members}
        body = json.dumps(content)
    return status, headers, body.encode()
