"""What a server knows of the weather, for programs that need not know that it does."""

from retinue.tools import tool


@tool
def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"{city}: sun"
