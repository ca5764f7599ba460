import itertools

from retinue.core.events import CallDelta, CallStarted, Event, StepEnded, StepStarted, TextDeltas
from retinue.core.item import Message, ToolCall
from retinue.core.run import Run, RunSpec
from retinue.core.usage import Usage
from retinue.engine.recorder import Recorder
from retinue.models import CallPiece, TextPiece

SPENT = Usage(prompt=10, completion=5)
RUN = Run(
    id="run_1",
    thread_id="thread_1",
    branch="b",
    created_at=0,
    expires_at=600,
    spec=RunSpec(assistant_id="a", model="m"),
)


class Recording:
    """A recorder and what it has told."""

    def __init__(self) -> None:
        self.told: list[Event] = []
        numbers = itertools.count(1)
        self.recorder = Recorder(
            RUN, turn=0, next_number=lambda count=1: [next(numbers) for _ in range(count)][-1], tell=self.told.append
        )

    def take(self, *pieces: TextPiece | CallPiece) -> "Recording":
        for piece in pieces:
            match piece:
                case TextPiece():
                    self.recorder.text((piece.text,), at=1.0)
                case CallPiece():
                    self.recorder.call(piece, at=1.0)
        return self

    @property
    def calls(self) -> list[ToolCall]:
        return [item for item in self.recorder.so_far()[1] if isinstance(item, ToolCall)]

    @property
    def messages(self) -> list[Message]:
        return [item for item in self.recorder.so_far()[1] if isinstance(item, Message)]

    def shown(self) -> list[str]:
        """What was told, in a word each."""
        return [_shown(event) for event in self.told]


def begin(index: int, arguments: str = "", *, id_: str | None = None) -> CallPiece:
    return CallPiece(index=index, id=id_ or f"call_{index}", name=f"get_{index}", arguments=arguments)


def more(index: int, arguments: str) -> CallPiece:
    return CallPiece(index=index, arguments=arguments)


def test_text_is_told_at_once() -> None:
    recording = Recording().take(TextPiece("He"), TextPiece("llo"))
    assert recording.shown() == ["message_creation", "first He", "llo"]


def test_text_that_came_at_once_is_told_at_once_a_number_each() -> None:
    recording = Recording()
    recording.recorder.text(("He", "l"), at=1.0)
    recording.recorder.text(("l", "o"), at=2.0)
    assert recording.shown() == ["message_creation", "first He|l", "l|o"]
    assert [event.number for event in recording.told] == [1, 3, 5]
    assert [step.cuts for step in recording.recorder.so_far()[0]] == [((2, 1, 1, 1),)]


def test_a_message_keeps_where_it_was_cut() -> None:
    recording = Recording().take(TextPiece("He"), TextPiece("llo"))
    steps, _ = recording.recorder.so_far()
    assert [step.cuts for step in steps] == [((2, 3),)]
    assert [message.text for message in recording.messages] == ["Hello"]


def test_the_first_call_ends_the_message_before_it() -> None:
    recording = Recording().take(TextPiece("Hm"), begin(0))
    assert recording.shown() == ["message_creation", "first Hm", "ended completed", "tool_calls", "0 get_0"]


def test_a_later_call_waits_until_the_one_before_is_whole() -> None:
    recording = Recording().take(begin(0, '{"a'), begin(1, "{}"), more(0, '": 1'))
    assert recording.shown() == ["tool_calls", "0 get_0", '0 {"a', '0 ": 1']
    recording.take(more(0, "}"))
    assert recording.shown()[4:] == ["0 }", "1 get_1", "1 {}"]


def test_a_call_whose_arguments_never_become_json_holds_the_others_back_to_the_end() -> None:
    recording = Recording().take(begin(0, "not json"), begin(1, "{}"))
    assert recording.shown() == ["tool_calls", "0 get_0", "0 not json"]
    recording.recorder.end("tool_calls", SPENT, at=2.0)
    assert recording.shown()[3:] == ["1 get_1", "1 {}"]


def test_a_call_is_named_by_its_place_whatever_its_index() -> None:
    recording = Recording().take(begin(5, "{}"), begin(2, "{}"))
    assert recording.shown() == ["tool_calls", "0 get_5", "0 {}", "1 get_2", "1 {}"]
    assert [call.name for call in recording.calls] == ["get_5", "get_2"]


def test_calls_get_ids_of_their_own_where_the_model_repeats_or_forgets_them() -> None:
    recording = Recording().take(
        begin(0, "{}", id_="same"), begin(1, "{}", id_="same"), CallPiece(index=2, name="get_2", arguments="{}")
    )
    first, second, third = (call.call_id for call in recording.calls)
    assert first == "same"
    assert second.startswith("call_")
    assert third.startswith("call_")
    assert len({first, second, third}) == 3


def test_text_after_calls_is_told_in_one_piece_at_the_end() -> None:
    recording = Recording().take(begin(0, "{}"), TextPiece("So "), TextPiece("far."))
    assert "first So far." not in recording.shown()
    events = recording.recorder.end("tool_calls", SPENT, at=2.0)
    assert recording.shown()[-2:] == ["message_creation", "first So far."]
    assert [_shown(event) for event in events] == ["ended completed"]


def test_text_after_calls_is_kept_when_the_model_breaks_off() -> None:
    recording = Recording().take(begin(0, "{}"), TextPiece("So far."))
    recording.recorder.break_off(at=2.0)
    assert [message.text for message in recording.messages] == ["So far."]


def test_the_end_of_an_answer_is_told_by_the_caller_once_it_is_stored() -> None:
    recording = Recording().take(TextPiece("Hello"))
    (ended,) = recording.recorder.end("stop", SPENT, at=2.0)
    assert ended not in recording.told
    assert isinstance(ended, StepEnded)
    assert (ended.step.usage, ended.step.ended_at) == (SPENT, 2.0)


def test_an_answer_of_nothing_is_an_empty_message() -> None:
    recording = Recording()
    (ended,) = recording.recorder.end("stop", SPENT, at=2.0)
    assert recording.shown() == ["message_creation", "first "]
    assert _shown(ended) == "ended completed"


def test_a_turn_of_calls_alone_has_no_message() -> None:
    recording = Recording().take(begin(0, "{}"))
    assert recording.recorder.end("tool_calls", SPENT, at=2.0) == []
    assert recording.messages == []


def test_the_usage_of_a_turn_with_calls_is_left_for_its_tool_step() -> None:
    recording = Recording().take(TextPiece("Hm."), begin(0, "{}"))
    recording.recorder.end("tool_calls", SPENT, at=2.0)
    assert sum((step.usage or Usage() for step in recording.recorder.so_far()[0]), Usage()) == Usage()


def test_numbers_are_given_in_the_order_of_telling() -> None:
    recording = Recording().take(TextPiece("Hm."), begin(0, "{}"), begin(1, "{}"), TextPiece("So."))
    ended = recording.recorder.end("tool_calls", SPENT, at=2.0)
    assert [event.number for event in (*recording.told, *ended)] == list(range(1, len(recording.told) + 2))


def _shown(event: Event) -> str:
    match event:
        case StepStarted(step=step):
            return step.kind
        case StepEnded(message=message):
            return f"ended {message and message.status}"
        case TextDeltas(texts=texts, opening=opening):
            return f"first {'|'.join(texts)}" if opening else "|".join(texts)
        case CallStarted(index=index, name=name):
            return f"{index} {name}"
        case CallDelta(index=index, arguments=arguments):
            return f"{index} {arguments}"
    raise AssertionError(event)
