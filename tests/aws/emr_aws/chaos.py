"""Trouble on demand: latency, throttling, failures, lost replies, and a kill switch.

Two kinds matter most to a controller: a call that failed without effect, and one whose effect happened
while its reply was lost. Both can be had for any operation, a set number of times.
"""
import asyncio
import os
import random
import signal
from dataclasses import dataclass
from fnmatch import fnmatchcase

from .wire.errors import AwsError

KINDS = ("throttle", "error", "latency", "reset", "timeout-after-effect", "access-denied")

# What each protocol family says when it throttles.
_THROTTLE = {
    "ec2": ("RequestLimitExceeded", 503), "rds": ("Throttling", 400), "elasticache": ("Throttling", 400),
    "elasticfilesystem": ("ThrottlingException", 429), "backup": ("ThrottlingException", 400),
    "iam": ("Throttling", 400), "sts": ("Throttling", 400),
    "eks": ("ThrottlingException", 429), "s3": ("SlowDown", 503),
    "servicequotas": ("TooManyRequestsException", 400),
}
_DENIED = {"rds": ("AccessDenied", 403), "elasticache": ("AccessDenied", 403), "iam": ("AccessDenied", 403),
           "sts": ("AccessDenied", 403), "s3": ("AccessDenied", 403), "ec2": ("UnauthorizedOperation", 403),
           "elasticfilesystem": ("AccessDeniedException", 403), "backup": ("AccessDeniedException", 403),
           "eks": ("AccessDeniedException", 403)}


# Everyday names for signing names.
_ALIASES = {"efs": "elasticfilesystem", "cloudwatch": "monitoring", "service-quotas": "servicequotas",
            "cloudwatchlogs": "logs"}


class Dropped(Exception):
    """The connection is to be closed without a reply."""


@dataclass
class Fault:
    account: str = "*"
    service: str = "*"
    operation: str = "*"
    kind: str = "error"
    status: int = None
    code: str = None
    message: str = None
    probability: float = 1.0
    count: int = None
    latency: float = 0.0
    before: bool = True
    region: str = "*"
    fired: int = 0

    def matches(self, call):
        if self.count is not None and self.fired >= self.count:
            return False
        wanted = ((self.account, call.account), (self.service, call.service),
                  (self.operation, call.operation), (self.region, call.region))
        return (all(want is None or fnmatchcase(have, want) for want, have in wanted)
                and random.random() < self.probability)

    def error(self, call):
        if self.kind == "throttle":
            code, status = _THROTTLE.get(call.service, ("ThrottlingException", 400))
            message = "Rate exceeded"
        elif self.kind == "access-denied":
            code, status = _DENIED.get(call.service, ("AccessDeniedException", 400))
            message = f"User is not authorized to perform: {call.service}:{call.operation}"
        else:
            code, status, message = "InternalFailure", 500, "An internal error has occurred."
        if self.kind == "error" and self.code and not self.status:
            status = None   # a code of the service has the status that its model gives it
        return AwsError(self.code or code, self.message or message, self.status or status)


def parse_faults(items):
    """A list of faults from JSON; anything misspelt is refused rather than silently never firing."""
    faults = []
    for item in items:
        item = {key: value for key, value in item.items() if key != "fired"}
        try:
            fault = Fault(**item)
        except TypeError as problem:
            raise AwsError("InvalidFault", str(problem), 400) from None
        if fault.kind not in KINDS:
            raise AwsError("InvalidFault", f"kind must be one of {KINDS}", 400)
        fault.service = _ALIASES.get(fault.service, fault.service)
        faults.append(fault)
    return faults


class Kill:
    """SIGKILL a process at its nth call, before the effect or after it."""

    def __init__(self, pid, account=None, operation=None, nth=1, when="before", service=None):
        if not isinstance(pid, int) or pid <= 1 or pid == os.getpid() or when not in ("before", "after") or nth < 1:
            raise AwsError("InvalidKill", "pid above 1 and not this server's, nth from 1, when before or after", 400)
        self.pid, self.account, self.operation, self.nth = pid, account, operation, nth
        self.when, self.service = when, _ALIASES.get(service, service)
        self.seen, self.fired, self.call = 0, False, None

    def counts(self, call):
        """Whether this very call is the nth that matches."""
        if self.fired or (self.account and self.account != call.account):
            return False
        if self.service and self.service != call.service:
            return False
        if self.operation is None and not call.mutating:
            return False
        if self.operation is not None and not fnmatchcase(call.operation, self.operation):
            return False
        self.seen += 1
        return self.seen == self.nth

    def fire(self, call, sequence):
        self.fired = True
        self.call = {"seq": sequence, "service": call.service, "operation": call.operation}
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            self.call["error"] = "no such process"

    def view(self):
        return {"armed": not self.fired, "fired": self.fired, "seen": self.seen, "call": self.call, "pid": self.pid,
                "account": self.account, "service": self.service, "operation": self.operation, "nth": self.nth,
                "when": self.when}


class Chaos:
    def __init__(self):
        self.latency, self.faults, self.kill = 0.0, [], None

    async def around(self, call, sequence, forward):
        """Answer a call through whatever trouble is set up for it."""
        killing = self.kill if self.kill is not None and self.kill.counts(call) else None
        if killing and killing.when == "before":
            killing.fire(call, sequence)
            raise Dropped
        if self.latency:
            await asyncio.sleep(self.latency)
        struck = [fault for fault in self.faults if fault.matches(call)]
        for fault in struck:
            fault.fired += 1
            if fault.latency and fault.kind != "timeout-after-effect":
                await asyncio.sleep(fault.latency)
            if fault.before and fault.kind == "reset":
                raise Dropped
            if fault.before and fault.kind in ("throttle", "error", "access-denied"):
                raise fault.error(call)
        reply = await forward()
        if killing:
            killing.fire(call, sequence)
            raise Dropped
        for fault in struck:
            if fault.kind in ("timeout-after-effect", "reset"):
                if fault.kind != "reset":
                    await asyncio.sleep(fault.latency)   # the client waits for a reply that never comes
                raise Dropped
            if not fault.before and fault.kind != "latency":
                raise fault.error(call)
        return reply
