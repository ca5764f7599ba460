"""What a model may call on this server. Its seam is `Toolbox`; `@tool` makes a Python function one."""

from retinue.tools.base import Exposed, HostedTool, HostedTools, NoTools, Toolbox, ToolContext, ToolResult
from retinue.tools.code_interpreter import CodeInterpreter
from retinue.tools.declaration import Breaker, Retries, Tool, ToolError, tool
from retinue.tools.file_search import FileSearch

__all__ = [
    "Breaker",
    "CodeInterpreter",
    "Exposed",
    "FileSearch",
    "HostedTool",
    "HostedTools",
    "NoTools",
    "Retries",
    "Tool",
    "ToolContext",
    "ToolError",
    "ToolResult",
    "Toolbox",
    "tool",
]
