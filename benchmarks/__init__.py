"""Benchmarks of the course, each with the command that repeats it."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "course"))  # lesson_tools
