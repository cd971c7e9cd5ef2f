"""`python -m app serve`: what cli.py knows, started quickly."""

import gc
import sys


def main() -> None:
    # What is imported stays. Looking through it for garbage, again and again while it grows, took a fifth of the start.
    gc.disable()
    from app import cli

    gc.freeze()
    gc.enable()
    sys.exit(cli.obey())


if __name__ == "__main__":
    main()
