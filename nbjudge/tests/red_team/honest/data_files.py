"""Files are read and written in the working folder, including one that came with the assignment."""


def oddity(submission):
    submission.file("mine.csv", "a,b\n1,2\n")
    submission.add("""
        import csv, json, pathlib
        print(list(csv.reader(open("mine.csv"))), open("data.csv").read())
        pathlib.Path("out").mkdir(exist_ok=True)
        json.dump({"a": 1}, open("out/result.json", "w"))
        np.save("array.npy", np.arange(5))
        print(np.load("array.npy"), json.load(open("out/result.json")))
        pathlib.Path("/tmp/scratch.txt").write_text("x")
    """)
