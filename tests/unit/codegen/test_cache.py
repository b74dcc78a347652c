"""Compiling into the cache: one source or several, and what is said if the compiler refuses one."""

import ctypes
import subprocess

import pytest

from pynn_ext.codegen import cache, library
from pynn_ext.errors import CompilerError

pytestmark = pytest.mark.skipif(cache.compiler() is None, reason="needs a C++ compiler")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PYNN_EXT_CACHE", str(tmp_path))
    tmp_path.chmod(0o700)
    return tmp_path


def test_several_sources_become_one_library(folder):
    one = 'extern "C" int one() { return 1; }'
    two = 'extern "C" int one(); extern "C" int two() { return one() + 1; }'
    path = cache.compile_library("both", [one, two])
    assert ctypes.CDLL(str(path)).two() == 2
    assert list(folder.iterdir()) == [path] == [folder / "both.so"]


@pytest.mark.parametrize("source", ["wrong", ["int a;", "wrong"], ["int a = 1;", "int a = 2;"]])
def test_what_the_compiler_or_the_linker_says_is_told(folder, source):
    with pytest.raises(CompilerError, match="failed:\n(.|\n)*(wrong|multiple definition of)"):
        cache.compile_library("none", source)
    assert not list(folder.iterdir())


def test_the_parts_of_the_core_have_the_functions_of_the_whole(folder):
    def functions(path):
        out = subprocess.run(
            ["nm", "-D", "--defined-only", path], capture_output=True, text=True, check=True
        ).stdout
        return sorted(line.split()[2] for line in out.splitlines() if " T " in line)

    parts = library._core_sources(single=False)
    whole = "\n".join(parts[0].splitlines()[1:])
    assert functions(cache.compile_library("parts", parts)) == functions(
        cache.compile_library("whole", whole)
    )
