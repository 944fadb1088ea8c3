"""`python -m nbjudge`: the command line."""

import sys

from nbjudge._cli import main

sys.exit(main())
