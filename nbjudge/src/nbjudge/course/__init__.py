"""Course data for the instructor: files, gradebook, grading runs and feedback pages."""
