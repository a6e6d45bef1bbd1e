"""The HTTP server around the application, on loopback only."""
import asyncio
import ipaddress
import json
import os
import signal
import socket

from hypercorn.asyncio import serve
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.config import Config


def require_loopback(host):
    """A stand-in that accepts any credential must never be reachable from another machine."""
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    if not loopback:
        raise SystemExit(f"refusing to listen on {host}: only loopback addresses are allowed")


def prepare_environment(host, port, state_dir):
    """The emulator reads its settings once, when it is imported."""
    for name in ("AWS_CA_BUNDLE", "AUTH", "PERSIST_STATE", "SERVICES", "USE_SSL", "EDGE_PORT"):
        os.environ.pop(name, None)
    os.environ.update({
        "BIND_HOST": host, "MINISTACK_HOST": host, "GATEWAY_PORT": str(port), "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0", "LOG_LEVEL": os.environ.get("EMR_AWS_LOG", "WARNING"), "STATE_DIR": state_dir,
        "S3_DATA_DIR": os.path.join(state_dir, "s3"), "TMPDIR": state_dir, "REDIS_HOST": host,
        "AWS_EC2_METADATA_DISABLED": "true",
    })


def run(host, port, state_dir):
    """Serve until SIGTERM or SIGINT; `state_dir/server.json` names process and port once ready."""
    require_loopback(host)
    os.makedirs(state_dir, exist_ok=True)
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as problem:
        raise SystemExit(f"cannot listen on {host}:{port}: {problem}") from None
    port = sock.getsockname()[1]
    prepare_environment(host, port, state_dir)
    from . import app as application
    from . import services   # noqa: F401  registers every handler

    original = TCPServer.run

    async def remember(self):
        application.CONNECTION.set(self.writer)
        await original(self)

    TCPServer.run = remember
    config = Config()
    config.bind = [f"fd://{sock.detach()}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    config.graceful_timeout = 1
    asyncio.run(_serve(application.app, config, host, port, state_dir))


async def _serve(app, config, host, port, state_dir):
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    target = os.path.join(state_dir, "server.json")
    with open(target + ".new", "w", encoding="utf-8") as out:
        json.dump({"pid": os.getpid(), "host": host, "port": port}, out)
    os.replace(target + ".new", target)
    print(f"emr_aws: http://{host}:{port} pid {os.getpid()}", flush=True)
    await serve(app, config, shutdown_trigger=stop.wait)
