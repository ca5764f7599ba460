"""The assistant that the terminal talks to where it is told of no other."""

from retinue.core.assistant import Assistant
from retinue.core.caller import Caller
from retinue.core.errors import AlreadyExists, NotFound
from retinue.engine.engine import Engine

ASSISTANT_ID = "asst_terminal"
"""In every project: ids are opaque, and one that is known needs no search among thousands."""

_DESCRIPTION = "What `retinue chat` talks to. It is made anew when it is missing."


async def assistant(engine: Engine, caller: Caller, *, model: str) -> Assistant:
    """Return the project's, made with this model if there is none yet."""
    assistants = engine.store.scoped(caller.project).assistants
    made = Assistant(
        id=ASSISTANT_ID,
        created_at=engine.clock(),
        name="Terminal",
        description=_DESCRIPTION,
        model=model,
        metadata={"retinue": "terminal"},
    )
    try:
        return await assistants.get(ASSISTANT_ID)
    except NotFound:
        pass
    try:
        await assistants.insert(made)
    except AlreadyExists:  # another terminal was quicker
        return await assistants.get(ASSISTANT_ID)
    return made
