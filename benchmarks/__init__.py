"""Benchmarks of the course, each with the command that repeats it."""

import sys
from pathlib import Path

LESSON_TOOLS = Path(__file__).resolve().parents[1] / "course/lesson_tools"
sys.path.append(str(LESSON_TOOLS.parent))
