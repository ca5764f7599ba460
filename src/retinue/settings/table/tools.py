"""Settings of the server's own functions, of the terminal and of the rehearsal model."""

from retinue.settings.kinds import FilePath, Many, Module, Text
from retinue.settings.table.setting import Setting

TOOLS = (
    Setting(
        "tools",
        Many(Module()),
        "Python files, or names of modules, whose functions assistants may use.",
        "tools.modules",
        "RETINUE_TOOLS",
        example='["mytools.py"]',
    ),
    Setting(
        "assistant",
        Text("an assistant's id"),
        "The assistant that the terminal talks to unless told otherwise.",
        "terminal.assistant",
        "RETINUE_ASSISTANT",
        older=("ASSISTANT_ID",),
        example='"asst_..."',
    ),
    Setting(
        "script",
        FilePath(),
        "A script for the rehearsal model, which then answers.",
        "rehearsal.script",
        "RETINUE_SCRIPT",
        example='"rehearsal.yaml"',
    ),
)
