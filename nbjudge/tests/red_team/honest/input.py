"""input() is asked for, and guarded: nobody answers when it is graded."""


def oddity(submission):
    submission.add("""
        try:
            name = input("Your name? ")
        except Exception as error:
            name = "nobody"
        print(name)
    """)
