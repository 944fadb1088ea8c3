"""Prove that an exercise can be released: its own solution earns all points."""

from ..defining.authoring import Definition, DefinitionError
from ..diagnosis.explanation import explain
from ..showing.text import describe

__all__ = ["FEW_SEEDS", "why_not_ready", "why_solution_loses"]

FEW_SEEDS = 3  # for a release; `nbexercise check` uses more


def why_not_ready(definition: Definition) -> str:
    """Return why an exercise cannot be released, or ""."""
    try:
        return why_solution_loses(definition, range(FEW_SEEDS))
    except DefinitionError:
        raise
    except (TypeError, ValueError) as error:
        return str(error)


def why_solution_loses(definition: Definition, seeds: range) -> str:
    """Return why the solution does not earn all points, or ""."""
    exercise = definition.exercise
    for seed in seeds:
        diagnosis = exercise.judge(exercise.loops, seed)
        if not diagnosis.passed:
            said = describe(explain(diagnosis, graded=True))
            return (
                f"its own solution earns {diagnosis.points:g} of {exercise.points:g} points with "
                f"seed {seed}:\n{said}"
            )
    return ""
