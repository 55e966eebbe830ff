"""Rules that replace several ops by one that means the same, one module a family."""
