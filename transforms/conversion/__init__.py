"""How each ATen overload becomes TTIR ops, by op family; `table.py` puts the families together."""
