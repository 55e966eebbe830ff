"""Runs the encoder three times, eagerly or compiled in the format named; prints the process's peak memory in MiB."""

from __future__ import annotations

import sys
from resource import RUSAGE_SELF, getrusage

import torch
from minilm import encoder_and_inputs

encoder, inputs = encoder_and_inputs()
if sys.argv[1] == "eager":
    model = encoder
else:
    import tilewright

    model = tilewright.compile(encoder, inputs, default_format=sys.argv[1])
with torch.no_grad():
    for _ in range(3):
        model(*inputs)
sys.stdout.write(str(getrusage(RUSAGE_SELF).ru_maxrss / 1024))
