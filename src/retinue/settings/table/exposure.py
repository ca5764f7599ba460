"""Settings that say whom the server's own functions run for."""

from retinue.settings.kinds import Many, Text
from retinue.settings.table.setting import Setting

EXPOSURE = (
    Setting("functions", Many(Text("a function's name")), "Names; * is every function.", "functions"),
    Setting(
        "projects",
        Many(Text("a project's name")),
        "Every assistant of theirs that declares the function.",
        "projects",
        example='["default"]',
    ),
    Setting(
        "assistants",
        Many(Text("an assistant's id, or project/id")),
        'Of the project "default", or project/asst_...',
        "assistants",
        example='["asst_..."]',
    ),
)
"""A [[tools.expose]]."""
