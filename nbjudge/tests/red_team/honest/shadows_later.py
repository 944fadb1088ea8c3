"""Names of builtins are used for variables: list, max, sum, input, id, type."""


def oddity(submission):
    submission.add("""
        list1, max, min, id, type = [1], 3, 1, 5, "kind"
        sum = 0
        for i in list1:
            sum += i
    """)
