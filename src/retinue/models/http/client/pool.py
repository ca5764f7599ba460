"""Connections at rest, for the next request to the same place."""

import asyncio
from collections import defaultdict

from retinue.models.http.client.address import Origin
from retinue.models.http.client.connection import Connection

_REST_SECONDS = 15.0  # shorter than most servers keep a connection that is not used
_REST_LIMIT = 1_000  # connections to one place; each keeps a file open, and with TLS some 50 KB


class Pool:
    """Every connection of a client, and those of them that wait for a request."""

    def __init__(self) -> None:
        self._open: dict[Connection, Origin] = {}
        self._resting: dict[Origin, dict[Connection, float]] = defaultdict(dict)  # since when, the oldest first
        self._sweep: asyncio.TimerHandle | None = None

    def connection(self, origin: Origin) -> Connection:
        """Return a new connection's value, which is to be connected to this place."""
        connection = Connection(rests=self._take_back, ends=self._forget)
        self._open[connection] = origin
        return connection

    def resting(self, origin: Origin) -> Connection | None:
        """Return the connection to a place that was used last; None where none rests."""
        resting = self._resting[origin]
        while resting:
            connection, _ = resting.popitem()
            if connection.usable:
                return connection
        return None

    def close(self) -> None:
        """End all connections."""
        for connection in list(self._open):
            connection.close()
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None

    def _take_back(self, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        resting = self._resting[self._open[connection]]
        if len(resting) >= _REST_LIMIT:
            next(iter(resting)).close()
        resting[connection] = loop.time()
        if self._sweep is None:
            self._sweep = loop.call_later(_REST_SECONDS, self._close_old)

    def _forget(self, connection: Connection) -> None:
        origin = self._open.pop(connection, None)
        if origin is not None:
            self._resting[origin].pop(connection, None)

    def _close_old(self) -> None:
        """Close what rests for too long, and look again when the next may: one timer does for all."""
        loop = asyncio.get_running_loop()
        too_old = loop.time() - _REST_SECONDS
        for resting in self._resting.values():
            # None but the oldest are looked at: there may be many, and each may be too old at a moment of its own.
            while (first := next(iter(resting.items()), None)) and first[1] <= too_old:
                first[0].close()
        oldest = min((next(iter(resting.values())) for resting in self._resting.values() if resting), default=None)
        self._sweep = None if oldest is None else loop.call_at(oldest + _REST_SECONDS, self._close_old)
