#!/usr/bin/env python3
"""README.md shows what the program prints now, and its commands do what it says.
ANECOMPAT_UPDATE_GOLDEN=1 writes the picture anew."""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

OPTIONS = None
WIDTH = 136  # of the picture; the longest reasons are cut there
BEGIN = "What `./dev check` prints"


def run(*arguments, where):
    environment = {name: value for name, value in os.environ.items() if name != "GITHUB_ACTIONS"}
    return subprocess.run([OPTIONS.program, *arguments], cwd=where, env=environment, capture_output=True, text=True,
                          check=False)


class ReadmeTest(unittest.TestCase):
    def setUp(self):
        self.readme = OPTIONS.root / "README.md"
        self.lines = self.readme.read_text(encoding="utf-8").split("\n")

    def code(self, begin):
        """Where the first indented block after the line that starts with `begin` is."""
        start = next(number for number, line in enumerate(self.lines) if line.startswith(begin))
        start = next(number for number in range(start + 1, len(self.lines)) if self.lines[number].startswith("    "))
        end = next(number for number in range(start, len(self.lines))
                   if self.lines[number] and not self.lines[number].startswith("    "))
        while not self.lines[end - 1]:
            end -= 1
        return start, end

    def commands(self):
        for line in self.lines:
            match = re.match(r"    (?:\S+ )?(anecompat [a-z].*?)(?:  +# .*|    .*)?$", line)
            if match and "·" not in line:
                yield match.group(1).split()[1:]

    def test_the_picture_is_what_is_printed(self):
        start, end = self.code(BEGIN)
        printed = run("check", "examples/anecompat.yml", where=OPTIONS.root)
        self.assertEqual(printed.returncode, 0, printed.stderr)
        wanted = [line[:WIDTH].rstrip() for line in printed.stdout.rstrip("\n").split("\n")]
        # The first line ends with the machine it was printed on.
        wanted[0] = wanted[0].rpartition(" · ")[0] + " · Debian GNU/Linux 12 (bookworm) x86_64, no ANE"
        wanted = [f"    {line}" if line else "" for line in wanted]
        if os.environ.get("ANECOMPAT_UPDATE_GOLDEN") == "1":
            self.lines[start:end] = wanted
            self.readme.write_text("\n".join(self.lines), encoding="utf-8")
            return
        self.assertEqual(self.lines[start:end], wanted)

    def test_its_commands_and_options_exist(self):
        commands = list(self.commands())
        self.assertGreater(len(commands), 8)
        for command in commands:
            name = command[:2] if command[0] in ("baseline", "history") else command[:1]
            text = run(*name, "--help", where=OPTIONS.root)
            self.assertEqual(text.returncode, 0, command)
            for option in (word.split("=")[0] for word in command if word.startswith("--")):
                self.assertRegex(text.stdout, rf"(?m)^  (-\w, )?{re.escape(option)}\b", f"{command}")

    def test_the_quick_start(self):
        with tempfile.TemporaryDirectory(prefix="anecompat-readme.") as directory:
            work = pathlib.Path(directory)
            shutil.copytree(OPTIONS.root / "examples", work / "models",
                            ignore=shutil.ignore_patterns("*.yml", "workflows", "regression"))
            done = run("init", "models", where=work)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            done = run("check", "models/anecompat.yml", "--report", "text", "--report", "junit=out/anecompat.xml", where=work)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn("PASSED (exit 0)", done.stdout)
            self.assertTrue((work / "out/anecompat.xml").is_file())

    def test_its_links_lead_somewhere(self):
        pages = [self.readme, OPTIONS.root / "CONTRIBUTING.md", OPTIONS.root / "ARCHITECTURE.md",
                 *OPTIONS.root.glob("docs/*.md"), *OPTIONS.root.glob("examples/**/*.md")]
        for page in pages:
            for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
                if not target.startswith(("http:", "https:")):
                    self.assertTrue((page.parent / target).exists(), f"{page.name}: {target}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--root", required=True, type=pathlib.Path)
    OPTIONS, rest = parser.parse_known_args()
    OPTIONS.program = OPTIONS.program.resolve()
    OPTIONS.root = OPTIONS.root.resolve()
    unittest.main(argv=[sys.argv[0], *rest])
