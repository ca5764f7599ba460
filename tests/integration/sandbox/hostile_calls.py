"""What hostile code asks of the kernel and does with files. Each prints ESCAPE if it got somewhere."""

SNIPPETS = {
    "calls that nobody needs": """
        import ctypes, platform
        numbers = dict(
            ptrace=101, settimeofday=164, clock_settime=227, adjtimex=159, kexec_load=246, kexec_file_load=320,
            bpf=321, userfaultfd=323, perf_event_open=298, io_uring_setup=425, keyctl=250, add_key=248,
            modify_ldt=154, vmsplice=278, splice=275, tee=276, process_vm_readv=310, process_vm_writev=311,
            pidfd_getfd=438, kcmp=312, move_pages=279, migrate_pages=256, unshare=272, setns=308, open_tree=428,
            fsopen=430, mount=165, swapon=167, reboot=169, sethostname=170, iopl=172, ioperm=173, init_module=175,
            quotactl=179, lookup_dcookie=212, name_to_handle_at=303, open_by_handle_at=304, fanotify_init=300,
            personality=135, acct=163, syslog=103, memfd_create=319, memfd_secret=447, pkey_alloc=330, seccomp=317,
            landlock_create_ruleset=444, set_mempolicy=238, mbind=237, sched_setscheduler=144, sched_setattr=314,
            ioprio_set=251, process_madvise=440, mlockall=151, mlock2=325, shmget=29, msgget=68, semget=64, mq_open=240,
            inotify_init1=294, epoll_pwait3=500, mseal=462, map_shadow_stack=453, lsm_set_self_attr=460,
        )
        libc = ctypes.CDLL(None, use_errno=True)
        if platform.machine() == "x86_64":
            for name, number in numbers.items():
                ctypes.set_errno(0)
                if libc.syscall(number, 0, 0, 0, 0, 0, 0) >= 0 or ctypes.get_errno() not in (1, 38):
                    print("ESCAPE", name, ctypes.get_errno())
    """,
    "options of a process that loosen it": """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        dumpable, securebits, ptracer, speculation, seccomp, keep_capabilities = 4, 28, 0x59616D61, 53, 22, 8
        for option in (dumpable, securebits, ptracer, speculation, seccomp, keep_capabilities):
            if libc.prctl(option, 1, 0, 0, 0) == 0:
                print("ESCAPE", option)
    """,
    "sockets of every family": """
        import socket
        for family in range(64):
            for kind in (1, 2, 3, 5):
                try:
                    socket.socket(family, kind)
                    if family != socket.AF_UNIX:
                        print("ESCAPE", family, kind)
                except OSError:
                    pass
    """,
    "names of its group's weight": """
        import os, subprocess
        for path in ("/proc/self/autogroup", "/proc/self/oom_score_adj", "/proc/self/timerslack_ns", "/proc/1/comm"):
            done = subprocess.run(["sh", "-c", f"echo 0 > {path}"], capture_output=True)
            if done.returncode == 0:
                print("ESCAPE", path)
        os.setsid()
        if os.getsid(0) == os.getpid():
            print("ESCAPE setsid")
    """,
    "memory that is shared and has no file": """
        import mmap, os, time
        for _ in range(20):
            if os.fork() == 0:
                held = mmap.mmap(-1, 400 << 20)
                for place in range(0, 400 << 20, 4096):
                    held[place] = 1
                time.sleep(100)
        time.sleep(100)
        print("ESCAPE")
    """,
    "every kind of file at once": """
        import os, socket
        os.mkfifo("pipe"), os.symlink("/proc/1/environ", "link"), os.symlink("loop", "loop"), os.symlink("/", "root")
        socket.socket(socket.AF_UNIX).bind("socket")
        open("sparse", "w").truncate(200 << 20)
        open("one", "w").close(), os.link("one", "two")
        for name in (b"\\xff\\xfe", b"a\\nb", b"\\x1b]0;x\\x07", b"x" * 255, "\\u202e".encode(), b"..."):
            open(b"/mnt/data/" + name, "w").close()
        for number in range(1_500):
            open("long" + "n" * 240 + str(number), "w").close()
        folder = os.getcwd()
        for _ in range(3_000):
            os.mkdir("d" * 200), os.chdir("d" * 200)
        os.chdir(folder)
    """,
    "hard links without an end": """
        import os
        open("one", "w").close()
        for number in range(1_000_000):
            try:
                os.link("one", f"link{number}")
            except OSError as fault:
                print("ok", number, fault)
                break
        else:
            print("ESCAPE")
    """,
    "the folder of files is another one": """
        import os
        os.rename("/mnt/data", "/mnt/was")
        os.symlink("/proc/1", "/mnt/data")
    """,
    "the folder of files is shut": """
        import os
        open("kept", "w").close()
        os.chmod("kept", 0), os.chmod("/mnt/data", 0), os.chmod("/mnt", 0), os.chmod("/tmp", 0)
    """,
    "a full disk and no more inodes": """
        import os
        try:
            for number in range(50_000):
                open(f"/tmp/{number}", "w").close()
        except OSError as fault:
            print("ok", fault)
        try:
            with open("/mnt/data/large", "wb") as file:
                while True:
                    file.write(bytes(1 << 20))
        except OSError as fault:
            print("ok", fault)
        try:
            open("/dev/full", "w").write("x")
        except OSError as fault:
            print("ok", fault)
    """,
    "a stack without a bottom": """
        import sys, threading
        sys.setrecursionlimit(1 << 30)
        def deeper():
            deeper()
        threading.stack_size(256 << 20)
        threading.Thread(target=deeper).start()
        repr(__import__("functools").reduce(lambda inner, _: [inner], range(1_000_000), []))
        deeper()
    """,
    "escapes for a terminal": """
        import sys
        sys.stdout.buffer.write(b"\\x1b[2J\\x1b]52;c;eA==\\x07\\xff\\xfe\\x00\\x9b31m")
        raise ValueError("\\ud800\\x1b[2J\\x00")
    """,
}
