"""The doctor sees what is missing and says what to type."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pynn_ext import doctor
from pynn_ext.codegen import cache


def versions(monkeypatch: pytest.MonkeyPatch, **known: str) -> None:
    """Pretend that exactly these packages are installed."""
    monkeypatch.setattr(doctor, "installed", lambda package: known.get(package))


def test_here_nothing_essential_is_missing() -> None:
    findings = doctor.examine()
    assert not doctor.essential_missing(findings), doctor.report(findings)
    assert len({finding.name for finding in findings}) == len(findings) == len(doctor.CHECKS)


@pytest.mark.parametrize(
    ("numpy", "brian2", "status"),
    [
        ("2.3.5", "2.9.0", doctor.OK),
        ("2.4.0", "2.9.0", doctor.MISSING),
        ("2.4.0", "2.10.1", doctor.OK),
        ("2.3.5", "2.8.0", doctor.MISSING),
    ],
)
def test_numpy_and_brian2_must_match(
    monkeypatch: pytest.MonkeyPatch, numpy: str, brian2: str, status: str
) -> None:
    versions(monkeypatch, numpy=numpy, brian2=brian2)
    finding = doctor.check_numpy_and_brian2()
    assert finding.status == status
    assert bool(finding.remedy) == (status != doctor.OK)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    versions(monkeypatch, numpy="2.3.5")
    assert doctor.check_numpy_and_brian2().remedy == "pip install brian2"
    assert "PyNN>=0.13,<0.14" in doctor.check_pynn().remedy
    assert doctor.check_extras().status == doctor.WARNING


@pytest.mark.parametrize(
    ("version", "status"), [("0.13.0", "ok"), ("0.12.4", "missing"), ("0.14.0", "missing")]
)
def test_pynn_must_be_0_13(monkeypatch: pytest.MonkeyPatch, version: str, status: str) -> None:
    versions(monkeypatch, PyNN=version)
    assert doctor.check_pynn().status == status


def test_no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "compiler", lambda: None)
    finding = doctor.check_compiler()
    assert finding.status != doctor.OK and finding.remedy


def test_a_compiler_that_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake = tmp_path / "g++"
    fake.write_text("#!/bin/sh\necho 'no headers' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr(cache, "compiler", lambda: str(fake))
    finding = doctor.check_compiler()
    assert finding.status != doctor.OK and "no headers" in finding.detail


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_the_cache_must_be_ours_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PYNN_EXT_CACHE", str(tmp_path))
    tmp_path.chmod(0o700)
    assert doctor.check_cache().status == doctor.OK
    tmp_path.chmod(0o755)
    assert doctor.check_cache().status == doctor.WARNING
    tmp_path.chmod(0o777)
    finding = doctor.check_cache()
    assert finding.status == doctor.MISSING and "chmod 700" in finding.remedy


def test_names_are_tried_in_a_fresh_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    errors = {"import pyNN.codegen": "ModuleNotFoundError", "import pynn_ext, pyNN.codegen": ""}
    monkeypatch.setattr(doctor, "_python", lambda code, folder: errors[code])
    assert doctor.check_names().status == doctor.WARNING
    errors["import pynn_ext, pyNN.codegen"] = "ImportError: broken"
    finding = doctor.check_names()
    assert finding.status == doctor.MISSING and "broken" in finding.detail


def test_reports() -> None:
    findings = [
        doctor.Finding("A", doctor.OK, "1"),
        doctor.Finding("Bee", doctor.MISSING, "none", "pip install bee"),
    ]
    assert doctor.report(findings).splitlines() == [
        "ok       A    1",
        "missing  Bee  none",
        "              type: pip install bee",
    ]
    assert json.loads(doctor.report(findings, as_json=True))[1]["remedy"] == "pip install bee"
    assert doctor.essential_missing(findings) and not doctor.essential_missing(findings[:1])
