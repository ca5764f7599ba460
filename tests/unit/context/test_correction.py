"""What a model is told of an answer that was not in the run's format."""

import pytest
from msgspec import structs

from retinue.context.correction import MAX_QUOTED, correction
from retinue.core.history import History
from retinue.core.item import Message, Text
from retinue.core.run import Run, RunSpec
from retinue.core.step import Step
from retinue.core.turn import Finish, Manifest, Turn
from retinue.core.usage import Usage

RUN = Run(
    id="run_1",
    thread_id="thread_1",
    branch="b",
    created_at=0,
    expires_at=600,
    spec=RunSpec(assistant_id="a", model="m"),
)


def turn(index: int, finish: Finish, problem: str | None = None) -> Turn:
    return Turn(
        run_id="run_1",
        index=index,
        model="m",
        finish=finish,
        usage=Usage(),
        manifest=Manifest(),
        started_at=0,
        ended_at=1,
        problem=problem,
    )


WRONG = turn(0, "stop", "The answer is not JSON.")


def step(index: int) -> Step:
    return Step(
        id=f"step_{index}",
        run_id="run_1",
        thread_id="thread_1",
        assistant_id="a",
        kind="message_creation",
        turn=index,
        created_at=0,
        expires_at=600,
        first_event=1,
        status="failed",
    )


def message(index: int, text: str) -> Message:
    content = (Text(text),)
    return Message(
        id=f"msg_{index}", thread_id="t", role="assistant", created_at=0, content=content, step_id=f"step_{index}"
    )


def said(text: str, *turns: Turn) -> History:
    return History(run=RUN, turns=turns, steps=(step(0),), items=(message(0, text),))


@pytest.mark.parametrize("turns", [(), (turn(0, "stop"),), (WRONG, turn(1, "tool_calls"))])
def test_nothing_is_corrected_but_the_last_answer(turns: tuple[Turn, ...]) -> None:
    assert correction(said("Oslo!", *turns)) == ()


def test_the_model_gets_its_words_and_what_is_wrong_with_them() -> None:
    answer, wish = correction(said("Oslo!", WRONG))
    assert answer == {"role": "assistant", "content": "Oslo!"}
    assert wish["role"] == "user"
    assert wish["content"].startswith("The answer is not JSON. ")


def test_silence_is_not_quoted() -> None:
    assert [message["role"] for message in correction(said("", WRONG))] == ["user"]


def test_of_a_long_answer_the_ends_are_quoted() -> None:
    answer, _ = correction(said("a" * MAX_QUOTED + "z" * MAX_QUOTED, WRONG))
    assert answer["content"].startswith("aaa")
    assert answer["content"].endswith("zzz")
    assert f"[{MAX_QUOTED} characters left out]" in answer["content"]
    assert len(answer["content"]) < MAX_QUOTED + 50


def test_the_quoted_answer_is_that_of_the_last_turn() -> None:
    first, second = said("Oslo!", WRONG), structs.replace(WRONG, index=1)
    history = History(
        run=RUN,
        turns=(WRONG, second),
        steps=(*first.steps, step(1)),
        items=(*first.items, message(1, "Bergen!")),
    )
    assert correction(history)[0]["content"] == "Bergen!"
