"""What a model may call on this server. Its seam is `Toolbox`."""

from retinue.tools.base import NoTools, Toolbox, ToolContext, ToolResult

__all__ = ["NoTools", "ToolContext", "ToolResult", "Toolbox"]
