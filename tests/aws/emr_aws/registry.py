"""Operations that this package answers itself, and what a handler is given.

Handlers run on the event loop, one after the other, and take no locks: two concurrent calls see each
other's effect whole or not at all, as AWS's control planes promise.
"""
import time
from dataclasses import dataclass, field

from .wire.errors import AwsError

HANDLERS = {}   # (signing name, operation) -> handler(ctx, input) -> output


@dataclass
class Ctx:
    """The caller's place and the moment of the call."""
    account: str
    region: str
    now: float = field(default_factory=time.time)

    def arn(self, service, resource):
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


def op(service, *operations):
    """Answer these operations of a service here instead of forwarding them to the emulator."""
    def register(handler):
        for operation in operations:
            HANDLERS[(service, operation)] = handler
        return handler
    return register


class Forward(Exception):
    """Raised by a handler that leaves this request to the emulator; `after` runs once it succeeded."""

    def __init__(self, after=None):
        super().__init__()
        self.after = after


def page(items, size, token, low, high, default, bad="InvalidParameterValue"):
    """One page of `items` and the token of the next; sizes outside AWS's bounds are refused."""
    size = default if size is None else size
    if not low <= size <= high:
        raise AwsError(bad, f"Invalid value {size} for MaxRecords. Must be between {low} and {high}", 400)
    start = 0
    if token:
        try:
            kind, start_text = token.split("-")
            start = int(start_text)
            if kind != "page":
                raise ValueError
        except ValueError:
            raise AwsError(bad, "Invalid marker.", 400) from None
    following = f"page-{start + size}" if start + size < len(items) else None
    return items[start:start + size], following
