"""Importers of models: `torch.export` programs and dynamo graphs become level 1 (`aten` in `func`)."""
