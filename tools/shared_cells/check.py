# %% name="NAME_check" editable=false deletable=false
NAME_test(NAME)

# %% nbgrader={"grade_id": "NAME_grade", "grade": true, "points": POINTS}
validate("NAME")
from exercises import grade

grade("NAME", NAME)
