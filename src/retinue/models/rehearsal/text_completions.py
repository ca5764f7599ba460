"""Completions of the older sort, of prompts in place of messages: whole, and in chunks."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from msgspec import Struct

from retinue.core.usage import Usage
from retinue.models.base import Finished, Json, ModelRequest, TextPiece
from retinue.models.rehearsal.asked import TextCompletion, texts_of
from retinue.models.rehearsal.completions import DONE, frame, head, usage
from retinue.models.rehearsal.say import Say


class Part(Struct, frozen=True):
    """More of the completion of prompt number `prompt`, or its end."""

    prompt: int
    text: str
    finish: str | None = None
    usage: Usage | None = None


async def parts(asked: TextCompletion, model: str, say: Say) -> AsyncGenerator[Part, None]:
    """Yield what the model says to each prompt, one after the other."""
    for number, prompt in enumerate(texts_of(asked.prompt)):
        message = {"role": "user", "content": prompt}
        request = ModelRequest(model=model, messages=(message,), max_tokens=asked.max_tokens)
        if asked.echo:
            yield Part(number, prompt)
        async with aclosing(say(request, stops=asked.stops)) as events:
            async for event in events:
                match event:
                    case TextPiece():
                        yield Part(number, event.text)
                    case Finished():
                        finish = "stop" if event.reason == "tool_calls" else event.reason
                        yield Part(number, "", finish, event.usage)


async def chunks(asked: TextCompletion, said: AsyncIterator[Part]) -> AsyncIterator[bytes]:
    """Yield the events of a streamed completion, its end mark last."""
    begun = head("cmpl", "text_completion")
    used: Usage | None = None
    async for part in said:
        for choice in asked.choices:
            index = part.prompt * len(asked.choices) + choice
            yield frame({**begun, "choices": [_choice(index, part.text, part.finish)]})
        used = _sum(used, part.usage)
    if used and asked.wants_usage:
        yield frame({**begun, "choices": [], "usage": usage(used, choices=len(asked.choices))})
    yield DONE


async def whole(asked: TextCompletion, said: AsyncIterator[Part]) -> Json:
    """Return a completion in one piece."""
    texts: dict[int, str] = {}
    finishes: dict[int, str | None] = {}
    used: Usage | None = None
    async for part in said:
        texts[part.prompt] = texts.get(part.prompt, "") + part.text
        finishes[part.prompt] = part.finish
        used = _sum(used, part.usage)
    of_each = [prompt for prompt in texts for _ in asked.choices]
    choices = [_choice(index, texts[prompt], finishes[prompt]) for index, prompt in enumerate(of_each)]
    counted = {"usage": usage(used, choices=len(asked.choices))} if used else {}
    return {**head("cmpl", "text_completion"), "choices": choices, **counted}


def _choice(index: int, text: str, finish: str | None) -> Json:
    return {"index": index, "text": text, "logprobs": None, "finish_reason": finish}


def _sum(used: Usage | None, more: Usage | None) -> Usage | None:
    return used + more if used and more else used or more
