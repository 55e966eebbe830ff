"""Canonicalisation of TTIR: what `canonicalize` does to each op.

Every pattern keeps each element bit for bit, but for the sign of a zero: x + 0.0 becomes x, also where x is -0.0; and
but for the order of sums where a convolution becomes a product of matrices.
A new op has the location of the one that it replaces.
"""
