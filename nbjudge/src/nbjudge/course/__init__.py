"""What the instructor's side reads and writes: a course's files, its gradebook, its pages."""
