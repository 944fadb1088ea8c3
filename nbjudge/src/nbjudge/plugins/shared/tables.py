"""The tables that plug-ins add to a gradebook.

Import them before the gradebook is opened, which creates them.
"""

import sqlalchemy as sql

from nbjudge.course.schema import added

__all__ = ["added", "claims", "gradings", "groups", "kept_comments", "reviews", "rubric_items"]

groups = sql.Table(  # students who may share work
    "nbjudge_group",
    added,
    sql.Column("student", sql.String(128), primary_key=True),
    sql.Column("name", sql.String(128), nullable=False),
)
rubric_items = sql.Table(  # rubric items that graders have added to a question
    "nbjudge_rubric_item",
    added,
    sql.Column("id", sql.String(32), primary_key=True),
    sql.Column("cell_id", sql.String(32), nullable=False, index=True),
    sql.Column("number", sql.Integer, nullable=False),  # orders the items of a cell
    sql.Column("points", sql.Float, nullable=False),
    sql.Column("text", sql.Text, nullable=False),
)
kept_comments = sql.Table(  # comments on a question in earlier terms
    "nbjudge_kept_comment",
    added,
    sql.Column("cell_id", sql.String(32), primary_key=True),
    sql.Column("text", sql.Text, primary_key=True),
)
reviews = sql.Table(  # the rubric items that a grader has selected for an answer
    "nbjudge_review",
    added,
    sql.Column("grade_id", sql.String(32), primary_key=True),
    sql.Column("points", sql.Float, nullable=False),  # if the points differ, the selection is void
    sql.Column("ticked", sql.Text, nullable=False),  # keys of items, as JSON
)
claims = sql.Table(  # answers that a grader has open; the key admits one grader per answer
    "nbjudge_claim",
    added,
    sql.Column("grade_id", sql.String(32), primary_key=True),
    sql.Column("grader", sql.String(64), nullable=False),
    sql.Column("page", sql.String(32), nullable=False),  # random id of the grader's page
    sql.Column("until", sql.DateTime, nullable=False),
)
gradings = sql.Table(  # every manual grade given in `nbjudge review`, also those replaced since
    "nbjudge_grading",
    added,
    sql.Column("grade_id", sql.String(32), primary_key=True),
    sql.Column("number", sql.Integer, primary_key=True),  # orders the gradings of an answer
    sql.Column("kind", sql.String(16), nullable=False),
    sql.Column("grader", sql.String(64), nullable=False),  # "" in a review by one person
    sql.Column("time", sql.DateTime, nullable=False),
    sql.Column("points", sql.Float, nullable=False),
    sql.Column("comment", sql.Text, nullable=False),
    sql.Column("work", sql.String(64), nullable=False),  # hash of the answer
    sql.Column("requests", sql.Text, nullable=False),  # JSON: keys of answered regrade requests
)
