"""What a self-test has code try. Each prints HELD, and nothing else, where it got nowhere."""

import textwrap

from msgspec import Struct

HELD = "held"

WORK = """
with open("/mnt/data/self-test.txt") as file:
    text = file.read()
with open("/mnt/data/self-test.txt", "a") as file:
    file.write(text)
print(1 + 1)
print("written")
"""
"""What it must be able to do."""


class Trial(Struct, frozen=True, kw_only=True):
    """Something that code must not be able to do."""

    breach: str
    """What is said where it can."""
    code: str
    """Knows of `told`, what there is to be got at. Does no harm where it succeeds."""


def _trial(breach: str, code: str) -> Trial:
    head = "import ctypes, mmap, os, signal, socket, time\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    return Trial(breach=breach, code=f"{head}{textwrap.dedent(code)}\nprint({HELD!r})")


TRIALS = (
    _trial(
        "files of this machine can be read",
        """
        for path in told["files"]:
            try:
                open(path, "rb").read(1)
                print("read", path)
            except OSError:
                pass
        """,
    ),
    _trial(
        "folders of this machine can be listed",
        """
        for path in told["folders"]:
            try:
                os.listdir(path)
                print("listed", path)
            except OSError:
                pass
        """,
    ),
    _trial(
        "files of this machine can be written",
        """
        for path in told["folders"]:
            try:
                open(path + "/self-test", "x").close()
                os.remove(path + "/self-test")
                print("wrote below", path)
            except OSError:
                pass
        """,
    ),
    _trial(
        "secrets of the server's environment can be read",
        """
        found = [name for name in told["variables"] if name in os.environ]
        if found:
            print("found", *found)
        """,
    ),
    _trial(
        "processes of this machine can be looked into",
        """
        try:
            if told["mark"].encode() in open(f"/proc/{told['process']}/environ", "rb").read():
                print("read its environment")
        except OSError:
            pass
        """,
    ),
    _trial(
        "processes can be traced",
        """
        child = os.fork()
        if child == 0:
            time.sleep(10)
            os._exit(0)
        if libc.ptrace(16, child, 0, 0) == 0:
            print("ptrace")
        os.kill(child, signal.SIGKILL)
        """,
    ),
    _trial(
        "the network can be reached",
        """
        try:
            socket.create_connection(("127.0.0.1", told["port"]), 1).close()
            print("connected")
        except OSError:
            pass
        """,
    ),
    _trial(
        "sockets of this machine can be reached",
        """
        for name in told["sockets"]:
            try:
                with socket.socket(socket.AF_UNIX) as made:
                    made.connect(name)
                print("connected")
            except OSError:
                pass
        """,
    ),
    _trial(  # asks for a place that is not there: whoever may not mount is refused before that is found out
        "file systems can be mounted",
        """
        if libc.mount(b"none", b"/self-test/none", b"tmpfs", 0, 0) == 0 or ctypes.get_errno() == 2:
            print("mount")
        """,
    ),
    _trial(
        "more processes can be started than the limit allows",
        """
        children = []
        try:
            for _ in range(told["processes"]):
                child = os.fork()
                if child == 0:
                    time.sleep(30)
                    os._exit(0)
                children.append(child)
            if children:
                print(len(children), "processes")
        except OSError:
            pass
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        """,
    ),
    _trial(
        "more memory can be had than the limit allows",
        """
        try:
            mmap.mmap(-1, told["memory_bytes"] + (64 << 20), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
            print("mapped")
        except (OSError, MemoryError):
            pass
        """,
    ),
    _trial(
        "larger files can be made than the limit allows",
        """
        try:
            with open("/mnt/data/self-test.txt", "r+b") as file:
                file.truncate(told["disk_bytes"] + (1 << 20))
            print("made")
        except OSError:
            pass
        """,
    ),
)

KILL = _trial(
    "processes of this machine can be ended",
    """
    try:
        os.kill(told["process"], signal.SIGKILL)
    except OSError:
        pass
    else:
        print("sent")
    """,
)
"""The last: where it succeeds, what others look at is gone. A process of the session's own may have that number."""
