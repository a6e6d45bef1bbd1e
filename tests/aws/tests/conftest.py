"""One server for the whole run; each test has an account of its own, so tests share nothing."""
import itertools
import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.request

import boto3
import pytest
from botocore.config import Config

ROOT = pathlib.Path(__file__).resolve().parents[1]
_ACCOUNTS = itertools.count(100000000001)


class Server:
    def __init__(self, state):
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            os.environ.pop(name)
        self.log = open(state / "log", "w", encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "emr_aws", "--host", "127.0.0.1", "--port", "0", "--state-dir", str(state)],
            cwd=ROOT, stdout=self.log, stderr=self.log)
        deadline = time.time() + 20
        self.url = None
        while time.time() < deadline and self.process.poll() is None:
            try:
                ready = json.loads((state / "server.json").read_text())
                self.url = f"http://127.0.0.1:{ready['port']}"
                if self.control("GET", "health")["pid"] == self.process.pid:
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError((state / "log").read_text())

    def control(self, method, path, data=None):
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(f"{self.url}/_sandbox/{path}", body, method=method)
        with urllib.request.urlopen(request, timeout=10) as reply:
            return json.load(reply)


class World:
    """An account with a seeded network, and clients for it."""

    def __init__(self, server, zones=3):
        self.server, self.account = server, str(next(_ACCOUNTS))
        self.seed = server.control("POST", f"accounts/{self.account}/seed",
                                   {"zones": [f"us-east-1{letter}" for letter in "abcdef"[:zones]]})
        self._clients = {}

    def client(self, service, attempts=1, **more):
        key = (service, attempts, *more.items())
        if key not in self._clients:
            self._clients[key] = boto3.client(
                service, endpoint_url=self.server.url, region_name="us-east-1", aws_access_key_id=self.account,
                aws_secret_access_key="x", config=Config(retries={"total_max_attempts": attempts, "mode": "standard"},
                                                         s3={"addressing_style": "path"}, **more))
        return self._clients[key]

    def calls(self, since=0):
        return self.server.control("GET", f"calls?account={self.account}&since={since}")["calls"]

    def fault(self, **fault):
        return self.server.control("PUT", "faults", [{"account": self.account, **fault}])


def until(check, seconds=8.0):
    """Poll until `check` gives something true; its last answer is returned."""
    deadline = time.time() + seconds
    while True:
        found = check()
        if found or time.time() > deadline:
            assert found, "condition not met in time"
            return found
        time.sleep(0.05)


def code(failure):
    return failure.value.response["Error"]["Code"]


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    state = tmp_path_factory.mktemp("aws")
    running = Server(state)
    running.control("PUT", "delays", {name: 0.25 for name in running.control("GET", "delays")})
    yield running
    running.process.terminate()
    assert running.process.wait(10) == 0
    text = (state / "log").read_text()
    assert "Traceback" not in text, text


@pytest.fixture
def world(server):
    yield World(server)
    server.control("PUT", "faults", [])
    server.control("DELETE", "kill")
