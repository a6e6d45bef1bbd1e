"""What clusters and file systems hold, as folders that a test's servers and pods work in.

Nothing, unless an account names a folder. Below it each thing has one of its own:
clusters/RESOURCE-ID, automated/RESOURCE-ID (backups retained of a cluster that is gone), snapshots/NAME,
files/FILE-SYSTEM-ID and points/UUID; mounts/ACCESS-POINT-ID leads to its root directory.
endpoints/RESOURCE-ID.json says where a cluster that is available is reached, and by whom; who serves it is
the test's to start.
"""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

from ministack.core.responses import get_account_id

from .wire.errors import AwsError

_FOLDERS = {}   # account -> its folder


def begin(account, folder):
    path = pathlib.Path(folder)
    if not path.is_absolute():
        raise AwsError("BadRequest", "folder is an absolute path", 400)
    path.mkdir(parents=True, exist_ok=True)
    _FOLDERS[account] = path
    return view(account)


def view(account):
    return {"folder": str(_FOLDERS[account])} if account in _FOLDERS else None


def end(account):
    """The folder stays as it is."""
    told = view(account)
    _FOLDERS.pop(account, None)
    return told


def _place(kind, name):
    """Where a thing's contents lie; None where this account keeps none."""
    folder = _FOLDERS.get(get_account_id())
    return folder and folder / kind / name


def make(kind, name):
    place = _place(kind, name)
    if place is not None:
        place.mkdir(parents=True, exist_ok=True)


def mount(access_point):
    """What a mount of the access point shows: its root directory, which is made where it may be."""
    files, link = _place("files", access_point["FileSystemId"]), _place("mounts", access_point["AccessPointId"])
    if files is None:
        return
    root, info = files / access_point["RootDirectory"]["Path"].lstrip("/"), access_point["RootDirectory"]["CreationInfo"]
    if info and not root.exists():
        root.mkdir(parents=True)
        root.chmod(int(info["Permissions"], 8))
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(root)


def unmount(access_point):
    link = _place("mounts", access_point["AccessPointId"])
    if link is not None:
        link.unlink(missing_ok=True)


def copy(kind, name, into, target, below=""):
    """Copies a thing into another, as of one moment: what a server finds there after a crash."""
    source, place = _place(kind, name), _place(into, target)
    if source is None:
        return
    place = place / below
    place.mkdir(parents=True, exist_ok=True)
    if source.exists():
        with _still(source):
            subprocess.run(["cp", "-a", "--reflink=auto", f"{source}/.", place], check=True)


def move(kind, name, into):
    """What a thing holds is from now on another's; nobody works in it any more."""
    source, place = _place(kind, name), _place(into, name)
    if source is None or not source.exists():
        return
    _end(source)
    place.parent.mkdir(parents=True, exist_ok=True)
    source.rename(place)


def remove(kind, name):
    """What a thing held is gone, and whoever worked in it."""
    place = _place(kind, name)
    if place is not None and place.exists():
        _end(place)
        shutil.rmtree(place, ignore_errors=True)


def serve(cluster):
    """Says how an available cluster is reached: its host is a name that nothing here resolves."""
    place = _place("endpoints", cluster["DbClusterResourceId"] + ".json")
    if place is None:
        return
    make("clusters", cluster["DbClusterResourceId"])
    place.parent.mkdir(parents=True, exist_ok=True)
    new = place.with_suffix(".new")
    new.write_text(json.dumps({"host": cluster["Endpoint"], "port": cluster["Port"], "user": cluster["MasterUsername"],
                               "password": cluster["_MasterUserPassword"]}))
    new.replace(place)


def cluster_gone(cluster, retained):
    """Its automated backups outlive it where that was asked for."""
    name = cluster["DbClusterResourceId"]
    place = _place("endpoints", name + ".json")
    if place is not None:
        place.unlink(missing_ok=True)
    if retained:
        move("clusters", name, "automated")
    else:
        remove("clusters", name)


def _workers(folder):
    """The processes whose working folder this is: a database server's is its data folder."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and os.readlink(entry / "cwd") == str(folder.resolve()):
                found.append(int(entry.name))
    return found


def _end(folder):
    for pid in _workers(folder):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@contextlib.contextmanager
def _still(folder):
    """Holds whoever works in the folder: nothing is written meanwhile."""
    workers = _workers(folder)
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        deadline = time.monotonic() + 2
        while not all(map(_stopped, workers)) and time.monotonic() < deadline:
            time.sleep(0.002)
        yield
    finally:
        for pid in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def _stopped(pid):
    """Whether each of its threads has stopped; a write that had begun ends first."""
    try:
        threads = [(entry / "stat").read_text() for entry in pathlib.Path(f"/proc/{pid}/task").iterdir()]
    except OSError:
        return True
    return all(stat.rpartition(")")[2].split()[0] in "TtZX" for stat in threads)
