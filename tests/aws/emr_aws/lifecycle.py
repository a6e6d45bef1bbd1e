"""States that last: creating, modifying and deleting take time, as in AWS.

A record carries the state it will have (`_then`) and when (`_due`). Nothing runs in the background: the
state is settled whenever it is looked at, which keeps a thousand resources as cheap as one.
"""
import time

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region

from .wire.errors import AwsError

GONE = "\0gone"

DELAYS = {
    "rds.cluster.creating": 1.0, "rds.cluster.modifying": 0.5, "rds.cluster.deleting": 0.8,
    "rds.instance.creating": 1.0, "rds.instance.modifying": 0.5, "rds.instance.deleting": 0.6,
    "rds.snapshot.creating": 0.6,
    "elasticache.serverless.creating": 0.8, "elasticache.serverless.modifying": 0.4,
    "elasticache.serverless.deleting": 0.6, "elasticache.snapshot.creating": 0.4,
    "elasticache.snapshot.deleting": 0.3,
    "elasticache.replicationgroup.creating": 0.8, "elasticache.replicationgroup.modifying": 0.4,
    "elasticache.replicationgroup.deleting": 0.6,
    "elasticache.user.modifying": 0.3, "elasticache.user.deleting": 0.3,
    "elasticache.usergroup.creating": 0.4, "elasticache.usergroup.modifying": 0.3,
    "elasticache.usergroup.deleting": 0.3,
    "efs.filesystem.creating": 0.5, "efs.filesystem.deleting": 0.3,
    "efs.mounttarget.creating": 0.6, "efs.mounttarget.deleting": 0.4,
    "efs.accesspoint.creating": 0.3, "efs.accesspoint.deleting": 0.3,
    "backup.job.created": 0.2, "backup.job.running": 0.8, "backup.recoverypoint.deleting": 0.3,
    "backup.restore.pending": 0.2, "backup.restore.running": 0.8,
}
_DEFAULTS = dict(DELAYS)


def set_delays(changes):
    """Merge delays; a name nobody reads is a mistake in the caller and is refused."""
    unknown = sorted(set(changes) - set(DELAYS))
    if unknown:
        raise AwsError("UnknownDelay", f"unknown delays {unknown}; known are {sorted(DELAYS)}", 400)
    if any(not isinstance(seconds, (int, float)) or seconds < 0 for seconds in changes.values()):
        raise AwsError("InvalidDelay", "delays are seconds, zero or more", 400)
    DELAYS.update(changes)


def reset_delays():
    DELAYS.update(_DEFAULTS)


def begin(record, field, state, then, delay):
    """Put `record` into `state` until the named delay is over, then into `then`."""
    record[field] = state
    record["_then"] = then
    record["_began"] = time.time()
    record["_due"] = record["_began"] + DELAYS[delay]


def finish_now(record, field, state):
    record[field] = state
    record.pop("_due", None)
    record.pop("_then", None)


def settle(store, field, on_state=None, on_gone=None):
    """Move every record whose time is over; returns those that still exist, by key.

    A scoped store asks for account and region at each key; here it is told them once.
    """
    now = time.time()
    scoped = isinstance(store, AccountRegionScopedDict)
    found = store.items_scoped(get_account_id(), get_region()) if scoped else list(store.items())
    for key, record in found:
        due = record.get("_due")
        if due is None or now < due:
            continue
        then = record["_then"]
        record.pop("_due")
        record.pop("_then")
        if then == GONE:
            store.pop(key, None)
            if on_gone:
                on_gone(record)
        else:
            record[field] = then
            if on_state:
                on_state(record)
    return store if scoped else dict(store)


def progress(record):
    """Percent of the running change that is over."""
    if "_due" not in record:
        return 100
    span = max(record["_due"] - record["_began"], 1e-6)
    return max(0, min(99, int(100 * (time.time() - record["_began"]) / span)))
