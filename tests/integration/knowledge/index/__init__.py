"""Tests of the index of vectors and words."""
