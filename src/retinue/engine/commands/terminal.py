"""The assistant that the terminal talks to where it is told of no other."""

from retinue.core.assistant import TERMINAL_ID, Assistant
from retinue.core.caller import Caller
from retinue.core.errors import AlreadyExists, NotFound
from retinue.engine.engine import Engine

_DESCRIPTION = "What `retinue chat` talks to. It is made anew when it is missing."


async def assistant(engine: Engine, caller: Caller, *, model: str) -> Assistant:
    """Return the project's, made with this model if there is none yet."""
    assistants = engine.store.scoped(caller.project).assistants
    made = Assistant(
        id=TERMINAL_ID,
        created_at=engine.clock(),
        name="Terminal",
        description=_DESCRIPTION,
        model=model,
        metadata={"retinue": "terminal"},
    )
    try:
        return await assistants.get(TERMINAL_ID)
    except NotFound:
        pass
    try:
        await assistants.insert(made)
    except AlreadyExists:  # another terminal was quicker
        return await assistants.get(TERMINAL_ID)
    return made
