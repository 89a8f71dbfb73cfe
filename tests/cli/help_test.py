#!/usr/bin/env python3
"""Every command's --help has what a user looks for: usage, options, examples that use it, exit codes; within 100 columns."""

import re
import subprocess
import sys
import unittest

PROGRAM = sys.argv.pop(1)


def help_of(*command):
    done = subprocess.run([PROGRAM, *command, "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stderr == "", (command, done)
    return done.stdout


def commands_in(text):
    section = re.search(r"^Commands:\n((?:  .*\n)+)", text, re.MULTILINE)
    return re.findall(r"^  (\w+)", section.group(1), re.MULTILINE) if section else []


def all_commands():
    for name in commands_in(help_of()):
        yield (name,)
        for below in commands_in(help_of(name)):
            yield (name, below)


class HelpTest(unittest.TestCase):
    def test_every_command(self):
        commands = list(all_commands())
        self.assertGreater(len(commands), 20)
        for command in commands:
            text = help_of(*command)
            with self.subTest(command=" ".join(command)):
                self.assertIn(f"Usage: anecompat {' '.join(command)}", text)
                examples = text.split("\nExamples:\n")[1]
                self.assertRegex(examples, rf"  anecompat {command[0]}\b")
                self.assertRegex(text, r"(?m)^Exit codes: ")
                self.assertNotRegex(text, r"UINT|POSITIVE|INT in \[")
                for line in text.splitlines():
                    self.assertLessEqual(len(line), 100, line)

    def test_the_overview(self):
        text = help_of()
        self.assertIn("Examples:", text)
        self.assertIn("Exit codes of check:", text)
        done = subprocess.run([PROGRAM, "help", "check"], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, help_of("check")))


if __name__ == "__main__":
    unittest.main()
