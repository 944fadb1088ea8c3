"""The notebook's cells are a number.

Success: the class stops.
"""


def attack(submission):
    submission.change(
        lambda data: b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 7}'
    )
