"""What the Linux kernel is asked for to lock a process in, by ctypes: standard library only, for it runs inside too."""
