"""The system calls that code in the sandbox may make, with their numbers on x86-64 and on aarch64.

A list of what is allowed, so that whatever a newer kernel adds is not. A `-` stands where a machine has no such call.
Numbers: Linux's arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
"""

ALWAYS = """
    # Files, by name and by number.
    open 2 -, openat 257 56, openat2 437 437, creat 85 -, close 3 57, close_range 436 436, read 0 63, write 1 64,
    readv 19 65, writev 20 66, pread64 17 67, pwrite64 18 68, preadv 295 69, pwritev 296 70, preadv2 327 286,
    pwritev2 328 287, lseek 8 62, stat 4 -, lstat 6 -, fstat 5 80, newfstatat 262 79, statx 332 291, statfs 137 43,
    fstatfs 138 44, access 21 -, faccessat 269 48, faccessat2 439 439, getdents 78 -, getdents64 217 61,
    getcwd 79 17, chdir 80 49, fchdir 81 50, mkdir 83 -, mkdirat 258 34, rmdir 84 -, unlink 87 -, unlinkat 263 35,
    rename 82 -, renameat 264 38, renameat2 316 276, link 86 -, linkat 265 37, symlink 88 -, symlinkat 266 36,
    readlink 89 -, readlinkat 267 78, truncate 76 45, ftruncate 77 46, fallocate 285 47, fadvise64 221 223,
    readahead 187 213, fsync 74 82, fdatasync 75 83, sync_file_range 277 84, flock 73 32, fcntl 72 25, umask 95 166,
    mknod 133 -, mknodat 259 33, dup 32 23, dup2 33 -, dup3 292 24, pipe 22 -, pipe2 293 59, sendfile 40 71,
    copy_file_range 326 285,
    # Memory. Not memfd_create: what lies there is in nobody's limits.
    brk 12 214, mmap 9 222, munmap 11 215, mremap 25 216, mprotect 10 226, madvise 28 233, msync 26 227,
    mincore 27 232, mlock 149 228, munlock 150 229, membarrier 324 283, rseq 334 293,
    # Processes and threads.
    fork 57 -, vfork 58 -, execve 59 221, execveat 322 281, exit 60 93, exit_group 231 94, wait4 61 260,
    waitid 247 95, getpid 39 172, getppid 110 173, gettid 186 178, getpgid 121 155, getpgrp 111 -, setpgid 109 154,
    getsid 124 156, getuid 102 174, geteuid 107 175, getgid 104 176, getegid 108 177,
    getresuid 118 148, getresgid 120 150, getgroups 115 158, getrlimit 97 163, setrlimit 160 164, getrusage 98 165,
    times 100 153, sysinfo 99 179, uname 63 160, getcpu 309 168, getpriority 140 141, sched_yield 24 124,
    sched_getaffinity 204 123, sched_getparam 143 121, sched_getscheduler 145 120, sched_get_priority_max 146 125,
    sched_get_priority_min 147 126, arch_prctl 158 -, set_tid_address 218 96, set_robust_list 273 99, futex 202 98,
    capget 125 90,
    # Signals and time.
    kill 62 129, tkill 200 130, tgkill 234 131, pause 34 -, alarm 37 -, rt_sigaction 13 134, rt_sigprocmask 14 135,
    rt_sigreturn 15 139, rt_sigsuspend 130 133, rt_sigtimedwait 128 137, rt_sigpending 127 136, sigaltstack 131 132,
    restart_syscall 219 128, signalfd4 289 74, nanosleep 35 101, clock_nanosleep 230 115, clock_gettime 228 113,
    clock_getres 229 114, gettimeofday 96 169, time 201 -, getitimer 36 102, setitimer 38 103, timer_create 222 107,
    timer_settime 223 110, timer_gettime 224 108, timer_getoverrun 225 109, timer_delete 226 111,
    timerfd_create 283 85, timerfd_settime 286 86, timerfd_gettime 287 87, pidfd_open 434 434,
    pidfd_send_signal 424 424,
    # Waiting.
    poll 7 -, ppoll 271 73, select 23 -, pselect6 270 72, epoll_create 213 -, epoll_create1 291 20,
    epoll_ctl 233 21, epoll_wait 232 -, epoll_pwait 281 22, epoll_pwait2 441 441, eventfd 284 -, eventfd2 290 19,
    # Between processes, once there is a pair of sockets.
    getsockname 51 204, getpeername 52 205, getsockopt 55 209, setsockopt 54 208, sendto 44 206, recvfrom 45 207,
    sendmsg 46 211, recvmsg 47 212, sendmmsg 307 269, recvmmsg 299 243, shutdown 48 210,
    # Chance.
    getrandom 318 278
"""
"""Allowed, whatever the arguments."""

ASKED = """
    clone 56 220, socket 41 198, socketpair 53 199, ioctl 16 29, prctl 157 167, prlimit64 302 261,
    setpriority 141 140, sched_setaffinity 203 122, clone3 435 435
"""
"""Allowed with some arguments: `seccomp` says which."""

UNSUPPORTED = """
    setxattr 188 5, lsetxattr 189 6, fsetxattr 190 7, getxattr 191 8, lgetxattr 192 9, fgetxattr 193 10,
    listxattr 194 11, llistxattr 195 12, flistxattr 196 13, removexattr 197 14, lremovexattr 198 15,
    fremovexattr 199 16, setxattrat 463 463, getxattrat 464 464, listxattrat 465 465, removexattrat 466 466
"""
"""Answered as by a file system that has no such attributes: `ls -l`, `cp -a` and `shutil.copy2` then go on."""

AS_IF_DONE = """
    setsid 112 157, sync 162 81, syncfs 306 267
"""
"""Nothing is done, and nothing is told of it: programs go on. Each session of processes that `setsid` makes would get
as much of the processor as a whole one of ours, and `sync` writes what the host has in memory."""

LISTENING = """
    bind 49 200, listen 50 201, connect 42 203, accept 43 202, accept4 288 242
"""
"""For sockets that have a name: only where a session has its own network and files."""

MARKING = """
    chmod 90 -, fchmod 91 52, fchmodat 268 53, fchmodat2 452 452, chown 92 -, fchown 93 55, lchown 94 -,
    fchownat 260 54, utime 132 -, utimes 235 -, utimensat 280 88, futimesat 261 -
"""
"""Change what is noted of a file. Landlock does not hold them to its folders: without a file system of its own code
could lock the server out of its data by name."""

TABLES = (ALWAYS, ASKED, UNSUPPORTED, AS_IF_DONE, LISTENING, MARKING)

COLUMNS = {"x86_64": 1, "aarch64": 2}


def numbers(table: str, machine: str) -> dict[str, int]:
    """Return the calls of a table by name that the machine (as `os.uname` calls it) has."""
    lines = (line for line in table.splitlines() if not line.lstrip().startswith("#"))
    rows = (row.split() for row in " ".join(lines).split(",") if row.strip())
    return {row[0]: int(row[COLUMNS[machine]]) for row in rows if row[COLUMNS[machine]] != "-"}
