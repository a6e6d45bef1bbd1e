"""Every AWS call, in order, for tests that count mutations or compare calls with an IAM policy.

Bodies are never kept: they hold passwords. Of the input only top-level identifiers are remembered.
"""
import itertools
import json
import re
from collections import deque
from datetime import datetime, timezone

_KEEP = re.compile(r"(Identifier|Name|Id|Arn|Token)$")
_DROP = re.compile(r"(Secret(String|Binary)|Password|AuthToken|SessionToken|NextToken|SecurityToken|AccessKeyId)")
_LIMIT = 200_000


class Recorder:
    def __init__(self):
        self._numbers = itertools.count(1)
        self.last = 0
        self.calls = deque(maxlen=_LIMIT)

    def begin(self, call, request):
        """Note a call when it arrives: one that is never answered must still be visible."""
        self.last = next(self._numbers)
        entry = {
            "seq": self.last, "at": datetime.now(timezone.utc).isoformat(), "account": call.account,
            "region": call.region, "service": call.service, "operation": call.operation,
            "mutating": call.mutating, "status": None, "code": None,
            "request_summary": _summary(call, request),
            # Tells the operator's calls from those of a test that looks on with boto3.
            "agent": request.headers.get("user-agent", "").split("/")[0].split(" ")[0],
        }
        self.calls.append(entry)
        return entry

    def since(self, sequence, account=None):
        found = [entry for entry in self.calls
                 if entry["seq"] > sequence and (account is None or entry["account"] == account)]
        return {"next": self.last, "calls": found}

    def reset(self):
        self.calls.clear()


def _summary(call, request):
    values = dict(call.uri_params)
    if request.form:
        values.update(request.form)
    elif request.body[:1] == b"{" and len(request.body) < 65536:
        try:
            values.update(json.loads(request.body))
        except ValueError:
            pass
    return {key: value[:200] for key, value in values.items()
            if isinstance(value, str) and "." not in key and _KEEP.search(key) and not _DROP.search(key)}


def error_code(status, headers, body):
    """The AWS error code of a reply, whatever its protocol."""
    if status < 400:
        return None
    kind = headers.get("x-amzn-errortype")
    if kind:
        return kind.split(":")[0]
    match = re.search(rb"<Code>([^<]+)</Code>", body[:4096]) or re.search(
        rb'"(?:__type|code|Code|ErrorCode)"\s*:\s*"([^"]+)"', body[:4096])
    return match.group(1).decode().rsplit("#", 1)[-1] if match else str(status)
