"""The meaning of each dialect's ops, one class a dialect."""
