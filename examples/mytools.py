"""Functions that assistants may call on the server.

Show them:  retinue tools --tools examples/mytools.py
Try one:    retinue tools call get_weather '{"city": "Oslo"}' --tools examples/mytools.py
Serve them: retinue serve --tools examples/mytools.py

They run for whom retinue.toml says, and for nobody else:

    [[tools.expose]]
    projects = ["default"]
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from retinue.tools import ToolContext, ToolError, tool

WEATHER = {"oslo": 4.0, "rome": 21.5}


@dataclass
class Weather:
    """What `get_weather` returns: the model reads it as JSON."""

    city: str
    temperature: float
    unit: str


@tool(idempotent=True)
def get_weather(city: str, unit: Literal["celsius", "fahrenheit"] = "celsius") -> Weather:
    """Tell the weather in a city, now.

    Args:
        city: The city's name, such as Oslo.
        unit: In which unit to tell the temperature.
    """
    if city.lower() not in WEATHER:
        raise ToolError(f"There is no weather station in {city}. There is one in Oslo, and one in Rome.")
    celsius = WEATHER[city.lower()]
    return Weather(city, celsius if unit == "celsius" else celsius * 9 / 5 + 32, unit)


@tool(timeout_s=10)
async def book_table(
    restaurant: Annotated[str, "its name"], day: date, guests: Annotated[int, "how many come"], context: ToolContext
) -> str:
    """Book a table in a restaurant."""
    # The same key comes again if this very call is repeated: hand it on, and nobody books twice.
    return (
        f"Booked for {guests} at {restaurant} on {day:%d %B %Y}; ask for {context.user or 'the guest'} ({context.key})."
    )
