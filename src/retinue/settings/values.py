"""Settings: one frozen value, read once where the program is put together, and passed down."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from msgspec import Struct

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 4747


class ProviderSettings(Struct, frozen=True, kw_only=True):
    """A provider of models that speaks OpenAI's API: [providers.NAME]."""

    name: str
    base_url: str
    api_key: str | None = None
    """What the variable holds that `key` names; it stands in no file of settings."""
    key: str | None = None
    """The variable's name."""
    models: tuple[str, ...] = ()
    """The names that it serves, `*` for any characters; none means those that it lists."""
    default_model: str | None = None
    """What serves for names that no provider has."""
    headers: Mapping[str, str] = {}
    """Sent with every request."""
    dialect: str | None = None
    """Whose habits it has, such as "ollama"; known by its address unless told."""
    parallel: int = 64
    """Requests side by side at most; the others wait in turn."""
    connect_s: float = 10.0
    """Patience for a connection, seconds."""
    first_byte_s: float = 300.0
    """For the beginning of an answer: models that reason are silent over it."""
    idle_s: float = 120.0
    """Between two parts of an answer."""


class PriceSettings(Struct, frozen=True, kw_only=True):
    """US dollars for a million tokens."""

    prompt: float
    completion: float
    cached: float | None = None
    """Of the prompt's that come from the provider's cache; as `prompt` unless told."""


class ModelSettings(Struct, frozen=True, kw_only=True):
    """What the user knows of a model; None is what is known anyway."""

    context_tokens: int | None = None
    completion_tokens: int | None = None
    images: bool | None = None
    price: PriceSettings | None = None


class Exposure(Struct, frozen=True, kw_only=True):
    """Which functions of the server's own run for whom; both lists empty is nobody."""

    functions: tuple[str, ...] = ("*",)
    """Names, or patterns of names such as `get_*`; `*` is every function."""
    projects: tuple[str, ...] = ()
    """Every assistant of theirs that declares the function."""
    assistants: tuple[str, ...] = ()
    """`project/asst_...`, or `asst_...` of the project "default"."""


class Settings(Struct, frozen=True, kw_only=True):
    """How a server runs. Each field names a variable or the place in a retinue.toml; `table.py` has both."""

    data: Path
    """RETINUE_DATA: the folder of the database and the files."""
    host: str = DEFAULT_HOST
    """RETINUE_HOST"""
    port: int = DEFAULT_PORT
    """RETINUE_PORT; 0 is any free one."""
    hosts: tuple[str, ...] = ()
    """RETINUE_HOSTS: further names that the Host header may bear, separated by commas."""
    api_key: str | None = None
    """OPENAI_API_KEY: the upstream's."""
    base_url: str | None = None
    """OPENAI_BASE_URL: where the upstream is."""
    model: str | None = None
    """OPENAI_MODEL: what answers for models that the upstream doesn't have."""
    script: Path | None = None
    """RETINUE_SCRIPT: a script for the rehearsal model, which then answers."""
    synchronous: Literal["full", "normal"] = "full"
    """RETINUE_SYNCHRONOUS: `normal` is faster and may lose the last commits when the power fails."""
    run_expires_s: float = 600.0
    """RETINUE_RUN_EXPIRES_S: seconds from a run's creation to its expiry."""
    max_turns: int = 50
    """RETINUE_MAX_TURNS: model calls of one run at most."""
    providers: tuple[ProviderSettings, ...] = ()
    """[providers.NAME], in the order of the file: the first that has a model serves it."""
    aliases: Mapping[str, tuple[str, ...]] = {}
    """[models.aliases]: what serves a name instead, the first one that answers; `provider/model` names both."""
    fallbacks: tuple[str, ...] = ()
    """[models] fallback, RETINUE_FALLBACK: what is asked where nothing that serves a name answers, in this order."""
    models: Mapping[str, ModelSettings] = {}
    """[models.about."NAME"]: what is known of models better than elsewhere."""
    patience_s: float = 60.0
    """[models] patience_s, RETINUE_PATIENCE_S: seconds over which a provider is asked again before it is given up."""
    reply_tokens: int | None = None
    """[models] reply_tokens, RETINUE_REPLY_TOKENS: how much a model says in one reply at most, unless the run says."""
    turns: int | None = None
    """[window] turns, RETINUE_TURNS: how many of the thread's newest turns a model gets to see at most."""
    embedding_model: str = "all-MiniLM-L6-v2"
    """[documents] embedding_model, RETINUE_EMBEDDING_MODEL: what embeds files: the built-in one, or a provider's."""
    embedding_dimensions: int | None = None
    """[documents] embedding_dimensions, RETINUE_EMBEDDING_DIMENSIONS: asked of a provider's model that has several."""
    index_memory_mb: int = 512
    """[documents] index_memory_mb, RETINUE_INDEX_MEMORY_MB: what the indexes of vector stores may take in memory."""
    sandbox: Literal["auto", "namespaces", "landlock", "remote", "off"] = "auto"
    """[interpreter] sandbox, RETINUE_SANDBOX: where the model's code runs; `auto` is the first that holds."""
    runners: tuple[str, ...] = ()
    """[interpreter] runners, RETINUE_RUNNERS: machines that run code for this server; then none runs here."""
    runner_key: str | None = None
    """RETINUE_RUNNER_KEY: what this server and its runners know each other by."""
    interpreter_call_s: float = 60.0
    """[interpreter] call_s, RETINUE_INTERPRETER_CALL_S, as the next ones have it: seconds that one call may take."""
    interpreter_memory_mb: int = 512
    """Of all of a session's processes, beside what all sessions share."""
    interpreter_disk_mb: int = 256
    interpreter_inodes: int = 20_000
    interpreter_processes: int = 64
    interpreter_output_kb: int = 256
    """Of what a call prints, that are kept."""
    interpreter_file_mb: int = 30
    """Of a file that code has written, to be kept."""
    interpreter_sessions: int = 100
    """Alive at once; the one that has rested the longest makes room."""
    interpreter_idle_s: float = 1_200.0
    """After its last call a session ends."""
    interpreter_warm: int = 2
    """Sessions that are kept ready."""
    tools: tuple[Path, ...] = ()
    """[tools] modules, RETINUE_TOOLS, --tools: Python files, or modules by name, whose functions assistants may use."""
    expose: tuple[Exposure, ...] = ()
    """[[tools.expose]]: to whom."""
    assistant: str | None = None
    """RETINUE_ASSISTANT: the assistant that the terminal talks to unless told otherwise."""
    drain_s: float = 10.0
    """RETINUE_DRAIN_S: how many seconds live runs get to end when the server is asked to stop."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """RETINUE_LOG_LEVEL"""
