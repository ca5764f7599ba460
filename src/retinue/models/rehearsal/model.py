"""The model itself: picks the script's rule or the built-in behaviour, and streams what comes of it."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Final

from retinue.core.turn import Finish
from retinue.core.usage import Usage
from retinue.models.base import REHEARSAL, Finished, ModelCard, ModelEvent, ModelFacts, ModelRequest
from retinue.models.faults.faults import OPENAI_VARIABLES, broken_off, fault_of_status, unreachable
from retinue.models.rehearsal import tokens
from retinue.models.rehearsal.begun import begun
from retinue.models.rehearsal.behaviour import reply_to
from retinue.models.rehearsal.conversation import Conversation, read
from retinue.models.rehearsal.relay import relayed
from retinue.models.rehearsal.reply import Reply
from retinue.models.rehearsal.script import (
    CutAfter,
    Fault,
    HangAfter,
    Refusal,
    Rule,
    Script,
    Unreachable,
)
from retinue.models.relay import Relayed, RelayRequest

DESCRIPTION: Final = (
    "No language model: a built-in stand-in that needs no key and no network. It follows fixed rules, or a script, "
    "so that assistants can be tried and tested without a token spent."
)

CONTEXT_TOKENS: Final = 1_000_000

_PROVIDER = "Rehearsal"  # how it is named in the sentences of faults
_PIECES_PER_YIELD = 8  # pieces between two chances for the rest of the event loop
_UNSCRIPTED = Rule()

Sleep = Callable[[float], Awaitable[object]]


class Rehearsal:
    """A model for a fresh machine and for tests; it serves every model name and keeps no conversation.

    `script` comes first, its rules in order; where none applies, the built-in behaviour does. `sleep` waits for
    a number of seconds and can be replaced where nobody wants to wait.
    """

    def __init__(self, script: Script | None = None, *, sleep: Sleep = asyncio.sleep) -> None:
        self._rules = script.rules if script else ()
        self._applied: Counter[int] = Counter()
        self._sleep = sleep

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Sequence[ModelEvent], None]:
        """Return the reply in small pieces, `Finished` last; raises ModelFault for a bad schema or by the script."""
        return await begun(_each_a_batch(self._say(request)))

    @asynccontextmanager
    async def relay(self, request: RelayRequest) -> AsyncIterator[Relayed]:
        """Answer as a provider does; see `Model.relay`."""
        yield await relayed(request, self._say)

    async def _say(self, request: ModelRequest, *, stops: tuple[str, ...] = ()) -> AsyncGenerator[ModelEvent, None]:
        conversation = read(request.messages)
        rule = self._next_rule(request.model, conversation)
        await self._sleep(rule.delay)
        _refuse(rule.fault, request.model)
        whole = (rule.reply_to(conversation) or reply_to(request, conversation)).until(stops)
        reply = whole.cut(request.max_tokens)
        number = 0
        for number, piece in enumerate(reply.pieces(rule.pieces), start=1):
            await self._go_on(rule, number - 1)
            yield piece
        await _interrupt(rule.fault, number, ended=True)
        reason = "length" if reply is not whole else rule.finish or _reason(reply)
        yield Finished(reason=reason, model=REHEARSAL, usage=_usage(rule, request, reply))

    async def facts(self, name: str) -> ModelFacts:
        """Return that it reads as much as the largest models do, and takes no notice of images."""
        return ModelFacts(model=REHEARSAL, context_tokens=CONTEXT_TOKENS, images=True)

    async def cards(self) -> list[ModelCard]:
        """Return its one card."""
        return [ModelCard(id=REHEARSAL, owned_by="retinue", description=DESCRIPTION)]

    async def close(self) -> None:
        """Nothing to let go of."""

    def _next_rule(self, model: str, conversation: Conversation) -> Rule:
        for index, rule in enumerate(self._rules):
            used_up = rule.times is not None and self._applied[index] >= rule.times
            if not used_up and rule.applies(model, conversation):
                self._applied[index] += 1
                return rule
        return _UNSCRIPTED

    async def _go_on(self, rule: Rule, number: int) -> None:
        await _interrupt(rule.fault, number)
        if number and rule.interval:
            await self._sleep(rule.interval)
        elif number % _PIECES_PER_YIELD == _PIECES_PER_YIELD - 1:
            await asyncio.sleep(0)


async def _each_a_batch(events: AsyncGenerator[ModelEvent, None]) -> AsyncGenerator[Sequence[ModelEvent], None]:
    async with aclosing(events):
        async for event in events:
            yield (event,)


def _refuse(fault: Fault | None, model: str) -> None:
    match fault:
        case Refusal(status=status, message=message):
            raise fault_of_status(_PROVIDER, status, message, model=model, remedies=OPENAI_VARIABLES)
        case Unreachable():
            raise unreachable(_PROVIDER, "the script says so", remedies=OPENAI_VARIABLES)


async def _interrupt(fault: Fault | None, number: int, *, ended: bool = False) -> None:
    """Break off or hang before piece `number`, counted from 0, if it's time; a reply may end sooner than that."""
    match fault:
        case CutAfter(cut_after=after) if ended or number >= after:
            raise broken_off(_PROVIDER, f"the script cuts it after piece {number}")
        case HangAfter(hang_after=after) if ended or number >= after:
            await asyncio.Event().wait()


def _reason(reply: Reply) -> Finish:
    return "tool_calls" if reply.calls else "stop"


def _usage(rule: Rule, request: ModelRequest, reply: Reply) -> Usage | None:
    scripted = rule.usage
    if scripted == "none":
        return None
    if scripted is None:
        return Usage(prompt=tokens.count_prompt(request), completion=reply.tokens)
    return Usage(
        prompt=tokens.count_prompt(request) if scripted.prompt is None else scripted.prompt,
        completion=reply.tokens if scripted.completion is None else scripted.completion,
        cached=scripted.cached,
        reasoning=scripted.reasoning,
    )
