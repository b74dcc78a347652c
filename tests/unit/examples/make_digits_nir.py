"""Write digits.nir: the classifier of digits.json (scikit-learn's logistic regression, 8 bits) as a NIR graph.

python make_digits_nir.py
"""

import json
from pathlib import Path

import nir
import numpy as np

HERE = Path(__file__).resolve().parents[3] / "examples" / "data"
SPIKE = 1e-4  # s, how long a spike of 1 lasts
weights = np.array(json.loads((HERE / "digits.json").read_text())["weights"], dtype=float)
weights[:, 64] /= 4  # spikes of the constant input per image
graph = nir.NIRGraph(
    nodes={
        "pixels": nir.Input({"input": np.array([weights.shape[1]])}),
        "classifier": nir.Linear(weights),
        "digits": nir.IF(r=np.full(10, 1 / SPIKE), v_threshold=np.full(10, 60.0)),
        "answer": nir.Output({"output": np.array([10])}),
    },
    edges=[("pixels", "classifier"), ("classifier", "digits"), ("digits", "answer")],
)
nir.write(HERE / "digits.nir", graph)
