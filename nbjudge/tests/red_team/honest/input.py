"""input() is called, with its failure handled: nobody answers during grading."""


def oddity(submission):
    submission.add("""
        try:
            name = input("Your name? ")
        except Exception as error:
            name = "nobody"
        print(name)
    """)
