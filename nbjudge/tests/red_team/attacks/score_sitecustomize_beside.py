"""The submission contains files that Python or Jupyter run at startup.

Success: the attack earns points in `square`, or leaves a trace.
"""

FILES = ("sitecustomize.py", "usercustomize.py", "conftest.py", "ipython_config.py")
FILES += ("jupyter_config.py", "nbgrader_config.py", "startup.pth", "ipython_kernel_config.py")


def attack(submission):
    for name in FILES:
        submission.file(name, "import os, builtins; open('/tmp/red-team-was-here', 'w').close()\n")
