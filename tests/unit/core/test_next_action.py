import histories as h
import pytest
from msgspec import structs

from retinue.core.history import History
from retinue.core.item import Item
from retinue.core.next_action import Action, AwaitOutputs, CallModel, Finish, Rest, RunTools, next_action
from retinue.core.run import Run, RunSpec, Status
from retinue.core.usage import Usage

BEGUN = h.run(Status.IN_PROGRESS)
LIMITED = RunSpec(assistant_id="a", model="m", max_prompt_tokens=100, max_completion_tokens=50)


def ask(history: History, *, now: float = h.NOW, max_turns: int = 3) -> Action:
    return next_action(history, now=now, max_turns=max_turns)


def after(*usages: Usage, spec: RunSpec = LIMITED) -> History:
    """A run under limits whose calls so far were all answered."""
    turns = tuple(h.turn(index, usage=usage) for index, usage in enumerate(usages))
    return History(run=h.run(Status.IN_PROGRESS, spec=spec), turns=turns)


@pytest.mark.parametrize("status", [status for status in Status if status.final])
def test_nothing_is_done_in_a_run_that_ended(status: Status) -> None:
    way = [Status.CANCELLING, status] if status is Status.CANCELLED else [Status.IN_PROGRESS, status]
    assert ask(History(run=h.run(*way)), now=h.NOW + 1_000) == Rest()


@pytest.mark.parametrize("run", [h.run(), BEGUN], ids=["queued", "in_progress"])
def test_a_run_without_turns_calls_the_model(run: Run) -> None:
    assert ask(History(run=run)) == CallModel(turn=0)


@pytest.mark.parametrize("now", [h.NOW, h.NOW + 1_000])
def test_a_run_that_is_cancelling_ends_cancelled_even_when_its_time_is_over(now: float) -> None:
    wished = structs.replace(BEGUN, status=Status.CANCELLING)
    assert ask(History(run=wished), now=now) == Finish(status=Status.CANCELLED)


@pytest.mark.parametrize("run", [h.run(), BEGUN, h.waiting("a").run], ids=lambda run: run.status)
def test_a_run_whose_time_is_over_expires(run: Run) -> None:
    assert ask(History(run=run), now=h.NOW + 600) == Finish(status=Status.EXPIRED)


@pytest.mark.parametrize("run", [h.run(), BEGUN], ids=lambda run: run.status)
def test_a_run_does_not_expire_before_its_time(run: Run) -> None:
    assert ask(History(run=run), now=h.NOW + 599.9) == CallModel(turn=0)


def test_a_run_that_waits_for_its_client_rests() -> None:
    assert ask(h.waiting("a", "b")) == Rest()


def test_calls_without_outputs_are_handed_to_the_client() -> None:
    waiting = h.waiting("a", "b")
    history = structs.replace(waiting, run=BEGUN)
    assert ask(history) == AwaitOutputs(waiting.run.pending)


def test_only_unanswered_calls_are_handed_to_the_client() -> None:
    a, b = h.call("a"), h.call("b")
    history = History(run=BEGUN, turns=(h.turn(),), steps=(h.step("step_1"),), items=(a, b, h.output(a)))
    assert ask(history) == AwaitOutputs((b,))


def test_a_call_with_the_id_of_an_earlier_one_still_wants_its_own_output() -> None:
    first, again = h.call("a"), h.call("a", step="step_2")
    history = History(run=BEGUN, turns=(h.turn(0), h.turn(1)), items=(first, h.output(first), again))
    assert ask(history) == AwaitOutputs((again,))


def test_answered_calls_lead_to_the_next_turn() -> None:
    a = h.call("a")
    assert ask(History(run=BEGUN, turns=(h.turn(),), items=(a, h.output(a)))) == CallModel(turn=1)


def test_an_answer_completes_the_run() -> None:
    assert ask(History(run=BEGUN, turns=(h.turn(0, "stop"),))) == Finish(status=Status.COMPLETED)


def test_an_answer_at_its_limit_leaves_the_run_incomplete() -> None:
    end = Finish(status=Status.INCOMPLETE, incomplete="max_completion_tokens")
    assert ask(History(run=BEGUN, turns=(h.turn(0, "length"),))) == end


def test_a_limit_amid_a_call_asks_the_client_for_nothing() -> None:
    cut = h.call("a", arguments='{"x')
    action = ask(History(run=BEGUN, turns=(h.turn(0, "length"),), items=(cut,)))
    assert action == Finish(status=Status.INCOMPLETE, incomplete="max_completion_tokens")


def test_a_content_filter_fails_the_run() -> None:
    action = ask(History(run=BEGUN, turns=(h.turn(0, "content_filter"),)))
    assert isinstance(action, Finish)
    assert action.status is Status.FAILED
    assert action.error is not None
    assert action.error.code == "server_error"


def test_the_cap_on_turns_fails_the_run_and_names_its_setting() -> None:
    action = ask(after(*[Usage()] * 3, spec=RunSpec(assistant_id="a", model="m")))
    assert isinstance(action, Finish)
    assert action.status is Status.FAILED
    assert action.error is not None
    assert "3 model calls" in action.error.message
    assert "RETINUE_MAX_TURNS" in action.error.message


@pytest.mark.parametrize(
    ("used", "left"),
    [
        ((), (100, 50)),
        ((Usage(prompt=30, completion=20),), (70, 30)),
        ((Usage(prompt=30, completion=20), Usage(prompt=40, completion=29)), (30, 1)),
    ],
)
def test_each_turn_gets_what_the_turns_before_it_left(used: tuple[Usage, ...], left: tuple[int, int]) -> None:
    assert ask(after(*used)) == CallModel(turn=len(used), prompt_tokens=left[0], completion_tokens=left[1])


@pytest.mark.parametrize("prompt", [100, 101])
def test_a_used_up_prompt_budget_leaves_the_run_incomplete(prompt: int) -> None:
    end = Finish(status=Status.INCOMPLETE, incomplete="max_prompt_tokens")
    assert ask(after(Usage(prompt=prompt))) == end


@pytest.mark.parametrize("completion", [50, 51])
def test_a_used_up_completion_budget_leaves_the_run_incomplete(completion: int) -> None:
    end = Finish(status=Status.INCOMPLETE, incomplete="max_completion_tokens")
    assert ask(after(Usage(completion=completion))) == end


def answered(*problems: str | None, spec: RunSpec | None = None) -> History:
    """A run whose model has ended its reply so many times, with these problems."""
    turns = tuple(structs.replace(h.turn(n, "stop"), problem=problem) for n, problem in enumerate(problems))
    return History(run=h.run(Status.IN_PROGRESS, spec=spec), turns=turns)


@pytest.mark.parametrize("problems", [(None,), ("It is not JSON.", None), ("It is not JSON.", "It is not JSON.", None)])
def test_an_answer_without_a_problem_completes_the_run(problems: tuple[str | None, ...]) -> None:
    assert ask(answered(*problems)) == Finish(status=Status.COMPLETED)


@pytest.mark.parametrize("count", [1, 2])
def test_an_answer_with_a_problem_is_asked_for_again(count: int) -> None:
    assert ask(answered(*["It is not JSON."] * count)) == CallModel(turn=count)


def test_the_third_answer_with_a_problem_fails_the_run_and_says_why() -> None:
    end = ask(answered(*["It is not JSON."] * 3), max_turns=50)
    assert isinstance(end, Finish)
    assert end.status is Status.FAILED
    assert end.error is not None
    assert end.error.message.startswith("It is not JSON. ")


def test_rounds_of_tools_between_answers_give_no_further_tries() -> None:
    ends = [structs.replace(h.turn(n * 2, "stop"), problem="It is not JSON.") for n in range(3)]
    turns = (ends[0], h.turn(1), ends[1], h.turn(3), ends[2])
    end = ask(History(run=BEGUN, turns=turns), max_turns=50)
    assert isinstance(end, Finish)
    assert end.status is Status.FAILED


def test_limits_hold_before_another_try() -> None:
    history = answered("It is not JSON.", spec=structs.replace(LIMITED, max_completion_tokens=5))
    assert ask(history) == Finish(status=Status.INCOMPLETE, incomplete="max_completion_tokens")


SERVING = RunSpec(assistant_id="a", model="m", served=("get_b", "get_c"))


def asked(*items: Item) -> History:
    """A run that serves `get_b` and `get_c`, with these items of its first turn."""
    return History(run=h.run(Status.IN_PROGRESS, spec=SERVING), turns=(h.turn(),), items=items)


def test_the_servers_calls_are_run_before_the_client_is_asked() -> None:
    a, b, c = h.call("a"), h.call("b"), h.call("c")
    assert ask(asked(a, b, c)) == RunTools((b, c))
    assert ask(asked(a, b, c, h.output(c))) == RunTools((b,))
    assert ask(asked(a, b, c, h.output(c), h.output(b))) == AwaitOutputs((a,))


def test_calls_that_the_server_answered_lead_to_the_next_turn() -> None:
    b = h.call("b")
    assert ask(asked(b, h.output(b))) == CallModel(turn=1)


def test_a_run_that_is_to_end_runs_no_tools() -> None:
    history = asked(h.call("b"))
    assert ask(history, now=h.NOW + 600) == Finish(status=Status.EXPIRED)
    cancelling = structs.replace(history, run=structs.replace(history.run, status=Status.CANCELLING))
    assert ask(cancelling) == Finish(status=Status.CANCELLED)


def test_a_limit_amid_a_call_runs_nothing() -> None:
    history = structs.replace(asked(h.call("b", arguments='{"x')), turns=(h.turn(0, "length"),))
    assert ask(history) == Finish(status=Status.INCOMPLETE, incomplete="max_completion_tokens")


def test_a_search_is_run_whatever_its_name_and_a_function_of_that_name_is_not() -> None:
    search = structs.replace(h.call("search"), kind="file_search")
    history = History(run=BEGUN, turns=(h.turn(),), steps=(h.step("step_1"),), items=(search, h.call("b")))
    assert ask(history) == RunTools((search,))
