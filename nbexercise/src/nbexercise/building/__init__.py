"""Course folders: loading definitions, filling notebooks, and the command `nbexercise`."""
