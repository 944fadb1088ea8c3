"""Judge one notebook: run its tests in the judge, and the student's code in a session."""
