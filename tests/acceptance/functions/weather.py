"""What a server knows of the weather, for programs that need not know that it does."""

from retinue.tools import ToolContext, tool


@tool
def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"{city}: sun"


@tool
async def whose_weather(context: ToolContext) -> dict[str, str | None]:
    """Tell for whom the weather is."""
    return {"user": context.user, "thread": context.thread_id, "run": context.run_id}
