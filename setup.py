"""Build the two doors to the C core, recorder._capture and recorder._dsp; all else is in pyproject.toml."""

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

CORE = sorted(str(path) for path in Path("ext/src").glob("*.c"))
HEADERS = sorted(str(path) for path in Path("ext").glob("*/*.h"))
# -ffp-contract=off: the detectors decide alike, to the bit, on every CPU.
FLAGS = ["-std=c11", "-O3", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden"]
# Code that Cython writes does not hold to -Wextra; the core's own sources are checked by ext/tests as well.
FLAGS += ["-Wno-unused-parameter", "-Wno-missing-field-initializers", "-Wno-cast-function-type", "-Wno-unused-function"]
FLAGS += os.environ.get("RECORDER_CFLAGS", "").split()
# Stripped, unless somebody builds with flags of his own to look inside.
LINKING = ["-pthread"] if os.environ.get("RECORDER_CFLAGS") else ["-pthread", "-Wl,-s"]
ABI = [("Py_LIMITED_API", "0x030B0000")]


def door(name: str) -> Extension:
    """One extension module: its .pyx and the whole core, for CPython 3.11 and newer."""
    return Extension(
        f"recorder.{name}",
        [f"ext/{name}.pyx", *CORE],
        include_dirs=["ext/include"],
        depends=HEADERS,
        define_macros=ABI,
        extra_compile_args=FLAGS,
        extra_link_args=LINKING,
        py_limited_api=True,
    )


setup(
    ext_modules=cythonize(
        [door("_capture"), door("_dsp")],
        build_dir="build",
        include_path=["ext"],
        compiler_directives={"language_level": 3, "embedsignature": False},
    ),
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
