"""Moving permutes and reshapes through other ops, so that inverse ones meet and vanish."""
