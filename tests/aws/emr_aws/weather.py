"""Trouble for one account as a whole: a storm, in which any call may fail by chance, and an outage, in which
none is answered.

The faults of chaos.py are one list for everybody, and each names what it strikes. What is here belongs to an
account, so that a test can live through it while others go on undisturbed beside it.
"""
import asyncio
import contextlib
import random
import time
from collections import Counter

from .chaos import Dropped, Fault
from .wire.errors import AwsError

_LONGEST = 600.0
_UNDER_WAY = {}   # (account, kind) -> what is under way there


class Storm:
    """Shares of the calls that are throttled, fail, lose their connection, or are slow.

    A call's fate is drawn from the seed, its operation, and how many of that operation there were: the first
    CreateDBCluster meets the same fate in every run with this seed, whatever runs beside it.
    """

    def __init__(self, seed=0, throttle=0.1, error=0.05, reset=0.02, spike=0.03, seconds=2.0):
        if not all(0 <= share <= 1 for share in (throttle, error, reset, spike)) or throttle + error + reset > 1:
            raise AwsError("InvalidStorm", "throttle, error, reset and spike are shares of the calls, 1 at most", 400)
        if not 0 <= seconds <= _LONGEST:
            raise AwsError("InvalidStorm", f"seconds from 0 to {_LONGEST}", 400)
        self.settings = {"seed": seed, "throttle": throttle, "error": error, "reset": reset, "spike": spike,
                         "seconds": seconds}
        self._met = Counter()      # how many of an operation there were
        self._struck = Counter()   # what became of calls
        self._mutations = Counter()

    def _fate(self, call):
        """What becomes of this call, and whether it is slow. A failure may come after the effect, as AWS's own
        failures may: `failed` and `lost` do, `unavailable` and `reset` do not."""
        want = self.settings
        operation = (call.service, call.operation)
        self._met[operation] += 1
        chance = random.Random(f"{want['seed']}/{'/'.join(operation)}/{self._met[operation]}")
        slow = chance.random() < want["spike"]
        lot, second = chance.random(), chance.random() < 0.5
        for share, fates in ((want["throttle"], ("throttled", "throttled")), (want["error"], ("failed", "unavailable")),
                             (want["reset"], ("reset", "lost"))):
            if lot < share:
                return fates[second], slow
            lot -= share
        return None, slow

    async def around(self, call, forward):
        """Answer a call, or not, as its fate is."""
        fate, slow = self._fate(call)
        for name in [name for name in ("calls", fate, slow and "slow") if name]:
            self._struck[name] += 1
            self._mutations[name] += call.mutating
        if slow:
            await asyncio.sleep(self.settings["seconds"])
        if fate == "throttled":
            raise Fault(kind="throttle").error(call)
        if fate == "unavailable":
            raise AwsError("ServiceUnavailable", "The service cannot serve this request now.", 503)
        if fate == "reset":
            raise Dropped
        reply = await forward()
        if fate == "lost":
            raise Dropped
        if fate == "failed":
            raise Fault(kind="error").error(call)
        return reply

    def end(self):
        """Calls that are under way keep their fate."""

    def view(self):
        names = ("calls", "throttled", "failed", "unavailable", "reset", "lost", "slow")
        return {**self.settings, "struck": {name: self._struck[name] for name in names},
                "mutations": {name: self._mutations[name] for name in names}}


class Outage:
    """Nothing of the account is served until it is over: connections are closed at once, or nobody answers."""

    def __init__(self, seconds, silent=False):
        if not 0 < seconds <= _LONGEST:
            raise AwsError("InvalidOutage", f"seconds above 0, {_LONGEST} at most", 400)
        self.seconds, self.silent = seconds, bool(silent)
        self._end, self._over, self._turned_away = time.monotonic() + seconds, asyncio.Event(), 0

    @property
    def left(self):
        return 0.0 if self._over.is_set() else max(0.0, self._end - time.monotonic())

    async def turn_away(self):
        """Never serve this call, not even late: its effect would come after its caller gave up."""
        self._turned_away += 1
        if self.silent:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), self.left)
        raise Dropped

    def end(self):
        self._over.set()

    def view(self):
        return {"seconds": self.seconds, "silent": self.silent, "left": self.left, "turnedAway": self._turned_away}


_KINDS = {"storm": Storm, "outage": Outage}


def begin(account, kind, **settings):
    """Begin a storm or an outage; it takes the place of one that is under way."""
    trouble = _KINDS[kind](**settings)
    end(account, kind)
    _UNDER_WAY[account, kind] = trouble
    return trouble.view()


def view(account, kind):
    """What it has done so far; None where there is none."""
    trouble = _UNDER_WAY.get((account, kind))
    return trouble and trouble.view()


def end(account, kind):
    """End it, and tell what it did."""
    trouble = _UNDER_WAY.pop((account, kind), None)
    if trouble is None:
        return None
    trouble.end()
    return trouble.view()


async def around(call, forward):
    """Answer a call through whatever its account is going through."""
    outage, storm = (_UNDER_WAY.get((call.concerns, kind)) for kind in ("outage", "storm"))
    if outage and outage.left > 0:
        await outage.turn_away()
    return await (storm.around(call, forward) if storm else forward())
