"""Shell commands: !echo, its output in a variable, %%bash, %cd, subprocess."""


def oddity(submission):
    submission.add("""
        !echo hello
        names = !ls
        print(names)
        !pip --version
        import subprocess
        print(subprocess.run(["echo", "again"], capture_output=True, text=True).stdout)
    """)
    submission.add("%%bash\necho from bash\nls | head -3")
    submission.add("%cd ..\n%cd -\n%pwd")
