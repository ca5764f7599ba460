"""Puts a server together: the only place that knows which back end stands behind which seam."""

import contextlib
import ipaddress
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import structlog
from filelock import FileLock, Timeout
from msgspec import Struct

from retinue.api import build_api
from retinue.blobs.folder import BlobFolder
from retinue.core.errors import FolderInUse, NotStarted
from retinue.core.job import EXPIRE_RUN
from retinue.core.usage import Usage
from retinue.engine import Engine, Limits
from retinue.gateway import AnyToken
from retinue.http import HTTPServer
from retinue.jobs.embedded import EmbeddedWorker
from retinue.models.discover import Serving, discover
from retinue.models.prices import cost_usd
from retinue.models.rehearsal import Rehearsal, load_script
from retinue.models.router import Router
from retinue.settings import Settings
from retinue.store import Store
from retinue.store.sqlite import SQLite

log = structlog.get_logger()

DATABASE = "retinue.db"
BLOBS = "blobs"
LOCK = "retinue.lock"
OWNER = "retinue.pid"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
BACKLOG = 2048


class Started(Struct, frozen=True, kw_only=True):
    """What a server that is about to serve can say of itself."""

    url: str
    data: Path
    serving: Serving
    resumed: int
    """How many runs of a process before this one it has taken up."""


async def serve(settings: Settings, announce: Callable[[Started], None]) -> None:
    """Serve until a signal to stop; raises NotStarted or FolderInUse if that can't begin."""
    _check_address(settings.host)
    with hold(settings.data), _listening_socket(settings.host, settings.port) as listening:
        port = listening.getsockname()[1]
        async with _engine(settings, port) as (engine, model, serving):
            api = build_api(engine, model, AnyToken(), hosts=_host_names(settings))
            resumed = await engine.start()
            worker = EmbeddedWorker(engine.store.jobs, {EXPIRE_RUN: engine.expire}, clock=time.time)
            worker.start()
            url = f"http://{_bracketed(settings.host)}:{port}"
            announce(Started(url=url, data=settings.data, serving=serving, resumed=resumed))
            try:
                await HTTPServer(api, drain=engine.stop, drain_s=settings.drain_s).serve(listening)
            finally:
                await worker.stop()
                await engine.stop(drain_s=0)


@contextlib.contextmanager
def hold(data: Path) -> Iterator[None]:
    """Hold the data folder, made if need be, for this process alone; raises FolderInUse if another one has it."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = FileLock(data / LOCK, timeout=0)
        with lock:
            owner = data / OWNER
            owner.write_text(str(os.getpid()))
            yield
            owner.unlink(missing_ok=True)
    except Timeout:
        raise FolderInUse(
            f"Another Retinue{_owner(data)} serves the data folder {data}. "
            "Stop it, or choose another folder with --data."
        ) from None
    except PermissionError as error:
        raise NotStarted(
            f"The data folder {data} can't be written ({error.strerror}). Choose another with --data."
        ) from error


def _owner(data: Path) -> str:
    with contextlib.suppress(OSError):
        return f" (process {(data / OWNER).read_text()[:10]})"
    return ""


@contextlib.asynccontextmanager
async def _engine(settings: Settings, port: int) -> AsyncIterator[tuple[Engine, Router, Serving]]:
    """Open the folder's store and the model."""
    serving = await _serving(settings, port)
    model = Router(serving.model, Rehearsal())
    database = SQLite.open(settings.data / DATABASE, synchronous=settings.synchronous)
    try:
        BlobFolder(settings.data / BLOBS)
        store = await Store.open(database)

        async def price(name: str, usage: Usage) -> float | None:
            return await cost_usd(name, usage, provider_url=settings.base_url)

        limits = Limits(expires_s=settings.run_expires_s, max_turns=settings.max_turns)
        yield Engine(store, model, clock=time.time, limits=limits, price=price), model, serving
    finally:
        await database.close()
        await model.close()


async def _serving(settings: Settings, port: int) -> Serving:
    if settings.script:
        rehearsal = Rehearsal(load_script(settings.script))
        why = f"A script for the rehearsal model is set: {settings.script}. It follows rules and is no language model."
        return Serving(model=rehearsal, why=why, label="rehearsal")
    own = [f"{host}:{port}" for host in (settings.host, *LOOPBACK)]
    return await discover(settings.base_url, settings.api_key, settings.model, own_addresses=own, fallback=Rehearsal())


def _check_address(host: str) -> None:
    """Refuse an address that others can reach: there are no keys yet that would keep them out."""
    if not _is_loopback(host):
        raise NotStarted(
            f"{host} can be reached from other machines, and this server has no keys that would tell friend from foe. "
            "Serve on 127.0.0.1."
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


def _host_names(settings: Settings) -> list[str]:
    return [_bracketed(host) for host in (*LOOPBACK, settings.host, *settings.hosts)]


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


@contextlib.contextmanager
def _listening_socket(host: str, port: int) -> Iterator[socket.socket]:
    """Take the port before anything else is begun, so that a port in use costs nothing."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        if os.name != "nt":  # there it would let two servers share the port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
        except OSError as error:
            raise NotStarted(
                f"Port {port} on {host} can't be used ({error.strerror}). Choose another with --port."
            ) from error
        listening.listen(BACKLOG)
        yield listening
