"""Every AWS call, in order, for tests that count mutations or compare calls with an IAM policy.

Bodies are never kept: they hold passwords. Of the input only top-level identifiers are remembered.
"""
import itertools
import json
import re
from collections import deque
from datetime import datetime, timezone

_KEEP = re.compile(r"(Identifier|Name|Id|Arn|Token)$")
_DROP = re.compile(r"(Secret(String|Binary)|Password|AuthToken|SessionToken|NextToken|Security-?Token|AccessKeyId)")
_FILTER = re.compile(r"Filter\.\d+\.Name")
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
            "seq": self.last, "at": _now(), "account": call.account,
            "region": call.region, "service": call.service, "operation": call.operation,
            "mutating": call.mutating, "status": None, "code": None, "answered": None,
            "request_summary": _summary(call, request),
            # Tells the operator's calls from those of a test that looks on with boto3.
            "agent": request.headers.get("user-agent", "").split("/")[0].split(" ")[0],
        }
        self.calls.append(entry)
        return entry

    def end(self, entry, status, code):
        """Note how a call was answered, and when: what it set off has begun by then."""
        entry["status"], entry["code"], entry["answered"] = status, code, _now()

    def since(self, sequence, account=None):
        found = [entry for entry in self.calls
                 if entry["seq"] > sequence and (account is None or entry["account"] == account)]
        return {"next": self.last, "calls": found}

    def reset(self):
        self.calls.clear()


def _now():
    return datetime.now(timezone.utc).isoformat()


def _summary(call, request):
    """Top-level identifiers, and the names of filters: what tells a list of all from a look at one."""
    values = dict(call.uri_params)
    if call.service == "elasticfilesystem":   # its lists are narrowed in the query
        values.update({key: found[-1] for key, found in request.query.items()})
    if request.form:
        values.update(request.form)
    elif request.body[:1] == b"{" and len(request.body) < 65536:
        try:
            values.update(json.loads(request.body))
        except ValueError:
            pass
    return {key: value[:200] for key, value in values.items()
            if isinstance(value, str) and (_FILTER.fullmatch(key) or
                                           "." not in key and _KEEP.search(key) and not _DROP.search(key))}


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
