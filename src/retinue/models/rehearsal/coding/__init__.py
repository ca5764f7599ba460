"""Coding: what this model does with a code interpreter: which requests it writes code for, and what it makes of it."""
