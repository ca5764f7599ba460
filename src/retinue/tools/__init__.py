"""What a model may call on this server. Its seam is `Toolbox`; `@tool` makes a Python function one."""

from retinue.tools.base import Exposed, NoTools, Toolbox, ToolContext, ToolResult
from retinue.tools.declaration import Breaker, Retries, Tool, ToolError, tool

__all__ = [
    "Breaker",
    "Exposed",
    "NoTools",
    "Retries",
    "Tool",
    "ToolContext",
    "ToolError",
    "ToolResult",
    "Toolbox",
    "tool",
]
