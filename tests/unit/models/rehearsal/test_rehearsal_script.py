"""Scripts: loading, matching, replies, pace and faults."""

import asyncio
from pathlib import Path

import pytest
from rehearsal_driver import Heard, ask, assistant, call, heard, output, request

from retinue.core.errors import ModelFault, NotStarted
from retinue.core.usage import Usage
from retinue.models import CallPiece, Finished, ModelEvent
from retinue.models.rehearsal import Rehearsal, load_script

DONE = (assistant(None, call("a", "get_weather", "{}")), output("a", "sun"), output("a", "wind"))


class Waits:
    """A clock that notes for how long it was asked to wait, and does not."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.seconds.append(seconds)


def _file(folder: Path, rules: str) -> Path:
    path = folder / "script.yaml"
    path.write_text(rules)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def _model(folder: Path, rules: str, waits: Waits | None = None) -> Rehearsal:
    return Rehearsal(load_script(_file(folder, f"rules:\n{rules}")), sleep=(waits or Waits()).sleep)


async def _events_until_fault(model: Rehearsal) -> tuple[list[ModelEvent], ModelFault]:
    events: list[ModelEvent] = []
    try:
        async for batch in await model.stream(request("Go")):
            events += batch
    except ModelFault as fault:
        return events, fault
    pytest.fail("no fault was raised")


async def test_the_first_rule_that_matches_wins(folder: Path) -> None:
    model = _model(folder, "- {match: weather, reply: first}\n- {match: WEA, reply: second}\n- {reply: third}")
    assert (await ask("The Weather?", model=model)).text == "first"
    assert (await ask("I wear hats", model=model)).text == "second"
    assert (await ask("Hello", model=model)).text == "third"


async def test_without_a_matching_rule_the_model_behaves_as_ever(folder: Path) -> None:
    model = _model(folder, "- {match: weather, reply: first}")
    assert (await ask("what is 2+2?", model=model)).text == "2+2 = 4"


async def test_rule_can_ask_for_model_and_system_text(folder: Path) -> None:
    model = _model(folder, "- {model: gpt-4, system: pirate, reply: Arr}\n- {reply: plain}")
    pirate = {"role": "system", "content": "You are a Pirate."}
    assert (await _ask_as("gpt-4o", model, pirate)).text == "Arr"
    assert (await _ask_as("other", model, pirate)).text == "plain"
    assert (await _ask_as("gpt-4o", model)).text == "plain"


async def _ask_as(name: str, model: Rehearsal, *before: dict[str, str]) -> Heard:
    asked = request(*before, "Hello", model=name)
    return heard([event async for batch in await model.stream(asked) for event in batch])


async def test_reply_may_use_user_outputs_and_turn(folder: Path) -> None:
    model = _model(folder, '- {reply: "{user}|{outputs}|{turn}|{other}|${user}"}')
    assert (await ask("{turn}?", *DONE, model=model)).text == "{turn}?|sun\nwind|1|{other}|${turn}?"


async def test_rule_with_calls_waits_for_no_outputs(folder: Path) -> None:
    model = _model(folder, "- {calls: [{name: get_weather, arguments: {city: Paris}}]}\n- {reply: done}")
    asked = await ask("Go", model=model)
    assert asked.calls == [("get_weather", '{"city": "Paris"}')]
    assert asked.finished.reason == "tool_calls"
    assert (await ask("Go", *DONE, model=model)).text == "done"


async def test_tools_done_says_when_a_rule_applies(folder: Path) -> None:
    model = _model(folder, "- {tools_done: true, reply: after}\n- {tools_done: false, reply: before}")
    assert (await ask("Go", model=model)).text == "before"
    assert (await ask("Go", *DONE, model=model)).text == "after"


async def test_reply_and_calls_come_text_first(folder: Path) -> None:
    model = _model(folder, "- {reply: Let me see., calls: [{name: act, id: call_fixed}]}")
    asked = await ask("Go", model=model)
    assert asked.text == "Let me see."
    assert [type(event) for event in asked.events[-3:]] == [CallPiece, CallPiece, Finished]
    assert "call_fixed" in [getattr(event, "id", None) for event in asked.events]


async def test_arguments_may_be_any_text(folder: Path) -> None:
    model = _model(folder, "- calls: [{name: act, arguments: '{\"broken'}]")
    assert (await ask("Go", model=model)).calls == [("act", '{"broken')]


async def test_reply_is_repeated_and_split_as_told(folder: Path) -> None:
    asked = await ask("Go", model=_model(folder, "- {reply: 'ab ', repeat: 10, pieces: 4}"))
    assert asked.text == "ab " * 10
    assert len(asked.pieces) == 4


async def test_delay_and_interval_are_kept(folder: Path) -> None:
    waits = Waits()
    await ask("Go", model=_model(folder, "- {reply: abcdef, pieces: 3, delay: 0.5, interval: 0.25}", waits))
    assert waits.seconds == [0.5, 0.25, 0.25]


async def test_rule_without_reply_only_sets_the_pace(folder: Path) -> None:
    waits = Waits()
    asked = await ask("what is 2+2?", model=_model(folder, "- {delay: 0.5}", waits))
    assert asked.text == "2+2 = 4"
    assert waits.seconds[0] == 0.5


@pytest.mark.parametrize("reason", ["stop", "length", "content_filter", "tool_calls"])
async def test_finish_is_reported(folder: Path, reason: str) -> None:
    assert (await ask("Go", model=_model(folder, f"- {{reply: a, finish: {reason}}}"))).finished.reason == reason


async def test_usage_is_reported_as_told(folder: Path) -> None:
    model = _model(folder, "- {reply: a, usage: {prompt: 10, completion: 5, cached: 2, reasoning: 1}}")
    assert (await ask("Go", model=model)).finished.usage == Usage(prompt=10, completion=5, cached=2, reasoning=1)


async def test_usage_none_reports_none(folder: Path) -> None:
    assert (await ask("Go", model=_model(folder, "- {reply: a, usage: none}"))).finished.usage is None


async def test_rule_applies_as_often_as_told(folder: Path) -> None:
    model = _model(folder, "- {reply: first, times: 2}\n- {reply: later}")
    assert [(await ask("Go", model=model)).text for _ in range(3)] == ["first", "first", "later"]


async def test_two_models_count_a_rule_apart(folder: Path) -> None:
    script = load_script(_file(folder, "rules: [{reply: first, times: 1}, {reply: later}]"))
    assert [(await ask("Go", model=Rehearsal(script))).text for _ in range(2)] == ["first", "first"]


async def test_scripted_reply_keeps_to_max_tokens(folder: Path) -> None:
    asked = await ask("Go", model=_model(folder, "- {reply: one two three four, finish: stop}"), max_tokens=2)
    assert asked.text == "one two "
    assert asked.finished.reason == "length"


async def test_status_fault_comes_before_the_first_piece(folder: Path) -> None:
    model = _model(folder, "- {reply: a, fault: {status: 429, message: slow down}}")
    events, fault = await _events_until_fault(model)
    assert events == []
    assert fault.run_code == "rate_limit_exceeded"
    assert fault.message == (
        "Rehearsal refused for now, too many requests or no quota left (429): slow down. "
        "Try again later, or see what the key may spend."
    )


async def test_unreachable_fault_comes_before_the_first_piece(folder: Path) -> None:
    events, fault = await _events_until_fault(_model(folder, "- {fault: {unreachable: true}}"))
    assert events == []
    assert fault.message.startswith("Rehearsal could not be reached")


async def test_cut_stream_breaks_off_after_its_pieces(folder: Path) -> None:
    events, fault = await _events_until_fault(_model(folder, "- {reply: a b c d e, fault: {cut_after: 3}}"))
    assert len(events) == 3
    assert fault.message.startswith("Rehearsal broke the reply off")


async def test_reply_shorter_than_the_cut_breaks_off_at_its_end(folder: Path) -> None:
    events, _ = await _events_until_fault(_model(folder, "- {reply: a b, fault: {cut_after: 9}}"))
    assert len(events) == 2


async def test_hanging_stream_stands_still_until_it_is_cancelled(folder: Path) -> None:
    stream = await _model(folder, "- {reply: a b c, fault: {hang_after: 2}}").stream(request("Go"))
    assert [await anext(stream) for _ in range(2)]
    waiting = asyncio.ensure_future(anext(stream))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_fault_with_times_goes_away(folder: Path) -> None:
    model = _model(folder, "- {fault: {status: 500}, times: 1}\n- {reply: well again}")
    await _events_until_fault(model)
    assert (await ask("Go", model=model)).text == "well again"


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("{reply: [1]}", "rule 2, field 'reply': expected `str | null`, got `array`."),
        ("{replay: a}", "rule 2, field 'replay': no such field."),
        ("{match: '('}", "rule 2, field 'match': not a valid regular expression"),
        ("{match: 5}", "rule 2, field 'match': expected a regular expression."),
        ("{delay: -1}", "rule 2, field 'delay': expected `float` >= 0.0."),
        ("{finish: never}", "rule 2, field 'finish': invalid enum value 'never'."),
        ("{calls: [{name: a, argument: {}}]}", "rule 2, field 'calls[0].argument': no such field."),
        ("{calls: [{arguments: {}}]}", "rule 2, field 'calls[0]': object missing required field `name`."),
        ("{usage: {prompt: many}}", "rule 2, field 'usage.prompt': expected `int | null`, got `str`."),
        ("{fault: {status: 99}}", "rule 2, field 'fault.status': expected `int` >= 400."),
        ("{fault: {status: 429, messages: a}}", "rule 2, field 'fault.messages': no such field."),
        ("{fault: {}}", "rule 2, field 'fault': expected exactly one of status, cut_after, hang_after, unreachable."),
        ("{fault: {cut_after: 1, hang_after: 2}}", "rule 2, field 'fault': expected exactly one of"),
        ("just text", "rule 2: expected `object`, got `str`."),
    ],
)
def test_mistakes_name_file_rule_and_field(folder: Path, rule: str, says: str) -> None:
    path = _file(folder, f"rules:\n- {{reply: fine}}\n- {rule}")
    with pytest.raises(NotStarted) as caught:
        load_script(path)
    assert caught.value.message.startswith(f"The script {path} has a mistake in ")
    assert says in caught.value.message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "needs a list named 'rules'"),
        ("[]", "needs a list named 'rules'"),
        ("rules: {}", "needs a list named 'rules'"),
        ("rules: []\nrule: []", "unknown field 'rule'"),
        ("rules: [", "is no valid YAML"),
    ],
)
def test_files_that_are_no_script_are_refused(folder: Path, text: str, says: str) -> None:
    with pytest.raises(NotStarted, match=says):
        load_script(_file(folder, text))


def test_missing_file_is_named(folder: Path) -> None:
    with pytest.raises(NotStarted, match=r"none\.yaml could not be read: No such file"):
        load_script(folder / "none.yaml")


def test_empty_list_of_rules_is_a_script(folder: Path) -> None:
    assert load_script(_file(folder, "rules: []")).rules == ()
