"""Results of `nbjudge grade --json`, to convert."""


def question(**changed):
    """Return the results of a question."""
    given = {"name": "q_test", "title": "q", "score": 1.0, "max_score": 2.0}
    given |= {
        "test": True,
        "manual": False,
        "unanswered": False,
        "diagnosis": "",
        "mistakes": [],
        "next": [],
        "notes": [],
    }
    return given | {"checks": [], "error": "", "case": ""} | changed


def document(*questions, **changed):
    """Return results of `nbjudge grade --json` for one notebook."""
    result = {"path": "x", "assignment": "ps1", "status": "graded", "why": "", "score": 1.0}
    result |= {"grader_failed": False, "max_score": 2.0, "max_auto_score": 2.0}
    result |= {"manual": 0, "seed": 5, "seconds": 1.0}
    result |= {"repairs": [], "remarks": [], "suspicions": [], "errors": [], "limits": []}
    result |= {"notebooks": [{"name": "ps1", "file": "ps1.ipynb", "questions": [*questions]}]}
    about = {"schema_version": 1, "nbjudge": "1", "python": "3.12", "isolation": "reduced"}
    about |= {"isolation_explanation": "Isolation: reduced.", "seconds": 2.5}
    return about | {"results": [result | changed]}
