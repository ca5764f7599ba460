"""Tests of what stands behind the seam of models, over real HTTP."""
