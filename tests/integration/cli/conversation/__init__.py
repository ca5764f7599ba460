"""Tests of the terminal's conversation, against the real engine over providers by script."""
