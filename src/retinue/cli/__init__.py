"""The terminal's commands. Each imports what it needs when it is called: `retinue --help` must come at once."""


def main() -> None:
    """Run the command line; Ctrl-C ends it quietly, also while it is still being loaded."""
    try:
        from retinue.cli.main import main as run  # here, for loading it is what takes time

        run()
    except KeyboardInterrupt:
        raise SystemExit(130) from None  # 128 and the signal's number, as shells have it
