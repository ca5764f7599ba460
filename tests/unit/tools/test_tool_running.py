"""How calls of functions end: what the model reads, what the log keeps, and that the server lives on."""

import asyncio
import contextvars
import inspect
import threading
import time
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from structlog.testing import capture_logs
from tool_calls import CONTEXT, registered, run, told

from retinue.testing import FakeClock
from retinue.tools import Breaker, NoTools, Retries, ToolError, tool
from retinue.tools.declaration import Tool
from retinue.tools.registry import Registry
from retinue.tools.work import THREADS_OF_ONE, Work

Entries = Sequence[MutableMapping[str, Any]]

AT_ONCE = 0.001
"""Seconds; the function never ends by itself, so that no machine is too slow or too fast for it."""


@pytest.fixture(autouse=True)
def logged() -> Iterator[Entries]:
    """What the log got to read."""
    with capture_logs() as entries:
        yield entries


class Silent(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


class Ending(Exception):
    def __str__(self) -> str:
        raise SystemExit(3)


FAILURES: list[tuple[BaseException, str]] = [
    (ValueError("no such city"), "ValueError: no such city"),
    (ValueError(), "ValueError"),
    (KeyError("city"), "KeyError: 'city'"),
    (
        FileNotFoundError(2, "No such file or directory", "/srv/secret/key"),
        "FileNotFoundError: No such file or directory",
    ),
    (ToolError("There is no station in Paris."), "There is no station in Paris."),
    (Silent(), "Silent"),
    (Ending(), "Ending"),
    (StopIteration(3), "StopIteration: 3"),
    (TimeoutError("upstream"), "TimeoutError: upstream"),
    (asyncio.CancelledError(), "CancelledError"),
    (SystemExit(3), "SystemExit: 3"),
    (KeyboardInterrupt(), "KeyboardInterrupt"),
    (GeneratorExit(), "GeneratorExit"),
    (ValueError("\ud800"), "ValueError: \ufffd"),
    (ExceptionGroup("both", [ValueError("a")]), "ExceptionGroup: both (1 sub-exception)"),
]


def raising(error: BaseException) -> list[Callable[[], Any]]:
    def plain() -> None:
        raise error

    async def later() -> None:
        raise error

    return [plain, later]


@pytest.mark.parametrize("kind", [0, 1], ids=["plain", "async"])
@pytest.mark.parametrize(("error", "reads"), FAILURES, ids=lambda value: type(value).__name__)
async def test_what_a_function_raises_is_told_in_a_sentence(error: BaseException, reads: str, kind: int) -> None:
    if kind == 1 and isinstance(error, StopIteration):
        reads = "RuntimeError: coroutine raised StopIteration"  # Python's own rule
    assert await told(raising(error)[kind]) == reads


async def test_log_gets_the_trace_of_a_failure_and_the_model_does_not(logged: Entries) -> None:
    error = ValueError("broken")
    assert await told(raising(error)[0]) == "ValueError: broken"
    (entry,) = logged
    assert (entry["function"], entry["run"], entry["exc_info"]) == ("plain", "run_1", error)


async def test_message_for_the_model_is_no_matter_for_the_log(logged: Entries) -> None:
    await told(raising(ToolError("Ask for another city."))[0])
    assert logged == []


async def test_long_error_is_cut() -> None:
    assert len(await told(raising(ValueError("x" * 1_000_000))[0])) <= 2_000


async def test_function_that_is_gone_is_told() -> None:
    result = await registered().run("gone", "{}", CONTEXT)
    assert result == await NoTools().run("gone", "{}", CONTEXT)
    assert not registered().idempotent("gone")


def checking(check: Callable[[], Any]) -> list[Callable[..., Any]]:
    """Functions whose argument is of a type that checks its values itself."""

    @dataclass
    class City:
        name: str

        def __post_init__(self) -> None:
            check()

    def plain(city: City) -> str:
        return city.name

    async def later(city: City) -> str:
        return city.name

    return [plain, later]


OSLO = '{"city": {"name": "Oslo"}}'


@pytest.mark.parametrize("kind", [0, 1], ids=["plain", "async"])
@pytest.mark.parametrize(
    "error",
    [RuntimeError("x"), SystemExit(3), ValueError("\ud800"), KeyboardInterrupt()],
    ids=lambda value: repr(value),
)
async def test_whatever_a_type_raises_that_checks_its_values_is_told(error: BaseException, kind: int) -> None:
    def check() -> None:
        raise error

    said = await told(registered(checking(check)[kind]), OSLO)
    assert said.startswith("UnicodeEncodeError" if isinstance(error, ValueError) else type(error).__name__)


async def test_type_that_takes_its_time_over_a_value_holds_nobody_up(gate: threading.Event) -> None:
    plain, _ = checking(gate.wait)
    result = await run(registered(tool(timeout_s=AT_ONCE)(plain)), OSLO)
    assert result.outcome == "timed_out"


USER = contextvars.ContextVar("USER", default="nobody")


async def test_context_variables_pass() -> None:
    def plain() -> str:
        return USER.get()

    async def later() -> str:
        return USER.get()

    USER.set("ada")
    assert [(await run(function)).output for function in (plain, later)] == ["ada", "ada"]


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Lets functions go on that wait for it; at the latest when the test is over."""
    event = threading.Event()
    yield event
    event.set()


def stuck(gate: threading.Event, entered: threading.Event | None = None, timeout_s: float = AT_ONCE) -> Tool[[], str]:
    @tool(timeout_s=timeout_s, retries=Retries(wait_s=0))
    def wait() -> str:
        if entered:
            entered.set()
        gate.wait()
        return "at last"

    return wait


async def test_plain_function_that_is_stuck_does_not_keep_the_model_waiting(
    gate: threading.Event, logged: Entries
) -> None:
    registry = registered(stuck(gate))
    result = await run(registry)
    assert (result.outcome, result.attempts) == ("timed_out", 1)
    assert result.output == "'wait' did not answer within 0.001 s; whether it had its effect is not known."
    assert registry.work.stuck == 1
    assert logged[0]["event"] == "a function goes on in its thread after its time"
    gate.set()
    await until(lambda: registry.work.stuck == 0)


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0)


async def test_function_that_got_no_thread_was_not_run_and_says_so(gate: threading.Event) -> None:
    ran = []

    @tool(breaker=Breaker(failures=1))
    def other() -> None:
        ran.append(1)

    registry = registered(stuck(gate), other, work=Work(threads=1, patience_s=AT_ONCE))
    assert (await registry.run("wait", "{}", CONTEXT)).outcome == "timed_out"
    for _ in range(2):  # nor does the breaker count it
        result = await registry.run("other", "{}", CONTEXT)
        assert (result.outcome, result.attempts, ran) == ("failed", 0, [])
        assert result.output == "'other' was not run: all threads are busy with functions that do not end."
    gate.set()
    await until(lambda: registry.work.stuck == 0)
    assert (await registry.run("other", "{}", CONTEXT)).outcome == "done"


async def test_function_that_is_stuck_leaves_threads_to_others(gate: threading.Event) -> None:
    registry = registered(stuck(gate), tool(name="other")(lambda: "well"), work=Work(patience_s=AT_ONCE))
    results = [await registry.run("wait", "{}", CONTEXT) for _ in range(THREADS_OF_ONE + 1)]
    assert [result.outcome for result in results] == ["timed_out"] * THREADS_OF_ONE + ["failed"]
    assert (await registry.run("other", "{}", CONTEXT)).output == "well"


async def test_time_of_a_call_begins_when_it_has_a_thread() -> None:
    gate, entered = threading.Event(), threading.Event()

    @tool(timeout_s=60)
    def wait() -> str:
        entered.set()
        gate.wait()
        return "at last"

    registry = registered(wait, work=Work(of_one=1, patience_s=60))
    calls = [asyncio.create_task(run(registry)) for _ in range(2)]
    await asyncio.to_thread(entered.wait)
    assert sum(thread.name == "tool wait" for thread in threading.enumerate()) == 1
    gate.set()
    assert [(await call).output for call in calls] == ["at last"] * 2


async def test_stuck_functions_use_up_their_own_threads_alone(gate: threading.Event) -> None:
    registry = registered(stuck(gate), tool(name="free")(coroutine), work=Work(threads=1))
    await registry.run("wait", "{}", CONTEXT)
    assert await asyncio.to_thread(lambda: "free") == "free"
    assert (await registry.run("free", "{}", CONTEXT)).output == "free"


async def coroutine() -> str:
    return "free"


async def test_async_function_is_stopped_when_its_time_is_over() -> None:
    stopped = asyncio.Event()

    @tool(timeout_s=AT_ONCE)
    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    registry = registered(wait)
    assert (await run(registry)).outcome == "timed_out"
    await stopped.wait()
    await until(lambda: registry.work.stuck == 0)


async def test_async_function_that_minds_no_stopping_does_not_keep_the_model_waiting() -> None:
    gate = asyncio.Event()

    @tool(timeout_s=AT_ONCE)
    async def wait() -> None:
        while not gate.is_set():
            try:
                await gate.wait()
            except asyncio.CancelledError:
                continue

    registry = registered(wait)
    assert (await run(registry)).outcome == "timed_out"
    await asyncio.sleep(0)
    assert registry.work.stuck == 1
    gate.set()
    await until(lambda: registry.work.stuck == 0)


async def test_cancelled_call_is_cancelled(gate: threading.Event) -> None:
    entered = threading.Event()
    registry = registered(stuck(gate, entered, timeout_s=60))
    call = asyncio.create_task(run(registry))
    await asyncio.to_thread(entered.wait)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert registry.work.stuck == 1


class Flaky:
    """Fails as often as it is told to."""

    def __init__(self, failures: int, error: type[Exception] = ConnectionError) -> None:
        self.failures, self.error, self.calls = failures, error, 0

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.failures:
            raise self.error("not now")
        return "well"


async def test_function_is_tried_again_where_it_says_so() -> None:
    result = await run(tool(name="flaky", retries=Retries(attempts=3, wait_s=0))(Flaky(2)))
    assert (result.outcome, result.output, result.attempts) == ("done", "well", 3)


@pytest.mark.parametrize(
    ("retries", "error", "attempts"),
    [
        (None, ConnectionError, 1),
        (Retries(attempts=3, wait_s=0), ConnectionError, 3),
        (Retries(attempts=3, wait_s=0, on=(ConnectionError,)), ValueError, 1),
        (Retries(attempts=3, wait_s=0), ToolError, 1),
    ],
    ids=["untold", "too often", "another error", "meant for the model"],
)
async def test_function_is_tried_again_no_more_than_it_says(
    retries: Retries | None, error: type[Exception], attempts: int
) -> None:
    flaky = Flaky(9, error)
    result = await run(tool(name="flaky", retries=retries)(flaky))
    assert (result.outcome, result.attempts, flaky.calls) == ("failed", attempts, attempts)


async def test_time_for_a_call_includes_the_waits_between_attempts() -> None:
    calls: list[int] = []

    @tool(timeout_s=AT_ONCE, retries=Retries(attempts=9, wait_s=60))
    async def flaky() -> None:
        calls.append(1)
        raise ConnectionError

    result = await run(flaky)
    assert (result.outcome, result.attempts, calls) == ("timed_out", 1, [1])


def breaking(flaky: Flaky, clock: FakeClock) -> Registry:
    return registered(tool(name="flaky", breaker=Breaker(failures=2, pause_s=30))(flaky), clock=clock)


async def test_breaker_opens_after_failures_in_a_row_and_heals() -> None:
    clock, flaky = FakeClock(), Flaky(3)
    registry = breaking(flaky, clock)
    assert [await told(registry) for _ in range(2)] == ["ConnectionError: not now"] * 2
    assert await told(registry) == "'flaky' is not available now: it failed repeatedly. Try it later."
    assert flaky.calls == 2
    clock.advance(30)
    assert await told(registry) == "ConnectionError: not now"  # the trial fails, and the next pause begins
    assert "not available" in await told(registry)
    clock.advance(30)
    assert (await run(registry)).output == "well"
    assert (await run(registry)).output == "well"


async def test_one_call_is_the_trial_while_others_are_kept_out() -> None:
    clock, gate = FakeClock(), asyncio.Event()
    failing = True

    @tool(breaker=Breaker(failures=1, pause_s=30))
    async def station() -> str:
        if failing:
            raise ConnectionError
        await gate.wait()
        return "well"

    registry = registered(station, clock=clock)
    await told(registry)
    failing = False
    clock.advance(30)
    trial = asyncio.create_task(run(registry))
    await asyncio.sleep(0)
    clock.advance(300)  # however long it takes
    assert "not available" in await told(registry)
    gate.set()
    assert (await trial).output == "well"
    assert (await run(registry)).output == "well"


async def test_trial_that_is_cancelled_leaves_the_next_call_to_be_one() -> None:
    clock, flaky, hanging = FakeClock(), Flaky(1), asyncio.Event()

    @tool(breaker=Breaker(failures=1, pause_s=30))
    async def station() -> str:
        if flaky.calls == 1:
            flaky.calls += 1
            await hanging.wait()
        return flaky()

    registry = registered(station, clock=clock)
    await told(registry)
    clock.advance(30)
    trial = asyncio.create_task(run(registry))
    await until(lambda: flaky.calls == 2)
    trial.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trial
    assert (await run(registry)).output == "well"


async def test_failures_of_calls_from_before_it_opened_do_not_prolong_the_pause() -> None:
    clock, gate, flaky = FakeClock(), asyncio.Event(), Flaky(2)

    @tool(breaker=Breaker(failures=1, pause_s=30))
    async def station(wait: bool) -> str:
        if wait:
            await gate.wait()
        return flaky()

    registry = registered(station, clock=clock)
    early = asyncio.create_task(run(registry, '{"wait": true}'))
    await asyncio.sleep(0)
    await told(registry, '{"wait": false}')
    clock.advance(20)
    gate.set()
    assert (await early).outcome == "failed"
    clock.advance(10)
    assert (await run(registry, '{"wait": false}')).output == "well"


def test_breakers_go_by_a_clock_that_nobody_sets_back() -> None:
    assert inspect.signature(Registry).parameters["now"].default is time.monotonic


@pytest.mark.parametrize("arguments", ["{}", '{"x": 1}'], ids=["message for the model", "wrong arguments"])
async def test_breaker_minds_failures_of_the_function_alone(arguments: str) -> None:
    flaky = Flaky(9, ToolError)
    registry = breaking(flaky, FakeClock())
    for _ in range(5):
        assert "not available" not in await told(registry, arguments)


async def test_time_outs_open_the_breaker(gate: threading.Event) -> None:
    @tool(timeout_s=AT_ONCE, breaker=Breaker(failures=1))
    def wait() -> None:
        gate.wait()

    registry = registered(wait)
    assert (await run(registry)).outcome == "timed_out"
    assert "not available" in await told(registry)
