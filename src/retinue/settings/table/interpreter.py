"""Settings of the code interpreter: where the model's code runs, and what it may use."""

from retinue.settings.kinds import Address, Choice, Integer, Many, Number, Secret
from retinue.settings.table.setting import Setting

_DAY_S = 86_400
_MB = Integer(1, 1_000_000)
_COUNT = Integer(1, 1_000_000)

INTERPRETER = (
    Setting(
        "sandbox",
        Choice(("auto", "namespaces", "landlock", "remote", "off")),
        "Where the model's code runs: auto takes the first that holds on this machine.",
        "interpreter.sandbox",
        "RETINUE_SANDBOX",
    ),
    Setting(
        "runners",
        Many(Address()),
        "Machines that run code for this server; with one set, none runs here unless `sandbox` says so.",
        "interpreter.runners",
        "RETINUE_RUNNERS",
        example='["http://runner-1:4748"]',
    ),
    Setting(
        "runner_key",
        Secret(),
        "What this server and its runners know each other by; the same with each of them.",
        variable="RETINUE_RUNNER_KEY",
        example='"a-long-secret"',
    ),
    Setting(
        "interpreter_call_s",
        Number(1, _DAY_S),
        "Seconds that one call of code may take.",
        "interpreter.call_s",
        "RETINUE_INTERPRETER_CALL_S",
    ),
    Setting(
        "interpreter_memory_mb",
        Integer(64, 1_000_000),
        "MB of memory that a session may take, beside what all sessions share.",
        "interpreter.memory_mb",
        "RETINUE_INTERPRETER_MEMORY_MB",
    ),
    Setting(
        "interpreter_disk_mb",
        _MB,
        "MB of files that a session may keep.",
        "interpreter.disk_mb",
        "RETINUE_INTERPRETER_DISK_MB",
    ),
    Setting(
        "interpreter_inodes",
        Integer(100, 10_000_000),
        "Files and folders that a session may have.",
        "interpreter.inodes",
        "RETINUE_INTERPRETER_INODES",
    ),
    Setting(
        "interpreter_processes",
        Integer(4, 10_000),
        "Processes and threads that a session may have.",
        "interpreter.processes",
        "RETINUE_INTERPRETER_PROCESSES",
    ),
    Setting(
        "interpreter_output_kb",
        Integer(1, 4_096),
        "KB of what a call prints that are kept.",
        "interpreter.output_kb",
        "RETINUE_INTERPRETER_OUTPUT_KB",
    ),
    Setting(
        "interpreter_file_mb",
        Integer(1, 60),
        "MB of a file that code has written, to be kept.",
        "interpreter.file_mb",
        "RETINUE_INTERPRETER_FILE_MB",
    ),
    Setting(
        "interpreter_sessions",
        _COUNT,
        "Sessions that may be alive at once; the one that has rested the longest makes room.",
        "interpreter.sessions",
        "RETINUE_INTERPRETER_SESSIONS",
    ),
    Setting(
        "interpreter_idle_s",
        Number(1, 30 * _DAY_S),
        "Seconds after its last call at which a session ends.",
        "interpreter.idle_s",
        "RETINUE_INTERPRETER_IDLE_S",
    ),
    Setting(
        "interpreter_warm",
        Integer(0, 100),
        "Sessions that are kept ready for whoever comes first.",
        "interpreter.warm",
        "RETINUE_INTERPRETER_WARM",
    ),
)
