import asyncio

from retinue.core.events import Event, TextDeltas
from retinue.engine import MemoryBus
from retinue.engine.bus import Channel


def delta(number: int) -> Event:
    return TextDeltas(number, "msg_1", (str(number),), opening=False)


async def heard(channel: Channel, *, after: int = 0) -> list[int]:
    return [event.number async for batch in channel.follow(after=after) for event in batch]


async def test_a_listener_hears_what_was_told_before_and_after_it_came() -> None:
    channel = Channel(1)
    channel.publish(delta(1))
    listening = asyncio.create_task(heard(channel))
    await asyncio.sleep(0)
    channel.publish(delta(2))
    await asyncio.sleep(0)
    channel.publish(delta(3))
    channel.close()
    assert await listening == [1, 2, 3]


async def test_every_listener_hears_everything() -> None:
    channel = Channel(1)
    listening = [asyncio.create_task(heard(channel)) for _ in range(3)]
    for number in (1, 2, 3):
        channel.publish(delta(number))
        await asyncio.sleep(0)
    channel.close()
    assert await asyncio.gather(*listening) == [[1, 2, 3]] * 3


async def test_a_listener_that_comes_back_hears_only_what_it_missed() -> None:
    channel = Channel(1)
    for number in range(1, 6):
        channel.publish(delta(number))
    channel.close()
    assert [await heard(channel, after=after) for after in (0, 3, 5, 9)] == [[1, 2, 3, 4, 5], [4, 5], [], []]


async def test_events_told_together_come_in_one_batch() -> None:
    channel = Channel(1)
    channel.publish(delta(1))
    channel.publish(delta(2))
    channel.close()
    assert [len(batch) async for batch in channel.follow()] == [2]


async def test_a_listener_that_leaves_disturbs_no_other() -> None:
    channel = Channel(1)
    leaving, staying = (asyncio.create_task(heard(channel)) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    channel.publish(delta(1))
    channel.close()
    assert await staying == [1]


async def test_a_bus_finds_a_channel_until_it_is_closed() -> None:
    bus = MemoryBus()
    channel = bus.open(("default", "run_1"), first=7)
    assert bus.find(("default", "run_1")) is channel
    assert channel.first == 7
    bus.close(("default", "run_1"))
    assert bus.find(("default", "run_1")) is None
    assert await heard(channel) == []


async def test_closing_what_is_not_open_is_no_error() -> None:
    MemoryBus().close(("default", "run_1"))
