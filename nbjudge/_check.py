"""See whether an assignment can be judged: its solution earns all, what students get nothing."""

import secrets

from nbjudge import _engine

__all__ = ["check"]


def check(assignment, isolation=None):
    """Judge an assignment's own notebooks; yields (line of text, whether it is as it must be)."""
    orders = assignment.settings.orders(assignment.coursedir, isolation)
    released = assignment.coursedir.release_directory
    folder = assignment.source.parents[1] / released / assignment.name
    for name, plan in assignment.plans.items():
        source = assignment.source / f"{name}.ipynb"
        if not source.exists():
            yield f"{name}: there is no {source}, so nothing can be checked", False
            continue
        answer = _judge(assignment, orders, plan, source.read_bytes())
        yield f"{name}: the instructor's solution", True
        for cell in plan.graded:
            if cell.is_test:
                yield _of_solution(cell, answer["scores"].get(cell.grade_id))
        for error in answer["errors"]:
            yield f"  {error}", False
        handed_out = folder / f"{name}.ipynb"
        if handed_out.exists():
            answer = _judge(assignment, orders, plan, handed_out.read_bytes())
            yield f"{name}: what students get", True
            scores = answer["scores"]
            for cell in plan.graded:
                if cell.is_test and scores.get(cell.grade_id):
                    yield f"  {cell.grade_id}: earns {scores[cell.grade_id]:g} as it is", False
            if not any(scores.get(cell.grade_id) for cell in plan.graded if cell.is_test):
                yield "  earns nothing", True


def _of_solution(cell, score):
    place = " (in the student's process)" if cell.runs_in_child else ""
    if score is not None and abs(score - cell.points) < 1e-9:
        return f"  {cell.grade_id}: {score:g} of {cell.points:g}{place}", True
    got = "cannot be judged" if score is None else f"{score:g} of {cell.points:g}"
    return (
        f"  {cell.grade_id}: {got}{place}. Where the test needs the student's own process, give "
        "its cell the tag nbjudge-child",
        False,
    )


def _judge(assignment, orders, plan, content):
    job = assignment.job(plan, content, {}, secrets.randbits(32), {})
    return _engine.judge_submission(orders, job)
