"""The command line: stages, the run that chains them, and its manifest."""

from abz.cli.main import main

__all__ = ["main"]
