"""State files of PyTorch: read without it, and what is refused."""

from __future__ import annotations

import io
import pickletools
import zipfile
from pathlib import Path

import numpy as np
import pytest

from pynn_ext.errors import NetworkError
from pynn_ext.models.elm_weights import ELMWeights
from pynn_ext.models.torch_state import read_state

FOLDER = Path(__file__).parents[2] / "golden" / "elm"
GOOD = FOLDER / "num_memory_1.pt"


def _altered(folder: Path, old: bytes, new: bytes, name: str = "archive/data.pkl") -> Path:
    """A copy of the file in which one entry is changed."""
    target = folder / "altered.pt"
    with zipfile.ZipFile(GOOD) as source, zipfile.ZipFile(target, "w") as copy:
        for entry in source.namelist():
            data = source.read(entry)
            if entry == name:
                assert old in data
                data = data.replace(old, new, 1)
            copy.writestr(entry, data)
    return target


def test_names_shapes_and_types() -> None:
    state = read_state(GOOD)
    shapes = {name: (value.shape, value.dtype.name) for name, value in state.items()}
    assert shapes == {
        "_proto_w_s": ((4500,), "float32"),
        "tau_s": ((4500,), "float32"),
        "_proto_tau_m": ((1,), "float32"),
        "input_to_synapse_indices": ((4500,), "int64"),
        "valid_indices_mask": ((4500,), "bool"),
        "mlp.network.0.weight": ((2, 46), "float32"),
        "mlp.network.0.bias": ((2,), "float32"),
        "mlp.network.2.weight": ((1, 2), "float32"),
        "mlp.network.2.bias": ((1,), "float32"),
        "w_y.weight": ((2, 1), "float32"),
        "w_y.bias": ((2,), "float32"),
    }
    assert (state["tau_s"] == 5.0).all() and state["valid_indices_mask"].sum() > 4000


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"ctorch._utils\n_rebuild_tensor_v2", b"cos\nsystem", "it says GLOBAL os system"),
        (b"ctorch\nFloatStorage", b"cbuiltins\nexec", "it says GLOBAL builtins exec"),
        (b"M\x94\x11", b"M\x95\x11", "numbers instead of"),
        (b"X\x01\x00\x00\x000", b"X\x01\x00\x00\x00/", "another kind of data"),
        (b".", b"", "no dictionary of tensors"),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, old: bytes, new: bytes, message: str) -> None:
    with pytest.raises(NetworkError, match=message):
        read_state(_altered(tmp_path, old, new))


@pytest.mark.parametrize("size", [0, 100, 70000])
def test_truncated_files_are_refused(tmp_path: Path, size: int) -> None:
    broken = tmp_path / "broken.pt"
    broken.write_bytes(GOOD.read_bytes()[:size])
    with pytest.raises(NetworkError, match=r"broken\.pt"):
        read_state(broken)


def test_every_byte_of_the_program_may_be_wrong(tmp_path: Path) -> None:
    """Whatever a byte becomes, the answer is tensors or a refusal."""
    with zipfile.ZipFile(GOOD) as archive:
        program = archive.read("archive/data.pkl")
    rng, refused = np.random.default_rng(0), 0
    for at in rng.integers(0, len(program), 300):
        changed = bytearray(program)
        changed[at] = rng.integers(0, 256)
        try:
            state = read_state(_altered(tmp_path, program, bytes(changed)))
        except NetworkError:
            refused += 1
        else:
            assert all(isinstance(value, np.ndarray) for value in state.values())
    assert refused > 100
    assert list(pickletools.genops(io.BytesIO(program)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "num_branch"),
        ("[]", "holds no settings"),
        ("{", "is no JSON"),
        ('{"num_branch": 44, "memory_tau_min": 1, "memory_tau_max": 150, "num_input": 1278}', "reshape"),
        (
            '{"num_branch": 45, "memory_tau_min": 1, "memory_tau_max": 150, "num_input": 600}',
            "input 1277 of 600",
        ),
    ],
)
def test_configurations_that_do_not_fit(tmp_path: Path, text: str, message: str) -> None:
    configuration = tmp_path / "model_config.json"
    configuration.write_text(text)
    with pytest.raises(NetworkError, match=message):
        ELMWeights.from_files(GOOD, configuration)
