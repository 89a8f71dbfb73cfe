"""The package can be built, holds the module and has the project's version."""

import os
import pathlib
import re
import shutil
import sys
import tarfile
import tempfile
import unittest

try:
    from setuptools import build_meta
except ImportError:
    print("skipped: setuptools is missing")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]


class PackageTest(unittest.TestCase):
    def test_it_builds_and_holds_the_module(self):
        with tempfile.TemporaryDirectory() as directory:
            source = pathlib.Path(directory) / "python"
            shutil.copytree(ROOT / "python", source, ignore=shutil.ignore_patterns("__pycache__"))
            before = os.getcwd()
            os.chdir(source)
            try:
                archive = build_meta.build_sdist(directory)
            finally:
                os.chdir(before)
            with tarfile.open(pathlib.Path(directory) / archive) as package:
                names = [name.split("/", 1)[-1] for name in package.getnames()]
                info = package.extractfile(next(m for m in package.getmembers()
                                                if m.name.endswith("/PKG-INFO"))).read().decode()
        self.assertIn("anecompat.py", names)
        self.assertIn("Name: anecompat\n", info)
        self.assertIn("Requires-Python: >=3.9\n", info)

    def test_it_has_the_projects_version(self):
        project = re.search(r"project\(anecompat VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())
        package = re.search(r'^version = "(.+)"$', (ROOT / "python/pyproject.toml").read_text(), re.M)
        self.assertEqual(package.group(1), project.group(1))


if __name__ == "__main__":
    unittest.main()
