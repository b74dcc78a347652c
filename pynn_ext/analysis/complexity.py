"""Lempel-Ziv complexity of spike trains.

A train becomes bits (one per bin, 1 if it holds a spike). The exhaustive history of Lempel and Ziv cuts them into
phrases, each the shortest piece that does not occur before its own last bit; with c phrases in n bits ::

    C = c log2(n) / n

which for a long sequence tends to the entropy rate of its source in bits per bin.

Sources: A. Lempel, J. Ziv, IEEE Trans. Inf. Theory 22 (1976) 75; F. Kaspar, H. G. Schuster, Phys. Rev. A 36 (1987)
842; as features of a classifier: Z. Rudnicka, J. Szczepanski, A. Pregowska, arXiv:2508.11674 (2025). That the
classifier takes the nearest class mean is inferred; the paper does not say.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import UsageError
from .bins import as_bits


def lempel_ziv_phrases(bits: ArrayLike) -> int:
    """Return the number of phrases in the exhaustive history of a sequence of bits, shape (n,).

    A last phrase that is not new counts.
    """
    text = np.asarray(bits).astype(bool).tobytes()
    start, phrases = 0, 0
    while start < len(text):
        length, found = 1, 0
        # A longer piece cannot occur before its beginning did, so each search goes on where the last one ended.
        while start + length <= len(text):
            found = text.find(text[start : start + length], found, start + length - 1)
            if found < 0:
                break
            length += 1
        phrases += 1
        start += length
    return phrases


def lempel_ziv_complexity(
    trains: Sequence[Any],
    bin_size: float = 1.0,
    t_start: float | None = None,
    t_stop: float | None = None,
) -> NDArray:
    """Return the normalised Lempel-Ziv complexity of each spike train.

    Parameters
    ----------
    trains : sequence of neo.SpikeTrain, length n
    bin_size : float
        In ms. Several spikes in a bin count as one.
    t_start, t_stop : float or None
        First and last moment in ms; None stands for those that all trains share.

    Returns
    -------
    ndarray of float, shape (n,)
        In bits per bin. A sequence of a single bin has complexity 0.
    """
    table = as_bits(trains, bin_size, t_start, t_stop)
    bins = table.shape[1]
    return np.array([lempel_ziv_phrases(row) for row in table]) * np.log2(bins) / bins


class LempelZivClassifier:
    """Names the class whose mean vector of complexities is nearest to that of the output neurons.

    Parameters
    ----------
    bin_size : float
        In ms.

    Attributes
    ----------
    classes : list
        In the order they were met.
    means : ndarray, shape (classes, neurons)
        Mean complexity of each neuron, in bits per bin.
    """

    def __init__(self, bin_size: float = 1.0) -> None:
        self.bin_size = bin_size
        self.classes: list[Hashable] = []
        self.means = np.empty((0, 0))

    def features(self, responses: Sequence[Sequence[Any]]) -> NDArray:
        """Return the complexity of each neuron in each response, shape (responses, neurons).

        A response is the list of spike trains of one segment.
        """
        return np.array([lempel_ziv_complexity(trains, self.bin_size) for trains in responses])

    def fit(self, responses: Sequence[Sequence[Any]], labels: Sequence[Hashable]) -> LempelZivClassifier:
        """Learn the mean of each class from responses and their labels.

        Raises
        ------
        UsageError
            If there are not as many labels as responses, or none.
        """
        if len(responses) != len(labels) or not len(labels):
            raise UsageError(
                f"{len(responses)} responses have {len(labels)} labels", limit="one each, at least one"
            )
        vectors = self.features(responses)
        self.classes = list(dict.fromkeys(labels))
        chosen = [[label == name for label in labels] for name in self.classes]
        self.means = np.array([vectors[rows].mean(axis=0) for rows in chosen])
        return self

    def predict(self, responses: Sequence[Sequence[Any]]) -> list[Hashable]:
        """Return the class of each response.

        Raises
        ------
        UsageError
            Before `fit`.
        """
        if not self.classes:
            raise UsageError("the classifier has seen no example", remedy="call fit(responses, labels) first")
        distances = np.linalg.norm(self.features(responses)[:, None] - self.means, axis=2)
        return [self.classes[nearest] for nearest in distances.argmin(axis=1)]
