"""Defining exercises: cases, known mistakes, hidden checks, and files of stored cases."""
