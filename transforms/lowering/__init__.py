"""How each TTIR op becomes kernels of the tile level, by op family; `table.py` puts the families together."""
