"""Results as JSON documents."""

from __future__ import annotations

import json
import math
from typing import cast


def to_json(data: object) -> str:
    """`data` as a JSON document; NaN and infinity, which JSON lacks, are null."""
    return json.dumps(_finite(data), indent=2, allow_nan=False)


def _finite(data: object) -> object:
    if isinstance(data, float) and not math.isfinite(data):
        return None
    if isinstance(data, dict):
        return {key: _finite(value) for key, value in cast("dict[str, object]", data).items()}
    if isinstance(data, list | tuple):
        return [_finite(value) for value in cast("list[object]", data)]
    return data
