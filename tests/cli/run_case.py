#!/usr/bin/env python3
"""Runs one golden case of the command line and compares what it did with what the case expects.

A case file holds lines of `key: value`, then a line of dashes, then the transcript expected:

  setup: COMMAND   a shell command run before (repeatable; must succeed)
  env: NAME=VALUE  set for the commands (repeatable)
  run: COMMAND     a shell command whose exit code, standard output and standard error are recorded
                   (repeatable)
  file: PATH       a file whose contents are recorded afterwards, "(absent)" when there is none
                   (repeatable)
  ignore: stderr   standard error is not recorded
  only: Linux      what the program answers depends on the host; the case is skipped on others

Commands run in bash, in an empty directory that holds a link to `examples`; `anecompat`
is the program. What differs from run to run (times, versions, this host) is replaced.
With ANECOMPAT_UPDATE_GOLDEN=1 the transcript is written instead of compared.
"""

import argparse
import difflib
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile

SEPARATOR = "-" * 40
SKIPPED = 77  # as CMakeLists.txt tells CTest

NORMALISATIONS = [
    (r"anecompat \d+\.\d+\.\d+( \(commit [0-9a-f]+\))?, built with .*", "anecompat VERSION, built with COMPILER"),
    (r'("version": )"\d+\.\d+\.\d+"', r'\1"VERSION"'),
    (r'("commit": )(null|"[0-9a-f]*")', r'\1"COMMIT"'),
    (r'("(?:started|os|build|arch|chip)": )(null|"[^"]*")', r'\1"…"'),
    (r'("(?:vm|ane)": )(?:true|false)', r"\1…"),
    (r'("duration[a-z_]*": )[0-9.e+-]+', r"\1…"),
    (r'(time|timestamp|hostname)="[^"]*"', r'\1="…"'),
    (r'(<property name="(?:host|os|version|tool|chip|build|commit|arch|vm|ane)[^"]*" value=)"[^"]*"', r'\1"…"'),
    (r"\b\d+(\.\d+)? (ms|µs|s)\b", "TIME"),
    (r"anecompat(\S*) \d+\.\d+\.\d+", r"anecompat\1 VERSION"),
    (r"this host \(.*?, (?:x86_64|arm64)\)", "this host (…)"),
    (r"\[\[\d+,\d+\](?:,\s*\[\d+,\d+\])*\]", "[…]"),
    (r"[^·|\"<>\n]* (?:x86_64|arm64),(?: no ANE| VM| ANE)*", " HOST"),
    (r"<sub>anecompat .*</sub>", "<sub>anecompat …</sub>"),
    (r"is a virtual machine, which gets no ANE|has no ANE", "has no ANE"),
]


class Case:
    def __init__(self, path):
        self.path = path
        self.steps = {"setup": [], "env": [], "run": [], "file": [], "ignore": [], "only": []}
        head, _, self.expected = path.read_text(encoding="utf-8").partition(SEPARATOR + "\n")
        self.head = head
        for line in head.splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            key, colon, value = line.partition(":")
            if not colon or key not in self.steps:
                sys.exit(f"{path}: what is `{line}`?")
            self.steps[key].append(value.strip())
        if not self.steps["run"]:
            sys.exit(f"{path}: nothing to run")


def environment(case, program, work):
    keep = {"HOME": str(work), "LANG": "C.UTF-8", "TMPDIR": str(work)}
    keep["PATH"] = f"{program.parent}:{os.environ.get('PATH', '')}"
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
        if name in os.environ:
            keep[name] = os.environ[name]
    for setting in case.steps["env"]:
        name, _, value = setting.partition("=")
        keep[name] = value.replace("$WORK", str(work))
    return keep


def normalise(text, work):
    text = text.replace(str(work), "WORK")
    for pattern, replacement in NORMALISATIONS:
        text = re.sub(pattern, replacement, text)
    # Escape sequences are written visibly: this file is for people.
    return text.replace("\x1b", "<ESC>")


def block(title, text):
    if not text:
        return ""
    body = "".join(f"| {line}\n" for line in text.splitlines())
    return f"{title}:\n{body}"


def transcript(case, program, root):
    with tempfile.TemporaryDirectory(prefix="anecompat-cli.") as directory:
        work = pathlib.Path(directory).resolve()
        (work / "examples").symlink_to(root / "examples")
        variables = environment(case, program, work)

        def shell(command):
            return subprocess.run(["bash", "-c", command], cwd=work, env=variables, timeout=110,
                                  stdin=subprocess.DEVNULL, capture_output=True, check=False)

        for command in case.steps["setup"]:
            done = shell(command)
            if done.returncode != 0:
                sys.exit(f"{case.path}: setup `{command}` failed: {done.stderr.decode()}")
        out = ""
        for command in case.steps["run"]:
            done = shell(command)
            out += f"$ {command}\nexit {done.returncode}\n"
            out += block("stdout", normalise(done.stdout.decode("utf-8", "backslashreplace"), work))
            if "stderr" not in case.steps["ignore"]:
                out += block("stderr", normalise(done.stderr.decode("utf-8", "backslashreplace"), work))
        for name in case.steps["file"]:
            path = work / name
            if path.is_file():
                contents = path.read_bytes().decode("utf-8", "backslashreplace")
                out += block(f"file {name}", normalise(contents, work) or "(empty)")
            else:
                out += f"file {name}: (absent)\n"
        return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--root", required=True, type=pathlib.Path)
    parser.add_argument("case", type=pathlib.Path)
    arguments = parser.parse_args()
    case = Case(arguments.case)
    if case.steps["only"] and platform.system() not in case.steps["only"]:
        print(f"skipped: only for {', '.join(case.steps['only'])}")
        return SKIPPED
    got = transcript(case, arguments.program.resolve(), arguments.root.resolve())
    if os.environ.get("ANECOMPAT_UPDATE_GOLDEN"):
        case.path.write_text(case.head + SEPARATOR + "\n" + got, encoding="utf-8")
        return 0
    if got == case.expected:
        return 0
    sys.stdout.writelines(difflib.unified_diff(case.expected.splitlines(True), got.splitlines(True),
                                               "expected", "got"))
    return 1


if __name__ == "__main__":
    sys.exit(main())
