"""Measures of the server, each beside a bare relay in the same run; `python -m bench --help` tells which."""
