"""What the operating system is asked for in the same way by several rooms: processes, files, threads."""
