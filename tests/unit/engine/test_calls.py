"""A round of tool calls on its way in: its bounds, and what it costs."""

import itertools

import pytest

from retinue.core.errors import ModelFault
from retinue.core.events import CallDelta, CallStarted, Event
from retinue.core.item import CallKind
from retinue.core.step import Step
from retinue.engine import calls
from retinue.engine.calls import MAX_CALLS, OpenCalls
from retinue.models import CallPiece

STEP = Step(
    id="step_1",
    run_id="run_1",
    thread_id="thread_1",
    assistant_id="asst_1",
    kind="tool_calls",
    turn=0,
    created_at=0,
    expires_at=600,
    first_event=1,
)


class Calling:
    """Calls that come in, and what was told of them."""

    def __init__(self) -> None:
        self.told: list[Event] = []
        numbers = itertools.count(2)
        self.calls = OpenCalls(STEP, next_number=lambda: next(numbers), tell=self.told.append)

    def add(self, index: int, *fragments: str) -> None:
        for fragment in fragments:
            self.calls.add(CallPiece(index=index, id=f"call_{index}", name="get", arguments=fragment), at=1.0)

    @property
    def arguments(self) -> list[str]:
        return [call.arguments for call in self.calls.so_far()[1]]

    @property
    def begun(self) -> list[int]:
        return [event.index for event in self.told if isinstance(event, CallStarted)]

    def told_of(self, place: int) -> str:
        return "".join(e.arguments for e in self.told if isinstance(e, CallDelta) and e.index == place)


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All that was read as JSON to see whether it is whole."""
    texts: list[str] = []
    is_json = calls._is_json

    def noting(text: str) -> bool:
        texts.append(text)
        return is_json(text)

    monkeypatch.setattr(calls, "_is_json", noting)
    return texts


def test_as_many_calls_as_a_run_can_have_tools_are_taken() -> None:
    calling = Calling()
    for index in range(MAX_CALLS):
        calling.add(index, "{}")
    assert calling.begun == list(range(MAX_CALLS))


def test_one_call_more_is_a_fault_of_the_model_and_those_before_it_stay() -> None:
    calling = Calling()
    for index in range(MAX_CALLS):
        calling.add(index, "{}")
    with pytest.raises(ModelFault, match=f"more than {MAX_CALLS} tool calls"):
        calling.add(MAX_CALLS, "{}")
    assert calling.arguments == ["{}"] * MAX_CALLS


def test_more_of_a_call_that_has_begun_is_taken_though_there_are_as_many_as_can_be() -> None:
    calling = Calling()
    for index in range(MAX_CALLS):
        calling.add(index, "{")
    calling.add(MAX_CALLS - 1, "}")
    assert calling.arguments[-1] == "{}"


def test_a_single_call_is_never_read_while_it_comes(checked: list[str]) -> None:
    calling = Calling()
    calling.add(0, "[", *["{}, "] * 5_000, "{}", "]")
    calling.calls.end()
    assert checked == []
    assert calling.told_of(0) == calling.arguments[0]


def test_calls_that_come_one_after_the_other_are_read_once_each(checked: list[str]) -> None:
    calling = Calling()
    for index in range(3):
        calling.add(index, '{"x": "', *"many letters", '"}')
    calling.calls.end()
    assert len(checked) == 2


def test_fragments_of_a_later_call_do_not_have_the_earlier_one_read_again(checked: list[str]) -> None:
    calling = Calling()
    calling.add(0, "{}}")
    calling.add(1, "{", *['"x', '": 1'] * 500, "}")
    assert checked == ["{}}"]


def test_an_earlier_call_that_can_not_be_whole_yet_is_not_read(checked: list[str]) -> None:
    calling = Calling()
    calling.add(0, '{"x": "')
    calling.add(1, "{}")
    calling.add(0, *["many letters "] * 500)
    assert checked == []


def test_an_earlier_call_that_goes_on_for_long_costs_linear_work(checked: list[str]) -> None:
    calling = Calling()
    calling.add(0, "[")
    calling.add(1, "{}")
    calling.add(0, *["{}", ", "] * 2_000)
    assert sum(map(len, checked)) < 10 * len(calling.arguments[0])


def test_an_empty_piece_is_no_news_of_a_call(checked: list[str]) -> None:
    calling = Calling()
    calling.add(0, "{}}")
    calling.add(1, "{}")
    calling.add(0, *[""] * 100)
    assert checked == ["{}}"]
    assert calling.begun == [0]


def test_a_call_that_ends_in_white_space_is_whole() -> None:
    calling = Calling()
    calling.add(0, '{"x": 1}', "\n")
    calling.add(1, "{}")
    assert calling.begun == [0, 1]


def test_more_of_a_call_that_was_passed_is_dropped() -> None:
    calling = Calling()
    calling.add(0, "{}")
    calling.add(1, "{}")
    calling.add(0, "{}")
    assert calling.arguments == ["{}", "{}"]
    assert calling.told_of(0) == "{}"


def test_the_end_tells_all_that_was_held_back() -> None:
    calling = Calling()
    calling.add(0, "{")
    calling.add(1, "[1, ", "2]")
    calling.add(2, "{}")
    assert calling.begun == [0]
    calling.calls.end()
    assert [calling.told_of(place) for place in calling.begun] == calling.arguments


def test_a_step_keeps_where_its_calls_were_cut() -> None:
    calling = Calling()
    calling.add(0, "{", "}")
    calling.add(1, "{}")
    assert calling.calls.so_far()[0].cuts == ((1, 1), (2,))


def test_arguments_that_are_nested_without_end_are_no_json() -> None:
    calling = Calling()
    calling.add(0, '{"x":' * 100_000 + "1" + "}" * 100_000)
    calling.add(1, "{}")
    calling.calls.end()
    assert calling.begun == [0, 1]


class Coding(Calling):
    """The same, where `get` runs code."""

    def __init__(self) -> None:
        super().__init__()
        numbers = itertools.count(2)
        kinds: dict[str, CallKind] = {"get": "code_interpreter"}
        self.calls = OpenCalls(STEP, next_number=lambda: next(numbers), tell=self.told.append, kinds=kinds)


@pytest.mark.parametrize(
    "arguments", ['{"code": "a\\nb"}', '{"input": "a\\nb", "x": 1}', "a\nb", '"a\\nb', '{"code": "a\nb"}']
)
def test_code_is_told_as_code_and_cut_as_it_was_told(arguments: str) -> None:
    coding = Coding()
    coding.add(0, *arguments)
    coding.add(1, '{"code": "c"}')
    coding.calls.end()
    step, made = coding.calls.so_far()
    assert [coding.told_of(0), coding.told_of(1)] == ["a\nb", "c"]
    assert [call.arguments for call in made] == [arguments, '{"code": "c"}']
    assert [sum(cuts) for cuts in step.cuts] == [3, 1]
    assert [len(cuts) for cuts in step.cuts] == [
        sum(isinstance(event, CallDelta) and event.index == index for event in coding.told) for index in (0, 1)
    ]
    assert [event.number for event in coding.told] == list(range(2, 2 + len(coding.told)))


def test_a_later_call_waits_until_all_code_of_the_one_before_is_told() -> None:
    coding = Coding()
    coding.add(0, '{"code": "a')
    coding.add(1, '{"code": "b"}')
    assert coding.begun == [0]
    coding.add(0, "\\u00")
    coding.add(0, 'e9"')
    assert (coding.begun, coding.told_of(0)) == ([0], "aé")
    coding.add(0, "}")
    assert (coding.begun, coding.told_of(0), coding.told_of(1)) == ([0, 1], "aé", "b")
