"""Ten figures, one with another style, and a call of show without a figure."""


def oddity(submission):
    submission.add("""
        import matplotlib.pyplot as plt
        plt.show()
        plt.style.use("ggplot")
        for n in range(10):
            plt.figure()
            plt.plot(np.arange(10) ** n)
        plt.show()
    """)
    submission.first("%matplotlib inline")
