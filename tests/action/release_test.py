#!/usr/bin/env python3
"""What a release is made with: a real archive, installed through the action; macOS libraries, bundled by doubles of its
tools."""

import argparse
import hashlib
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

try:
    import runner
except ImportError:
    print("skipped: PyYAML is missing")
    sys.exit(77)
import servers

OPTIONS = None

# Text files stand for Mach-O files here: lines `id NAME`, `rpath PLACE`, `load NAME`.
DOUBLES = {
    "uname": "echo Darwin",
    "otool": """
case $1 in
  -L) echo "$2:"; sed -n 's/^\\(id\\|load\\) \\(.*\\)/\\t\\2 (compatibility version 1.0.0, current version 1.2.3)/p' "$2" ;;
  -l) sed -n 's/^rpath \\(.*\\)/Load command 9\\n          cmd LC_RPATH\\n      cmdsize 32\\n         path \\1 (offset 12)/p' "$2" ;;
esac
""",
    "install_name_tool": """
sed -i.bak '/^signed/d' "$(eval echo \\"\\${$#}\\")"
case $1 in
  -change) sed -i.bak "s|^load $2\\$|load $3|" "$4"; rm "$4.bak" ;;
  -id) sed -i.bak "s|^id .*|id $2|" "$3"; rm "$3.bak" ;;
esac
""",
    "codesign": 'test "$1 $2 $3" = "--force --sign -" && echo signed >> "$4"',
}


class ReleaseTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix="anecompat release.")
        self.work = pathlib.Path(self.directory.name).resolve()
        self.version = re.search(r"^project\(anecompat VERSION ([0-9.]+)",
                                 (OPTIONS.root / "CMakeLists.txt").read_text(), re.MULTILINE).group(1)
        machine = {"aarch64": "arm64", "arm64": "arm64", "x86_64": "x86_64"}[platform.machine()]
        self.platform = f"{ {'Linux': 'linux', 'Darwin': 'macos'}[platform.system()] }-{machine}"

    def tearDown(self):
        self.directory.cleanup()

    def script(self, name, *arguments, path=None):
        environment = {**os.environ, "PATH": f"{path}:{os.environ['PATH']}"} if path else None
        return subprocess.run([OPTIONS.root / "scripts/release" / name, *map(str, arguments)], env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)

    def pack(self, version=None):
        return self.script("pack.sh", OPTIONS.program, self.platform, version or self.version, self.work / "dist")

    def test_an_archive_that_the_action_installs(self):
        done = self.pack()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        name = f"anecompat-{self.version}-{self.platform}"
        archive = self.work / "dist" / f"{name}.tar.gz"
        self.assertEqual(os.listdir(self.work / "dist"), [archive.name])
        with tarfile.open(archive) as tar:
            names = set(tar.getnames())
        self.assertLessEqual({f"{name}/anecompat", f"{name}/LICENSE", f"{name}/README.md"}, names)
        libraries = " ".join(each for each in names if "/lib/" in each)
        for library in ("libarchive", "libcurl", "yaml-cpp"):
            self.assertIn(library, libraries)
        self.assertNotIn("libc.so", libraries)

        data = archive.read_bytes()
        sums = f"{hashlib.sha256(data).hexdigest()}  {archive.name}\n".encode()
        workspace = self.work / "workspace"
        workspace.mkdir()
        (self.work / "temp").mkdir()
        contents = {f"/v{self.version}/{archive.name}": data, f"/v{self.version}/SHA256SUMS": sums}
        with servers.serving(servers.files(contents)) as server:
            run = runner.run_action(OPTIONS.root, {"version": self.version, "release-url": server.url,
                                                   "manifest": str(OPTIONS.root / "examples/anecompat.yml")},
                                    self.work / "run", workspace, runner.base_environment(self.work))
        self.assertTrue(run.passed, run.log)
        installed = pathlib.Path(run.outputs["binary"])
        self.assertTrue((installed.parent / "lib").is_dir())
        self.assertIn(self.version, subprocess.run([installed, "--version"], capture_output=True, text=True, check=True).stdout)

    @unittest.skipUnless(platform.system() == "Linux", "ldd")
    def test_every_library_that_glibc_does_not_bring_is_in_the_archive(self):
        (self.work / "lib").mkdir()
        self.assertEqual(self.script("bundle_libraries.sh", OPTIONS.program, self.work / "lib").returncode, 0)
        loaded = subprocess.run(["ldd", OPTIONS.program], capture_output=True, text=True, check=True).stdout
        needed = {line.split()[0] for line in loaded.splitlines() if "=>" in line}
        missing = needed - set(os.listdir(self.work / "lib"))
        self.assertLess(len(missing), len(needed))
        for library in missing:
            self.assertRegex(library, r"^lib(c|m|dl|rt|pthread|resolv)\.so\.")

    def test_the_wrong_version(self):
        done = self.pack("9.9.9")
        self.assertEqual(done.returncode, 2)
        self.assertIn("not 9.9.9", done.stderr)
        self.assertEqual(os.listdir(self.work / "dist"), [])
        done = self.script("package.sh", self.platform, "9.9.9", self.work / "dist")
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"the tag says 9.9.9, and CMakeLists.txt says {self.version}", done.stderr)

    # --- macOS ---

    def mach_o(self, name, *lines):
        path = self.work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{line}\n" for line in lines))
        return path

    def bundle(self, program):
        tools = self.work / "doubles"
        tools.mkdir(exist_ok=True)
        for name, text in DOUBLES.items():
            (tools / name).write_text(f"#!/bin/sh\n{text}\n")
            (tools / name).chmod(0o755)
        directory = program.parent / "lib"
        directory.mkdir(exist_ok=True)
        return self.script("bundle_libraries.sh", program, directory, path=tools)

    def test_macos_libraries_are_copied_once_and_loaded_from_there(self):
        brew = self.work / "brew opt"
        self.mach_o("brew opt/fmt/lib/libfmt.12.dylib", f"id {brew}/fmt/lib/libfmt.12.dylib", "load /usr/lib/libSystem.B.dylib")
        self.mach_o("brew opt/xz/lib/liblzma.5.dylib", f"id {brew}/xz/lib/liblzma.5.dylib")
        self.mach_o("brew opt/zstd/libzstd.1.dylib", "id @rpath/libzstd.1.dylib", "load @loader_path/libhelp.dylib")
        self.mach_o("brew opt/zstd/libhelp.dylib", "id @loader_path/libhelp.dylib")
        self.mach_o("brew opt/archive/libarchive.13.dylib", f"id {brew}/archive/libarchive.13.dylib",
                    f"rpath {brew}/nowhere", "rpath @loader_path/../zstd", "load @rpath/libzstd.1.dylib",
                    f"load {brew}/xz/lib/liblzma.5.dylib", f"load {brew}/fmt/lib/libfmt.12.dylib")
        program = self.mach_o("dist/anecompat", f"load {brew}/fmt/lib/libfmt.12.dylib",
                              f"load {brew}/archive/libarchive.13.dylib", "load /usr/lib/libcurl.4.dylib",
                              "load /System/Library/Frameworks/CoreML.framework/CoreML")
        done = self.bundle(program)
        self.assertEqual(done.returncode, 0, done.stderr)
        lib = self.work / "dist/lib"
        self.assertEqual(sorted(os.listdir(lib)), ["libarchive.13.dylib", "libfmt.12.dylib", "libhelp.dylib",
                                                   "liblzma.5.dylib", "libzstd.1.dylib"])
        for path in [program, *lib.iterdir()]:
            lines = path.read_text().splitlines()
            self.assertEqual(lines.count("signed"), 1, path.name)
            self.assertEqual(lines[-1], "signed", f"{path.name} was changed after it was signed")
            for kind, name in (line.split(" ", 1) for line in lines if line.startswith(("id ", "load "))):
                self.assertRegex(name, r"^(@executable_path/lib/|/usr/lib/|/System/)", f"{path.name}: {kind}")
        self.assertIn("load /usr/lib/libcurl.4.dylib", program.read_text())

    def test_macos_a_library_that_is_not_there(self):
        program = self.mach_o("dist/anecompat", "load /opt/homebrew/opt/gone/libgone.dylib")
        done = self.bundle(program)
        self.assertEqual(done.returncode, 2)
        self.assertIn("loads /opt/homebrew/opt/gone/libgone.dylib, which is not on this machine", done.stderr)
        program = self.mach_o("dist/anecompat", "rpath /opt/nowhere", "load @rpath/libgone.dylib")
        self.assertEqual(self.bundle(program).returncode, 2)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--root", required=True, type=pathlib.Path)
    OPTIONS, rest = parser.parse_known_args()
    OPTIONS.program = OPTIONS.program.resolve()
    OPTIONS.root = OPTIONS.root.resolve()
    if not shutil.which("strip"):
        print("skipped: strip is missing")
        sys.exit(77)
    unittest.main(argv=[sys.argv[0], *rest])
