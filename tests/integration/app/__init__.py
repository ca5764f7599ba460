"""Tests of what puts a server together: the data folder, and backups of it."""
