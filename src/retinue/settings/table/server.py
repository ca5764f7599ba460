"""Settings of the server itself: its provider, its address, its folder."""

from retinue.settings.kinds import Address, Choice, FilePath, HostName, Integer, Many, Number, Secret, Text
from retinue.settings.table.setting import Setting

SERVER = (
    Setting(
        "base_url",
        Address(),
        "Where the provider is; [providers.NAME] names several.",
        variable="OPENAI_BASE_URL",
        example='"http://127.0.0.1:11434/v1"',
    ),
    Setting(
        "api_key",
        Secret(),
        "The provider's key.",
        variable="OPENAI_API_KEY",
        older=("OPEN_API_KEY",),
        example='"sk-..."',
    ),
    Setting(
        "host",
        Text("an address of this machine"),
        "Address to serve on; one that others can reach only once there is a key.",
        "server.host",
        "RETINUE_HOST",
    ),
    Setting("port", Integer(0, 65_535), "Port; 0 is any free one.", "server.port", "RETINUE_PORT"),
    Setting(
        "hosts",
        Many(HostName()),
        "Further names that the Host header may bear while there is no key.",
        "server.hosts",
        "RETINUE_HOSTS",
        example='["retinue.example"]',
    ),
    Setting(
        "data",
        FilePath(),
        "Folder of the database and the files; the platform's place for data by default.",
        "server.data",
        "RETINUE_DATA",
        example='"retinue-data"',
    ),
    Setting(
        "drain_s",
        Number(0, 3_600),
        "Seconds that live runs get to end when the server is asked to stop.",
        "server.drain_s",
        "RETINUE_DRAIN_S",
    ),
    Setting(
        "log_level",
        Choice(("debug", "info", "warning", "error")),
        "What is logged: debug, info, warning or error, and all that is graver.",
        "server.log_level",
        "RETINUE_LOG_LEVEL",
    ),
    Setting(
        "synchronous",
        Choice(("full", "normal")),
        "full, or normal: faster, and may lose the last commits when the power fails.",
        "store.synchronous",
        "RETINUE_SYNCHRONOUS",
    ),
)
