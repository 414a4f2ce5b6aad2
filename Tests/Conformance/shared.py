"""Other people's data that replies are held against: it lies beside the checkout, and never in it."""

import os
from pathlib import Path

import pytest
from processes import PACKAGE

SHARED = Path(os.environ.get("SHARED_DIR") or PACKAGE.parent / "shared").absolute()


def needs(path):
    """Marks tests that need a file or folder of the shared data: without it they are skipped, which the run tells."""
    return pytest.mark.skipif(not (SHARED / path).exists(), reason=f"{SHARED / path} is not there; see SHARED_DIR")
