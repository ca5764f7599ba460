"""A channel that holds back what is told until something is stored."""

import asyncio

from retinue.core.errors import StoreFault
from retinue.core.events import Event, TextDeltas
from retinue.engine.bus import Channel


def delta(number: int) -> Event:
    return TextDeltas(number, "msg_1", (str(number),), opening=False)


class Listener:
    """What has been heard so far."""

    def __init__(self, channel: Channel, *, after: int = 0) -> None:
        self.heard: list[int] = []
        self.task = asyncio.create_task(self._listen(channel, after))

    async def _listen(self, channel: Channel, after: int) -> None:
        async for batch in channel.follow(after=after):
            self.heard.extend(event.number for event in batch)


async def settle() -> None:
    """Let everything that can run now do so."""
    for _ in range(5):
        await asyncio.sleep(0)


def held(channel: Channel) -> "asyncio.Future[None]":
    until: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    channel.hold(until)
    return until


async def ended(channel: Channel, listener: Listener) -> list[int]:
    channel.close()
    await listener.task
    return listener.heard


async def test_what_was_told_before_a_hold_is_heard_at_once() -> None:
    channel = Channel(1)
    channel.publish(delta(1))
    held(channel)
    listener = Listener(channel)
    await settle()
    assert listener.heard == [1]
    await ended(channel, listener)


async def test_what_is_told_amid_a_hold_is_heard_only_after_it() -> None:
    channel = Channel(1)
    listener = Listener(channel)
    until = held(channel)
    channel.publish(delta(1))
    channel.publish(delta(2))
    await settle()
    assert listener.heard == []
    until.set_result(None)
    await settle()
    assert listener.heard == [1, 2]
    await ended(channel, listener)


async def test_a_listener_that_comes_amid_a_hold_hears_what_was_held_after_it() -> None:
    channel = Channel(1)
    until = held(channel)
    channel.publish(delta(1))
    listener = Listener(channel)
    await settle()
    assert listener.heard == []
    until.set_result(None)
    await settle()
    assert listener.heard == [1]
    await ended(channel, listener)


async def test_holds_overlap_and_the_last_one_releases() -> None:
    channel = Channel(1)
    listener = Listener(channel)
    first, second = held(channel), held(channel)
    channel.publish(delta(1))
    second.set_result(None)
    await settle()
    assert listener.heard == []
    first.set_result(None)
    await settle()
    assert listener.heard == [1]
    await ended(channel, listener)


async def test_a_hold_that_ends_badly_releases_too() -> None:
    channel = Channel(1)
    listener = Listener(channel)
    failing, cancelled = held(channel), held(channel)
    channel.publish(delta(1))
    failing.set_exception(StoreFault("The disk is gone."))
    cancelled.cancel()
    await settle()
    assert listener.heard == [1]
    assert failing.exception() is not None
    await ended(channel, listener)


async def test_what_is_told_after_a_hold_is_heard_at_once() -> None:
    channel = Channel(1)
    listener = Listener(channel)
    held(channel).set_result(None)
    await settle()
    channel.publish(delta(1))
    await settle()
    assert listener.heard == [1]
    await ended(channel, listener)


async def test_closing_releases_what_is_held() -> None:
    channel = Channel(1)
    listener = Listener(channel)
    held(channel)
    channel.publish(delta(1))
    assert await ended(channel, listener) == [1]


async def test_a_hold_that_ends_after_the_close_changes_nothing() -> None:
    channel = Channel(1)
    listener = Listener(channel)
    until = held(channel)
    channel.publish(delta(1))
    heard = await ended(channel, listener)
    until.set_result(None)
    await settle()
    assert heard == [1]


async def test_a_held_event_is_heard_once_by_whoever_asks_for_what_is_after_it() -> None:
    channel = Channel(1)
    until = held(channel)
    for number in (1, 2, 3):
        channel.publish(delta(number))
    listener = Listener(channel, after=2)
    until.set_result(None)
    await settle()
    assert listener.heard == [3]
    await ended(channel, listener)
