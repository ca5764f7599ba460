"""Tests of what is known of files, with the real parts."""
