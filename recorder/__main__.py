"""`python -m recorder` is the command `recorder`."""

import sys

from recorder.cli.main import main

sys.exit(main())
