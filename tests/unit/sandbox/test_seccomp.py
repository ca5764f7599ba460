"""The filter of system calls, run here as the kernel would run it."""

import errno
import os
import struct

import pytest

from retinue.sandbox.kernel import seccomp, syscalls

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
I386, X32 = 0x40000003, 0x40000000
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000
CLONE_NEWUSER, CLONE_THREAD, SIGCHLD = 0x10000000, 0x10000, 17


class Kernel:
    """Asks a filter about calls by their names."""

    def __init__(self, machine: str = "x86_64", *, apart: bool = True) -> None:
        self.machine = machine
        self._steps = list(struct.iter_unpack("<HBBI", seccomp.program(machine, apart=apart)))
        self.numbers = {
            name: number for table in syscalls.TABLES for name, number in syscalls.numbers(table, machine).items()
        }

    def says(self, name: str, *arguments: int) -> int:
        return self.says_of(self.numbers[name], *arguments)

    def says_of(self, number: int, *arguments: int, architecture: int | None = None) -> int:
        words = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
        call = struct.pack("<iIQ6Q", number, architecture or ARCHITECTURES[self.machine], 0, *words)
        value = at = 0
        while True:
            code, yes, no, operand = self._steps[at]
            at += 1
            match code:
                case 0x20:
                    (value,) = struct.unpack_from("<I", call, operand)
                case 0x06:
                    return int(operand)
                case _:
                    holds = {0x15: value == operand, 0x35: value >= operand, 0x45: bool(value & operand)}[code]
                    at += yes if holds else no


@pytest.fixture(params=ARCHITECTURES)
def machine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_what_is_allowed_whatever_its_arguments_is(machine: str) -> None:
    kernel = Kernel(machine)
    for name in syscalls.numbers(syscalls.ALWAYS, machine):
        assert kernel.says(name, *[0xFFFFFFFF] * 6) == ALLOW, name


def test_no_number_stands_for_two_calls(machine: str) -> None:
    kernel = Kernel(machine)
    assert len(set(kernel.numbers.values())) == len(kernel.numbers)


@pytest.mark.parametrize("apart", [True, False])
def test_what_is_not_listed_is_refused(machine: str, *, apart: bool) -> None:
    kernel = Kernel(machine, apart=apart)
    newest = max(kernel.numbers.values())
    for number in set(range(600)) - set(kernel.numbers.values()):
        refused = errno.EPERM if number < newest else errno.ENOSYS
        assert kernel.says_of(number) == ERROR | refused, number


def test_calls_of_other_architectures_kill(machine: str) -> None:
    kernel = Kernel(machine)
    assert kernel.says_of(4, architecture=I386) == KILL
    assert kernel.says_of(X32 | 1) == KILL


def test_threads_and_processes_are_made_and_namespaces_are_not(machine: str) -> None:
    kernel = Kernel(machine)
    assert kernel.says("clone", SIGCHLD) == ALLOW
    assert kernel.says("clone", CLONE_THREAD) == ALLOW
    assert kernel.says("clone", CLONE_NEWUSER | SIGCHLD) == ERROR | errno.EPERM
    assert kernel.says("clone3") == ERROR | errno.ENOSYS


def test_sockets_are_of_the_unix_kind_and_only_where_there_is_a_network_apart(machine: str) -> None:
    unix, internet = 1, 2
    refused = ERROR | errno.EAFNOSUPPORT
    with_network, without = Kernel(machine, apart=True), Kernel(machine, apart=False)
    assert [with_network.says("socket", family) for family in (unix, internet)] == [ALLOW, refused]
    assert [without.says("socket", family) for family in (unix, internet)] == [refused, refused]
    assert [without.says("socketpair", family) for family in (unix, internet)] == [ALLOW, refused]
    assert without.says("connect") == ERROR | errno.EPERM


def test_other_processes_limits_cores_and_priorities_are_out_of_reach(machine: str) -> None:
    kernel = Kernel(machine, apart=False)
    for name in ("prlimit64", "sched_setaffinity"):
        assert [kernel.says(name, 0), kernel.says(name, 1234)] == [ALLOW, ERROR | errno.EPERM], name
    assert [kernel.says("setpriority", 0, 0), kernel.says("setpriority", 0, 1234)] == [ALLOW, ERROR | errno.EPERM]
    assert kernel.says("setpriority", 2, 0) == ERROR | errno.EPERM  # of all that the user runs


def test_what_is_noted_of_files_is_left_alone_where_they_are_the_hosts(machine: str) -> None:
    names = syscalls.numbers(syscalls.MARKING, machine)
    assert {Kernel(machine, apart=True).says(name) for name in names} == {ALLOW}
    assert {Kernel(machine, apart=False).says(name) for name in names} == {ERROR}  # done, as far as the code can see


def test_nobody_leaves_a_group_that_a_session_is_ended_by_nor_signals_one(machine: str) -> None:
    among_others = Kernel(machine, apart=False)
    assert {among_others.says(name) for name in ("setsid", "setpgid")} == {ERROR}  # done, as far as the code can see
    pids = (1234, 0, 0xFFFFFFFF, 0xFFFFFB2E)  # the last ones: everybody, and a group
    assert [among_others.says("kill", pid) == ALLOW for pid in pids] == [True, False, False, False]


def test_nothing_wakes_a_process_that_was_stopped(machine: str) -> None:
    sigcont, f_setsig, f_setfl = 18, 10, 4
    among_others = Kernel(machine, apart=False)
    assert {Kernel(machine, apart=apart).says("clone", sigcont) for apart in (True, False)} == {ERROR | errno.EPERM}
    assert [among_others.says("fcntl", 3, option) == ALLOW for option in (f_setsig, f_setfl)] == [False, True]
    assert among_others.says("timer_create") == ERROR | errno.EPERM


def test_attributes_are_unsupported_and_what_would_win_others_time_seems_done(machine: str) -> None:
    for apart in (True, False):
        kernel = Kernel(machine, apart=apart)
        unsupported = syscalls.numbers(syscalls.UNSUPPORTED, machine)
        assert {kernel.says(name) for name in unsupported} == {ERROR | errno.ENOTSUP}
        assert {kernel.says(name) for name in ("setsid", "sync", "syncfs")} == {ERROR}


def test_nothing_is_typed_into_a_terminal(machine: str) -> None:
    kernel = Kernel(machine)
    tcgets, tiocsti, tioclinux = 0x5401, 0x5412, 0x541C
    assert kernel.says("ioctl", 0, tcgets) == ALLOW
    assert {kernel.says("ioctl", 0, request) for request in (tiocsti, tioclinux)} == {ERROR | errno.ENOTTY}


def test_a_machine_whose_calls_are_not_known_has_no_filter() -> None:
    with pytest.raises(KeyError):
        seccomp.program("riscv64", apart=True)


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="the numbers are Linux's")
def test_the_table_knows_this_machines_calls() -> None:
    assert Kernel(os.uname().machine).numbers["getpid"] in (39, 172)
