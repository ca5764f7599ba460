"""More of what hostile code tries. Each prints ESCAPE if it got somewhere; it may die of the attempt."""

SNIPPETS = {
    "names of abstract sockets": """
        import socket
        made = socket.socket(socket.AF_UNIX)
        for name in ("\\0/tmp/.X11-unix/X0", "\\0@/containerd-shim", "/run/docker.sock", "/run/dbus/system_bus_socket"):
            try:
                made.connect(name)
                print("ESCAPE", name)
            except OSError as fault:
                print("ok", fault)
    """,
    "more files than inodes": """
        made = 0
        try:
            for made in range(100_000):
                open(f"/mnt/data/{made}", "w").close()
            print("ESCAPE", made)
        except OSError as fault:
            print("ok", made, fault)
    """,
    "files that are as deep as can be": """
        import os
        try:
            for _ in range(30_000):
                os.mkdir("d")
                os.chdir("d")
            print("ESCAPE")
        except OSError as fault:
            print("ok", fault)
        os.chdir("/mnt/data")
    """,
    "a file of a terabyte": """
        import os
        for grow in (os.truncate, lambda path, size: os.posix_fallocate(os.open(path, os.O_RDWR), 0, size)):
            open("large", "w").close()
            try:
                grow("large", 1 << 40)
                print("ESCAPE", os.stat("large").st_size)
            except OSError as fault:
                print("ok", fault)
    """,
    "looking into the keeper": """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        print("ESCAPE" if libc.ptrace(16, 1, 0, 0) == 0 else "ok ptrace")
        print("ESCAPE" if libc.syscall(310, 1, 0, 0, 0, 0, 0) >= 0 else "ok process_vm_readv")
        for name in ("mem", "environ", "maps", "root/etc/shadow", "fd/3", "cwd/../../etc/shadow"):
            try:
                open(f"/proc/1/{name}", "rb").read(1)
                print("ESCAPE", name)
            except OSError as fault:
                print("ok", name, fault)
    """,
    "signals for the keeper": """
        import os, signal
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGSTOP, signal.SIGKILL):
            try:
                os.kill(1, number)
            except OSError as fault:
                print("ok", fault)
        os.kill(-1, signal.SIGKILL)
    """,
    "namespaces within": """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        for flag in (0x10000000, 0x20000, 0x20000000, 0x40000000, 0x8000000, 0x4000000, 0x2000000, 0x80):
            if libc.unshare(flag) == 0:
                print("ESCAPE unshare", hex(flag))
            child = libc.syscall(56, flag | 17, 0, 0, 0, 0)
            if child == 0:
                os._exit(0)
            print("ESCAPE clone" if child > 0 else "ok", hex(flag))
        arguments = (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, 17)
        child = libc.syscall(435, ctypes.byref(arguments), 88)
        if child == 0:
            os._exit(0)
        print("ESCAPE clone3" if child > 0 else "ok clone3")
    """,
    "namespaces of others": """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        for name in ("user", "mnt", "net", "pid"):
            try:
                opened = os.open(f"/proc/1/ns/{name}", os.O_RDONLY)
            except OSError as fault:
                print("ok", fault)
                continue
            print("ESCAPE" if libc.setns(opened, 0) == 0 else "ok setns")
    """,
    "calls of 32 bits": """
        import ctypes, mmap
        code = bytes.fromhex("53b801000000bb2a000000cd805bc3")  # push rbx; eax = exit, ebx = 42; int 0x80; pop rbx; ret
        memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        memory.write(code)
        run = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))
        run()
        print("ESCAPE")
    """,
    "calls of x32": """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        print("ESCAPE", libc.syscall(0x40000000 + 39))
    """,
    "answers that are forged": """
        import json, os, stat, struct
        said = json.dumps({"did": "run", "error": None}).encode()
        for number in range(3, 64):
            try:
                if stat.S_ISSOCK(os.fstat(number).st_mode):
                    os.write(number, struct.pack(">II", len(said), 0) + said)
            except OSError:
                pass
    """,
    "answers that are no frames": """
        import os, stat
        for number in range(3, 64):
            try:
                if stat.S_ISSOCK(os.fstat(number).st_mode):
                    os.write(number, b"\\xff" * 4096)
            except OSError:
                pass
    """,
    "answers without an end": """
        import json, os, stat, struct
        said = json.dumps({"did": "draw"}).encode()
        frame = struct.pack(">II", len(said), 1 << 20) + said + bytes(1 << 20)
        sockets = [number for number in range(3, 64) if os.path.exists(f"/proc/self/fd/{number}")]
        while True:
            for number in sockets:
                try:
                    os.write(number, frame)
                except OSError:
                    pass
    """,
    "a session that answers for its runner": """
        import sys
        from retinue.sandbox.inside import frames
        send = frames.send
        frames.send = lambda to, said, content=b"": send(to, {"did": "run", "error": None, "died": "no"}, b"x" * 100)
    """,
    "devices": """
        import os, stat
        for name, number in (("disk", os.makedev(254, 0)), ("memory", os.makedev(1, 1)), ("kmsg", os.makedev(1, 11))):
            for kind in (stat.S_IFBLK, stat.S_IFCHR):
                try:
                    os.mknod(f"/mnt/data/{name}", kind | 0o666, number)
                    open(f"/mnt/data/{name}", "rb").read(1)
                    print("ESCAPE", name)
                except OSError as fault:
                    print("ok", fault)
        print("ESCAPE" if set(os.listdir("/dev")) & {"mem", "kmsg", "vda", "sda", "kvm", "fuse"} else "ok")
    """,
    "settings of the kernel": """
        import os
        for path in (
            "/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe",
            "/proc/self/oom_score_adj", "/proc/sys/vm/overcommit_memory", "/sys/fs/cgroup/release_agent",
        ):
            try:
                with open(path, "w") as file:
                    file.write("-1000" if "oom" in path else "|/tmp/x")
                print("ESCAPE", path)
            except OSError as fault:
                print("ok", path, fault)
    """,
    "limits that are raised": """
        import resource
        for name in ("AS", "NPROC", "FSIZE", "NOFILE", "CORE", "MEMLOCK", "RTPRIO", "NICE"):
            what = getattr(resource, f"RLIMIT_{name}")
            try:
                resource.setrlimit(what, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
                print("ESCAPE", name)
            except (OSError, ValueError) as fault:
                print("ok", fault)
    """,
    "a place before others": """
        import os
        for attempt in (lambda: os.nice(-5), lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))):
            try:
                attempt()
                print("ESCAPE")
            except OSError as fault:
                print("ok", fault)
    """,
    "memory that no limit counts": """
        import os
        try:
            hidden = os.memfd_create("hidden")
            for _ in range(2048):
                os.write(hidden, bytes(1 << 20))
            print("ESCAPE")
        except OSError as fault:
            print("ok", fault)
    """,
    "programs without a file": """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        print("ESCAPE" if libc.syscall(319, b"x", 0) >= 0 else "ok memfd_create")
        os.system("cp /bin/su /mnt/data/su 2>/dev/null; chmod 6755 /mnt/data/su; /mnt/data/su -c id </dev/null; id -u")
    """,
    "names that nobody can print": """
        half = b"\\xff\\xfe".decode("utf-8", "surrogateescape")
        for name in ("a\\nb", "\\x1b[2Jc", half, "d" * 255, " ", "-rf", "\\u202egnp.exe"):
            open(f"/mnt/data/{name}", "w").close()
    """,
    "threads that go on": """
        import threading
        def spin():
            while True:
                pass
        for _ in range(20):
            threading.Thread(target=spin, daemon=True).start()
    """,
    "what is done at the end": """
        import atexit, os, signal, sys
        atexit.register(lambda: os.system("sleep 100 &"))
        class Sticky:
            def __del__(self):
                while True:
                    pass
        sticky = Sticky()
        signal.signal(signal.SIGCONT, lambda *_: os.fork())
        sys.stdout = sys.stderr = None
        raise SystemExit(3)
    """,
    "an error that can't be told": """
        class Rude(Exception):
            def __str__(self):
                raise SystemExit("no")
            __repr__ = __str__
        raise Rude
    """,
    "an answer to every name": """
        import builtins
        class Yes(dict):
            def __missing__(self, name):
                return lambda *a, **k: None
        builtins.compile = builtins.exec = builtins.eval = builtins.print = lambda *a, **k: None
        import ast
        ast.parse = lambda *a, **k: None
    """,
}
