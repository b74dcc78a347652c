"""Lempel-Ziv complexity: the textbook's phrases, the entropy rate of coin tosses, a classifier of rates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from neo import SpikeTrain

from pynn_ext.analysis import LempelZivClassifier, lempel_ziv_complexity, lempel_ziv_phrases
from pynn_ext.errors import UsageError


def train(bits: np.ndarray) -> SpikeTrain:
    """One spike in the middle of each bin of 1 ms whose bit is set."""
    return SpikeTrain(np.flatnonzero(bits) + 0.5, units="ms", t_stop=float(len(bits)))


def by_definition(bits: list[int]) -> int:
    """Phrases by the definition of Lempel and Ziv, without any shortcut."""
    text, start, phrases = "".join(map(str, bits)), 0, 0
    while start < len(text):
        length = 1
        while start + length <= len(text) and text[start : start + length] in text[: start + length - 1]:
            length += 1
        phrases, start = phrases + 1, start + length
    return phrases


def test_the_textbook_s_sequence_has_six_phrases() -> None:
    assert lempel_ziv_phrases([int(bit) for bit in "0001101001000101"]) == 6


@given(st.lists(st.integers(0, 1), max_size=80))
def test_phrases_are_those_of_the_definition(bits: list[int]) -> None:
    assert lempel_ziv_phrases(bits) == by_definition(bits)


@pytest.mark.parametrize("p", [0.05, 0.1, 0.2, 0.5])
def test_coin_tosses_have_nearly_their_entropy_rate(p: float) -> None:
    """Within 6 %, from above for rare spikes' finite sequences as from below (n = 4096)."""
    rng = np.random.default_rng(0)
    trains = [train(rng.random(4096) < p) for _ in range(8)]
    entropy = -p * np.log2(p) - (1 - p) * np.log2(1 - p)
    assert lempel_ziv_complexity(trains, t_stop=4096.0).mean() == pytest.approx(entropy, rel=0.06)


def test_complexities_to_the_digits_of_another_program() -> None:
    """The mean of four trains each: .279, .467, .735 and 1.036, for entropy rates of .286, .469, .722 and 1."""
    rng = np.random.default_rng(0)
    found = []
    for p in (0.05, 0.1, 0.2, 0.5):
        trains = [train(rng.random(4096) < p) for _ in range(4)]
        found.append(round(float(lempel_ziv_complexity(trains, t_stop=4096.0).mean()), 3))
    assert found == [0.279, 0.467, 0.735, 1.036]


def test_several_spikes_in_a_bin_are_one_bit() -> None:
    once, twice = [SpikeTrain(t, units="ms", t_stop=8) for t in ([1.5, 4.5], [1.2, 1.5, 4.1, 4.5])]
    assert np.ptp(lempel_ziv_complexity([once, twice])) == 0.0


def test_the_classifier_tells_regular_from_random() -> None:
    rng = np.random.default_rng(1)
    regular = [[train(np.arange(500) % period == 0) for period in (10, 12)] for _ in range(6)]
    random = [[train(rng.random(500) < 0.1) for _ in range(2)] for _ in range(6)]
    classifier = LempelZivClassifier().fit(regular[:3] + random[:3], ["regular"] * 3 + ["random"] * 3)
    assert classifier.predict(regular[3:] + random[3:]) == ["regular"] * 3 + ["random"] * 3
    assert classifier.means.shape == (2, 2)


def test_wrong_use_says_what_to_do() -> None:
    with pytest.raises(UsageError, match="fit"):
        LempelZivClassifier().predict([])
    with pytest.raises(UsageError, match="1 responses have 2 labels"):
        LempelZivClassifier().fit([[train(np.ones(4))]], ["a", "b"])
    with pytest.raises(UsageError, match="bin_size is 0"):
        lempel_ziv_complexity([train(np.ones(4))], bin_size=0.0)
    with pytest.raises(UsageError, match="no spike train"):
        lempel_ziv_complexity([])
