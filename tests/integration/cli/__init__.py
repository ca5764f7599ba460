"""Tests of the terminal's commands, as processes, against providers by script."""
