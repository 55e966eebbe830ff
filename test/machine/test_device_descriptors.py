from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from tilewright.machine import catalog
from tilewright.machine.catalog import device_names, load_device
from tilewright.machine.descriptor_file import MAX_BYTES
from tilewright.support.dataformat import DataFormat
from tilewright.support.errors import UnsupportedInputError

N150 = Path(catalog.__file__).parent / "devices" / "wormhole_n150.yaml"
Edit = Callable[[str], str]


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[Edit], str]:
    """Writes an edited copy of the n150's descriptor and returns its path."""

    def write(edit: Edit) -> str:
        text = N150.read_text(encoding="utf-8")
        changed = edit(text)
        assert changed != text
        path = tmp_path / "mine.yaml"
        path.write_text(changed, encoding="utf-8")
        return str(path)

    return write


def _leaves(model: BaseModel, prefix: str = "") -> Iterator[str]:
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _leaves(value, f"{prefix}{name}.")
        elif f"{prefix}{name}" not in ("name", "arch", "sources"):
            yield f"{prefix}{name}"


def test_the_devices() -> None:
    assert device_names() == ("blackhole_p150", "grayskull_e150", "wormhole_n150", "wormhole_n300")


@pytest.mark.parametrize("name", device_names())
def test_every_figure_has_a_source(name: str) -> None:
    device = load_device(name)
    assert device.name == name
    assert {field for field, _ in device.sources} == set(_leaves(device))


def test_n150() -> None:
    device = load_device("wormhole_n150")
    assert device.cores == 64
    assert device.l1_bytes_per_core == 1_028_096
    assert device.dram.channels * device.dram.bytes_per_channel == 12 * 2**30
    assert device.tile_bytes(DataFormat.Bfp8_b) == 1120
    assert device.seconds(1_000) == pytest.approx(1e-6)
    assert device.source_of("dram.channels") is not None
    assert device.source_of("dram.colour") is None


def test_transfers_are_interpolated() -> None:
    noc = load_device("wormhole_n150").noc
    assert noc.achieved_bytes_per_clk(64) == pytest.approx(2.75)
    assert noc.achieved_bytes_per_clk(256) == pytest.approx(10.1)
    assert noc.achieved_bytes_per_clk(384) == pytest.approx((10.1 + 18.0) / 2)
    assert noc.achieved_bytes_per_clk(1 << 20) == pytest.approx(30.0)


def test_loading_twice_gives_one_object_until_the_file_changes(edited: Callable[[Edit], str]) -> None:
    assert load_device("wormhole_n150") is load_device("wormhole_n150")
    first = load_device(edited(lambda text: text.replace("1_028_096", "1_000_000")))
    assert first.l1_bytes_per_core == 1_000_000
    second = load_device(edited(lambda text: text.replace("1_028_096", "2_000_000")))
    assert second.l1_bytes_per_core == 2_000_000


@pytest.mark.parametrize("name", ["wormhole_n15", "../devices/wormhole_n150"])
def test_an_unknown_name_gets_the_nearest(name: str) -> None:
    with pytest.raises(UnsupportedInputError, match="did you mean 'wormhole_n150'"):
        load_device(name)


def test_a_missing_file() -> None:
    with pytest.raises(UnsupportedInputError, match=r"nowhere\.yaml: .*cannot be read"):
        load_device("nowhere.yaml")


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda t: t + "\ncolour: {value: red, source: me}\n", "colour: Extra inputs are not permitted"),
        (lambda t: t.replace("  cols:\n", "  columns:\n"), r"grid.cols: Field required; grid.columns: Extra"),
        (lambda t: t.replace("value: 1_028_096", "value: lots"), "l1_bytes_per_core: Input should be a valid integer"),
        (lambda t: t.replace("value: 1_028_096", "value: -1"), "l1_bytes_per_core: .*greater than 0"),
        (lambda t: t.replace('value: 32, source: "tt-b', 'value: 24, source: "tt-b'), "power of two, found 24"),
        (lambda t: t.replace("Float32, Tf32", "Float31, Tf32"), "formats.0: .*'Float31' is not a number format"),
        (lambda t: t.replace("arch: wormhole_b0", "arch: wormhole_c0"), "arch: Input should be 'grayskull'"),
        (lambda t: t.replace("1_000_000_000.0", ".inf"), "clock_hz: .*finite"),
        (lambda t: t.replace("[256, 10.1]", "[64, 10.1]"), "must ascend in bytes"),
        (lambda t: t.replace("value: 805_306_368", "value: 2_147_483_648"), "leaves no room"),
        (lambda t: t.replace("rows:\n    value: 8\n    source:", "rows: 8\n  x:"), "'grid.rows' has no source"),
        (lambda t: t.replace("clock_hz: {", "clock_hz: {note: x, "), "'clock_hz' must have a value and a source"),
        (lambda t: t.replace("arch: wormhole_b0", "arch: [wormhole_b0"), "not valid YAML"),
        (lambda t: t.replace("arch: wormhole_b0", "arch: 2020-99-99"), "not valid YAML"),
        (lambda t: t.replace("arch: wormhole_b0", "arch: !!python/name:os.system"), "not valid YAML"),
        (
            lambda t: t.replace("name: wormhole_n150", "name: &n wormhole_n150").replace(
                "arch: wormhole_b0", "arch: *n"
            ),
            "aliases are not allowed",
        ),
        (lambda t: t + "\nname: again\n", "'name' is given twice"),
        (lambda t: t + "x: " + "[" * 5000 + "]" * 5000, "nested deeper than 16"),
        (lambda t: "- just\n- a list\n", "a mapping of fields"),
        (lambda t: t + "\n3: {value: 1, source: me}\n", "field names are text"),
        (lambda t: t + "#" * MAX_BYTES, "too large"),
    ],
    ids=[
        "unknown field",
        "misspelt field",
        "wrong type",
        "negative",
        "alignment",
        "format",
        "architecture",
        "infinite",
        "unordered transfers",
        "no room in a channel",
        "no source",
        "extra key of a figure",
        "broken YAML",
        "impossible date",
        "Python tag",
        "alias",
        "repeated key",
        "deep nesting",
        "not a mapping",
        "key that is no text",
        "too large",
    ],
)
def test_a_wrong_descriptor_names_file_and_field(edit: Edit, message: str, edited: Callable[[Edit], str]) -> None:
    path = edited(edit)
    with pytest.raises(UnsupportedInputError, match=message) as caught:
        load_device(path)
    assert caught.value.where is not None
    assert caught.value.where.startswith(path)


def test_bytes_that_are_not_text(tmp_path: Path) -> None:
    path = tmp_path / "binary.yaml"
    path.write_bytes(b"name: \xff\xfe")
    with pytest.raises(UnsupportedInputError, match="not valid YAML"):
        load_device(str(path))
