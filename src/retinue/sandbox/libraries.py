"""Libraries that code in a session is to have: the extra `interpreter`."""

import importlib.util
from collections.abc import Mapping, Sequence

LIBRARIES: Mapping[str, str] = {
    "numpy": "numpy",
    "pandas": "pandas",
    "matplotlib": "matplotlib",
    "scipy": "scipy",
    "openpyxl": "openpyxl",
    "PIL": "pillow",
    "sklearn": "scikit-learn",
    "sympy": "sympy",
}
"""Modules, each with the name that it is installed by."""

PRELOADED: Sequence[str] = ("numpy", "pandas", "matplotlib.pyplot", "PIL.Image", "openpyxl")
"""What the fork server has loaded: 100 MB, shared by all sessions, and a first chart in 0.1 s instead of 0.8.

The others would take as much again (scipy, scikit-learn and SymPy 105 MB, and 1.2 s of a start), and code that needs
one waits for it: SymPy 0.2 s, scipy.stats 0.55 s, scikit-learn 0.85 s.
"""

INSTALL = "pip install 'retinue[interpreter]'"


def missing_libraries() -> list[str]:
    """Return the libraries that are not installed, by the names that install them; loads none."""
    return [package for module, package in LIBRARIES.items() if importlib.util.find_spec(module) is None]
