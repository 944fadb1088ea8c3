# %% copy="source" nbgrader={"grade_id": "NAME", "solution": true}
from MODULE import NAME
