"""Several runners as one sandbox: sessions are spread over them, and one that fails is left alone for a while."""

import asyncio
import re
import time
from collections.abc import Callable, Sequence

from aiohttp import ClientSession
from msgspec import structs

from retinue.sandbox.base import Limits, SandboxFault, Session
from retinue.sandbox.remote.protocol import MOST_LISTED, SESSIONS, About, Opened, check_key
from retinue.sandbox.remote.runner import Request, Runner, Unreached, checked_address, decoded, open_http
from retinue.sandbox.remote.session import RemoteSession

_REST_S = 5.0
_LONGEST_CALL_S = 3_600.0
_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")
_NONE = "No session can be opened, for no runner will: {}."


class Runners:
    """See `Sandbox`."""

    def __init__(
        self, urls: Sequence[str], key: str | None, limits: Limits, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`limits` are the server's: of these and a runner's own the lower hold. Raises SandboxFault for bad ones."""
        if not urls:
            raise SandboxFault("No runner is named; name one or more, such as http://runner-1:4748.")
        self._urls, self._key = tuple(dict.fromkeys(map(checked_address, urls))), check_key(key)
        self._limits, self._clock = limits, clock
        self._http: ClientSession | None = None
        self._places: list[_Place] = []

    async def open(self) -> Session:
        """See `Sandbox.open`: on the runner with the fewest sessions of ours that will."""
        reasons: dict[str, str] = {}
        for place in sorted(self._reached(), key=self._rank):
            try:
                return await place.open(self._limits)
            except SandboxFault as fault:
                if isinstance(fault, Unreached):
                    place.rests_until = self._clock() + _REST_S
                reasons[place.runner.url] = fault.message.rstrip(".")
        raise SandboxFault(_NONE.format("; ".join(f"{url}: {why}" for url, why in reasons.items())))

    async def about(self) -> dict[str, About | SandboxFault]:
        """Return by its address what each runner says of itself, or why it can't be had."""
        places = self._reached()
        said = await asyncio.gather(*(place.runner.about() for place in places), return_exceptions=True)
        found: dict[str, About | SandboxFault] = {}
        for place, answer in zip(places, said, strict=True):
            if not isinstance(answer, About | SandboxFault):
                raise answer
            found[place.runner.url] = answer
        return found

    async def close(self) -> None:
        """See `Sandbox.close`."""
        await asyncio.gather(*(session.close() for place in self._places for session in tuple(place.sessions)))
        self._places = []
        if self._http is not None:
            await self._http.close()
            self._http = None

    def _reached(self) -> list["_Place"]:
        if self._http is None:  # made in the loop that uses it
            self._http = open_http()
            self._places = [_Place(Runner(url, self._key, self._http)) for url in self._urls]
        return self._places

    def _rank(self, place: "_Place") -> tuple[bool, int]:
        return place.rests_until > self._clock(), place.load


class _Place:
    """A runner, and what of ours is there."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.sessions: set[RemoteSession] = set()
        self.rests_until = float("-inf")
        """Others are asked first until then."""
        self._opening = 0

    @property
    def load(self) -> int:
        return len(self.sessions) + self._opening

    async def open(self, limits: Limits) -> RemoteSession:
        """Open a session; raises SandboxFault."""
        self._opening += 1
        try:
            about = await self.runner.about()
            content = await self.runner.answer(Request(method="POST", path=SESSIONS), MOST_LISTED)
        finally:
            self._opening -= 1
        id_ = decoded(content, Opened).session
        if not _ID.fullmatch(id_):
            raise Unreached("it gave a session no name")
        session = RemoteSession(self.runner, id_, _lower(limits, about.limits), self.sessions.discard)
        self.sessions.add(session)
        return session


def _lower(ours: Limits, theirs: Limits) -> Limits:
    """Return the limits that hold: a runner's calls take as long as it lets them, and nobody is waited for for ever."""
    return structs.replace(
        theirs,
        call_s=min(max(theirs.call_s, 0.0), _LONGEST_CALL_S),
        output_bytes=min(ours.output_bytes, max(0, theirs.output_bytes)),
        file_bytes=min(ours.file_bytes, max(0, theirs.file_bytes)),
    )
