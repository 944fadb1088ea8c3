"""Everything that depends on this course: its arguments, published names, lessons and path."""
