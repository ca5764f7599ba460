from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retinue.api.dump import order as ordering
from retinue.api.dump.order import Order
from retinue.api.dump.records import Record
from retinue.core.item import Message

EXAMPLES = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
Role = Literal["user", "assistant"]

THREADS = st.lists(st.lists(st.integers(min_value=0, max_value=3), min_size=1, max_size=6), min_size=1, max_size=4)


def record(id_: str, at: int, role: Role = "user", *, of: str = "thread") -> Record:
    value = Message(id=id_, thread_id=of, role=role, created_at=at)
    return Record("message", "dump.json", 1, value, 100)


def placed(order: Order, records: list[Record]) -> list[str]:
    """The ids in the order in which a thread has them."""
    found = [entry for r in records for entry in order.add(r, _thread(r))]
    found += order.end()
    found.sort(key=lambda entry: (_thread(entry[0]), entry[0].value.created_at, entry[1].tie))
    return [entry[0].value.id for entry in found]


def _thread(record_: Record) -> str:
    assert isinstance(record_.value, Message)
    return record_.value.thread_id


@EXAMPLES
@given(THREADS, st.booleans(), st.data())
def test_interleaved_threads_come_out_in_order_whichever_way_they_are_listed(
    gaps: list[list[int]], newest_first: bool, data: st.DataObject
) -> None:
    threads: list[list[Record]] = []
    for number, steps in enumerate(gaps):
        times = [sum(steps[: place + 1]) for place in range(len(steps))]
        times.append(times[-1] + 1)  # in each, some times differ
        threads.append([record(f"{number}-{place}", at, of=str(number)) for place, at in enumerate(times)])
    expected = [r.value.id for thread in threads for r in thread]
    queues = [thread[::-1] if newest_first else list(thread) for thread in threads]
    listed: list[Record] = []
    while any(queues):
        listed.append(data.draw(st.sampled_from([queue for queue in queues if queue])).pop(0))
    assert placed(Order(), listed) == expected


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        (("user", "assistant"), ["0", "1"]),
        (("assistant", "user"), ["1", "0"]),
        (("assistant", "user", "assistant", "user"), ["3", "2", "1", "0"]),
        (("user", "user"), ["0", "1"]),
    ],
)
def test_where_all_is_of_one_second_a_question_comes_before_its_answer(
    roles: tuple[Role, ...], expected: list[str]
) -> None:
    assert placed(Order(), [record(str(place), 5, role) for place, role in enumerate(roles)]) == expected


def test_a_thread_that_tells_nothing_goes_the_way_of_the_others() -> None:
    told = [record("b", 9, of="told"), record("a", 5, of="told")]
    untold = [record("d", 5, of="untold"), record("c", 5, of="untold")]
    assert placed(Order(), [*untold, *told]) == ["a", "b", "c", "d"]


def test_roles_tell_the_way_of_other_lists_too() -> None:
    untold = [record("d", 5, of="untold"), record("c", 5, of="untold")]
    told = [record("b", 5, "assistant", of="told"), record("a", 5, of="told")]
    assert placed(Order(), [*untold, *told]) == ["a", "b", "c", "d"]


def test_no_more_than_a_bounded_number_of_records_is_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordering, "_HELD", 10)
    monkeypatch.setattr(ordering, "_LISTS", 15)
    order = Order()
    records = [record(str(n), 5, of=str(n)) for n in range(100)]
    at_once = sum(len(list(order.add(r, _thread(r)))) for r in records)
    assert at_once == 90
    assert len(list(order.end())) == 10
