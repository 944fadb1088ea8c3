"""The JSON contains duplicate keys, for parsers that take the first and parsers that take the last.

Success: the attack earns points, or the class stops.
"""


def attack(submission):
    submission.change(
        lambda data: (
            data.replace(b'"grade": true', b'"grade": false, "grade": true, "grade": 1')
            .replace(b'"locked": true', b'"locked": true, "locked": false')
            .replace(
                b'"grade_id": "root_test"', b'"grade_id": "root_test", "grade_id": "root_test "'
            )
        )
    )
