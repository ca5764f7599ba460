"""What the model gets to see: the run's next request, and the manifest that says what went into it."""

import functools
from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct, structs

from retinue.blobs import Blobs
from retinue.context.chat import Json
from retinue.context.code import files_for, named
from retinue.context.correction import correction
from retinue.context.exchange import TooLarge
from retinue.context.images import has_images, with_images
from retinue.context.manifest import manifest_of
from retinue.context.outputs import with_wholes
from retinue.context.reader import Reader
from retinue.context.request import bare_request
from retinue.context.room import Room, room_for
from retinue.context.window import Beside, Bounds, Window
from retinue.core.errors import InvalidRequest, ModelFault
from retinue.core.history import History
from retinue.core.item import ToolOutput
from retinue.core.next_action import CallModel
from retinue.core.turn import Manifest
from retinue.models import Model, ModelFacts, ModelRequest
from retinue.models.tokens import Counter, counter_for
from retinue.store import Scope


class PromptTooLong(InvalidRequest):
    """Not even the newest exchange fits into what is left of the run's max_prompt_tokens."""


class Prompt(Struct, frozen=True):
    """What the model is asked."""

    request: ModelRequest
    manifest: Manifest
    """What went into the request."""
    citable: tuple[ToolOutput, ...] = ()
    """What the request shows that the model may cite: what file searches found, the files that code wrote."""


class Refused(Struct, frozen=True):
    """A request that the provider refused as longer than the model's context."""

    request: ModelRequest
    limit: int | None
    """That context in tokens, where the provider said."""


class Context:
    """Builds the requests of all runs.

    A request begins with what changes least: the instructions, then the thread from the window's start on, so that
    providers find most of it in their caches.
    """

    def __init__(
        self, model: Model, blobs: Blobs, *, turns: int | None = None, reply_tokens: int | None = None
    ) -> None:
        """`turns` bounds what a model sees to so many questions with what followed them; `reply_tokens` its replies."""
        self._model, self._blobs = model, blobs
        self._turns, self._reply_tokens = turns, reply_tokens

    async def build(
        self, scope: Scope, history: History, action: CallModel, *, refused: Refused | None = None
    ) -> Prompt:
        """Return the request for the run's next turn, smaller than the one that was refused, with its manifest.

        Raises PromptTooLong where it can't fit into what the run allows, and ModelFault where it can't into what the
        model takes.
        """
        spec = history.run.spec
        facts = await self._facts(spec.model, refused)
        counter = counter_for(facts.model)
        room = await self._room(action, facts, counter, refused)
        request = bare_request(history, project=scope.project)
        files = await files_for(scope, history.run)
        instructions = "\n\n".join(filter(None, (spec.instructions, named(files) if files else "")))
        first = ({"role": "system", "content": instructions},) if instructions else ()
        last = correction(history)
        window = await self._window(scope, history, room, counter, _beside(request, (*first, *last), counter))
        if facts.images is False and has_images(window.chat):
            raise _unfit(f"The model {spec.model} takes no images, and the thread has some. Use another model.")
        shown = await with_images(window.chat, scope, self._blobs)
        tools = [tool["function"]["name"] for tool in request.tools]
        notes = (*_notes(files), *shown.notes)
        manifest = manifest_of(window, spec, tools=tools, room=room.prompt, notes=notes)
        messages = (*first, *shown.chat, *last)
        request = structs.replace(request, messages=messages, max_tokens=room.reply_beside(window.tokens))
        return Prompt(request, manifest, tuple(window.citable))

    async def _facts(self, name: str, refused: Refused | None) -> ModelFacts:
        """What is known of the model; a refusal's limit holds for this request alone, for another may answer next."""
        facts = await self._model.facts(name)
        if refused is None or refused.limit is None:
            return facts
        return structs.replace(facts, context_tokens=min(refused.limit, facts.context_tokens or refused.limit))

    async def _room(self, action: CallModel, facts: ModelFacts, counter: Counter, refused: Refused | None) -> Room:
        room = functools.partial(room_for, action, facts, reply_tokens=self._reply_tokens, exact=counter.exact)
        if refused is None:
            return room(limit=None)
        sent = await counter.count_prompt(refused.request.messages, refused.request.tools)
        told = room(limit=None)
        # What was refused came to more for the provider than for us: what it told of its size may not be enough.
        return told if told.prompt * 10 < sent * 9 else room(limit=sent * 3 // 4)

    async def _window(self, scope: Scope, history: History, room: Room, counter: Counter, beside: Beside) -> Window:
        spec = history.run.spec
        if beside.bound >= room.prompt and (tokens := await beside.count()) >= room.prompt:
            raise _too_long("The instructions and functions", f"{tokens:,}", spec.model, room)
        whole = functools.partial(with_wholes, blobs=self._blobs)
        reader = Reader(scope, history, counter=counter, whole=whole)
        bounds = Bounds(tokens=room.prompt, messages=spec.last_messages, exchanges=self._turns)
        try:
            return await reader.read(bounds, beside)
        except TooLarge as error:
            raise _too_long("The newest message", f"at least {error.tokens:,}", spec.model, room) from error


def _notes(files: Sequence[str]) -> Iterator[str]:
    if files:
        count = "1 file was" if len(files) == 1 else f"{len(files):,} files were"
        yield f"{count} told to the model as given to its code."


def _beside(request: ModelRequest, messages: Sequence[Json], counter: Counter) -> Beside:
    form = msgspec.json.encode(request.response_format).decode() if request.response_format else ""
    bound = counter.bound_tools(request.tools) + counter.bound(form) + sum(map(counter.bound_message, messages))

    async def count() -> int:
        return await counter.count_prompt(messages, request.tools) + await counter.count(form)

    return Beside(bound=bound + len(messages), count=count)


def _too_long(what: str, tokens: str, model: str, room: Room) -> PromptTooLong | ModelFault:
    if room.by_run:
        return PromptTooLong(f"{what} exceed what is left of max_prompt_tokens.")
    return _unfit(
        f"{what} alone would take {tokens} tokens, and there is room for {room.prompt:,} in the context of {model}. "
        "Shorten it, or use a model with a larger context."
    )


def _unfit(sentence: str) -> ModelFault:
    return ModelFault(sentence, code="invalid_prompt", blame="request")
