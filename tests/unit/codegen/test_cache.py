"""Compiling into the cache: one source or several, and what is said if the compiler refuses one."""

import ctypes
import os

import pytest

from pynn_ext.codegen import build, cache
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


@pytest.mark.parametrize("name", build.UNITS)
def test_each_library_needs_none_of_the_others(name, folder):
    build.core_library(name, single=False)
    (path,) = folder.glob("*.so")
    assert ctypes.CDLL(str(path), mode=os.RTLD_NOW)  # every function that it calls is there


def test_a_library_is_begun_once(monkeypatch):
    begun = []

    class Thread:
        def __init__(self, target, daemon):
            pass

        def start(self):
            begun.append(self)

    monkeypatch.setattr(build.threading, "Thread", Thread)
    monkeypatch.setattr(build, "_begun", set())
    for _ in range(2):
        build.build_core()
        build.build_core(single=True, name="plastic")
    assert len(begun) == 2
