"""Answers in plain text."""

import pytest
from rehearsal_driver import ask, assistant, call, output, user


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("what is 12*(3+4)?", "12*(3+4) = 84"),
        ("2+2", "2+2 = 4"),
        ("0.1 + 0.2 =", "0.1 + 0.2 = 0.3"),
        ("What's 3 plus 4 times 2?", "3 + 4 * 2 = 11"),
        ("What is 15% of 80?", "15 / 100 * 80 = 12"),
        ("Calculate 1,000 x 3.5", "1000*3.5 = 3500"),
        ("what is 1/3?", "1/3 = 1/3 (about 0.3333333333)"),
        ("what is 2^100?", "2**100 = 1267650600228229401496703205376"),
        ("what is -7 / 2?", "-7 / 2 = -3.5"),
        ("what is 1/0?", "1/0 can't be worked out: nothing can be divided by zero."),
        ("what is 9**9**9?", "9**9**9 can't be worked out: the result is too large to write down."),
    ],
)
async def test_arithmetic_is_exact(question: str, answer: str) -> None:
    assert (await ask(question)).text == answer


@pytest.mark.parametrize("said", ["What happened on 2024-05-06?", "What is a 2-3 day trip?", "Call 555-1234"])
async def test_numbers_alone_are_no_sum(said: str) -> None:
    assert " = " not in (await ask(said)).text


async def test_greeting_is_answered_shortly_and_honestly() -> None:
    heard = await ask("Hello there!")
    assert "rehearsal" in heard.text
    assert len(heard.text) < 80


async def test_unknown_request_is_quoted_with_what_the_model_is() -> None:
    heard = await ask("Explain quantum foam to my cat")
    assert "no language model" in heard.text
    assert "Explain quantum foam to my cat" in heard.text


async def test_parts_of_a_message_are_read() -> None:
    parts = [
        {"type": "text", "text": "Look at this"},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
    ]
    heard = await ask(user(parts))
    assert "Look at this" in heard.text
    assert "can't see the image" in heard.text


async def test_conversation_without_a_user_message_is_answered() -> None:
    assert "no text" in (await ask({"role": "system", "content": "Be kind."})).text


@pytest.mark.parametrize(
    ("told", "question", "answer"),
    [
        ("Hi, my name is Ada and I like tea.", "What is my name?", "Your name is Ada."),
        ("I'm Ada Lovelace", "Do you remember my name?", "Your name is Ada Lovelace."),
        (
            "My favourite colour is dark green.",
            "what's my favourite colour again?",
            "Your favourite colour is dark green.",
        ),
        ("I live in Paris, near the river", "Where do I live?", "You live in Paris."),
        ("I am 36 years old", "How old am I?", "You are 36."),
        ("The secret word is xyzzy.", "What is the secret word?", "The secret word is xyzzy."),
        ("Blue elephants", "What did I just say?", "You wrote: “Blue elephants”"),
        ("Blue elephants", "What is my name?", "You have not told me your name."),
    ],
)
async def test_earlier_messages_are_remembered(told: str, question: str, answer: str) -> None:
    assert (await ask(told, assistant("Noted."), question)).text == answer


async def test_the_latest_statement_counts() -> None:
    messages = ("My name is Ada.", assistant("Hi."), "My name is Eve.", assistant("Hi."), "What is my name?")
    assert (await ask(*messages)).text == "Your name is Eve."


async def test_shortening_keeps_the_first_sentences() -> None:
    assert (await ask("Shorten this: One cat sat. Two dogs ran. It was late.")).text == "One cat sat."


async def test_shortening_keeps_as_many_sentences_as_asked_for() -> None:
    asked = "Please summarise in two sentences:\nOne cat sat. Two dogs ran. It was late."
    assert (await ask(asked)).text == "One cat sat. Two dogs ran."


async def test_shortening_takes_the_previous_message_where_no_text_is_given() -> None:
    assert (await ask("Tell me", assistant("One cat sat. Two dogs ran."), "Shorten that")).text == "One cat sat."


async def test_outline_becomes_a_draft_with_every_point() -> None:
    heard = await ask("Expand this outline:\n- Rivers\n- Old bridges")
    assert heard.text.startswith("## Rivers\n\n")
    assert "## Old bridges\n\n" in heard.text


async def test_every_output_is_told_with_its_call_and_all_its_values() -> None:
    calls = (call("a", "get_weather", '{"city": "Paris"}'), call("b", "get_weather", '{"city": "Rome"}'))
    first = output("a", '{"degrees": 21.50, "sky": {"clouds": ["few", "high"], "rain": false}, "days": [{"n": 1}]}')
    heard = await ask("Weather?", assistant(None, *calls), first, output("b", "It rains"))
    assert heard.text == (
        "get_weather (city: Paris): degrees is 21.50, sky clouds is few and high, sky rain is false, days 1 n is 1.\n"
        "get_weather (city: Rome): It rains."
    )


async def test_outputs_before_the_last_user_message_are_not_told_again() -> None:
    messages = ("Go", assistant(None, call("a", "act", "{}")), output("a", "done"), assistant("Done."), "Hello")
    assert "done" not in (await ask(*messages)).text


@pytest.mark.parametrize("content", ["", "null", "[]", "{}", "42", "[1, 2]", "{broken", '"text"'])
async def test_any_output_makes_a_sentence(content: str) -> None:
    heard = await ask("Go", assistant(None, call("a", "act", "{broken")), output("a", content))
    assert heard.text.startswith("act: ")
    assert heard.text.endswith(".")


async def test_output_without_its_call_is_told() -> None:
    assert (await ask("Go", output("lost", "found"))).text == "The tool: found."
