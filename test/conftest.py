"""Settings of all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# Models come from installed packages; a test that asks the network is wrong.
os.environ["HF_HUB_OFFLINE"] = "1"

# The examples are the same in every run, and a slow machine is no failure.
settings.register_profile("tilewright", derandomize=True, deadline=None, database=None)
settings.load_profile("tilewright")
