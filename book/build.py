"""Build the book: execute the chapters, write the website, serve it.

Run ``python book/build.py --help`` for what it can do.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from builder.cli import main

if __name__ == "__main__":
    sys.exit(main())
