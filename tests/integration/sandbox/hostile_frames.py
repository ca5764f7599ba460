"""What hostile code tells those who keep it, and what it does to itself."""

_SOCKETS = """
        import json, os, signal, stat, struct, sys, threading, time
        sockets = []
        for number in range(3, 64):
            try:
                if stat.S_ISSOCK(os.fstat(number).st_mode):
                    sockets.append(number)
            except OSError:
                pass
        def say(said, content=b"", lengths=None):
            text = said if isinstance(said, bytes) else json.dumps(said).encode()
            for number in sockets:
                os.write(number, struct.pack(">II", *(lengths or (len(text), len(content)))) + text + content)
"""

_FRAMES = {
    "lengths that are never reached": """
        say(b"", lengths=(1 << 20, 20 << 20))
        time.sleep(100)
    """,
    "memory behind half a frame": """
        say(b"", lengths=(1 << 20, 0))
        for _ in range(8):
            if os.fork() == 0:
                held = bytearray(b"x") * (300 << 20)
                time.sleep(100)
        time.sleep(100)
    """,
    "half a frame and no more": """
        os.write(sockets[0], b"\\x00")
        os._exit(0)
    """,
    "JSON that is as deep as can be": """
        say(b"[" * 500_000)
        time.sleep(100)
    """,
    "JSON of other types": """
        for said in ({}, {"did": []}, {"did": "open"}, {"did": "run", "error": [[]] * 9}, [], 1, None, "x"):
            say(said)
    """,
    "numbers without an end": """
        say(b'{"did": "run", "error": ' + b"9" * 900_000 + b"}")
    """,
    "the end, told many times": """
        for _ in range(1_000):
            say({"did": "run", "error": "\\ud800" * 100, "died": True})
    """,
    "charts that are none": """
        for content in (b"", b"x", b"GIF89a", b"\\x89PNG\\r\\n\\x1a\\n" + bytes(1 << 20)):
            for _ in range(10):
                say({"did": "draw", "more": "x" * 1000}, content)
    """,
    "charts from many processes": """
        for _ in range(16):
            os.fork()
        while True:
            say({"did": "draw"}, b"\\x89PNG\\r\\n\\x1a\\n")
    """,
    "an answer that is never read": """
        def swallow():
            time.sleep(100)
        from retinue.sandbox.inside import frames
        frames.receive = lambda *_: swallow()
    """,
    "it stops itself": """
        os.kill(os.getpid(), signal.SIGSTOP)
    """,
    "it closes all that it has": """
        os.closerange(0, 512)
    """,
    "it becomes another program": """
        for number in sockets:
            os.set_inheritable(number, True)
        os.execv("/bin/sleep", ["sleep", "100"])
    """,
    "it ends while others hold on": """
        if os.fork() == 0:
            time.sleep(100)
        os._exit(0)
    """,
    "it ends after its answer": """
        threading.Thread(target=lambda: (time.sleep(0.01), os._exit(0))).start()
    """,
    "threads that kill it between calls": """
        def later():
            while True:
                os.kill(-1, signal.SIGCONT)
        threading.Thread(target=later, daemon=True).start()
    """,
    "everybody continues everybody": """
        for _ in range(20):
            if os.fork() == 0:
                while True:
                    os.kill(-1, signal.SIGCONT)
    """,
}
SNIPPETS = {name: _SOCKETS + code for name, code in _FRAMES.items()}
