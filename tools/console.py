"""The console of the commands in tools/: messages go to stderr, so that stdout has only results."""

from rich.console import Console

__all__ = ["console"]

console = Console(stderr=True, highlight=False, soft_wrap=True)
