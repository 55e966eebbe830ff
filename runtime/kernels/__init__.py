"""What the machine's kernels compute, in three ways: literally (reference), vectorised with the same bits (exact), and
with the order of Float32 accumulation left free (fast)."""
