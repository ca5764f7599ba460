"""`python -m retinue`."""

from retinue.cli import main

main()
