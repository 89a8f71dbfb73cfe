#!/usr/bin/env python3
"""What actionlint does not look at: action.yml, pins, permissions, scripts that hold expressions."""

import pathlib
import re
import sys
import unittest

try:
    import yaml
except ImportError:
    print("skipped: PyYAML is missing")
    sys.exit(77)

ROOT = pathlib.Path(sys.argv.pop(1)).resolve()
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
WORKFLOWS = sorted([*ROOT.glob(".github/workflows/*.yml"), *ROOT.glob("examples/workflows/*.yml")])
STEP_KEYS = {"name", "id", "if", "run", "env", "continue-on-error", "working-directory", "shell", "uses", "with"}


def steps():
    for path in WORKFLOWS:
        for name, job in yaml.safe_load(path.read_text())["jobs"].items():
            for step in job["steps"]:
                yield f"{path.name}: {name}", step
    for step in ACTION["runs"]["steps"]:
        yield "action.yml", step


class WorkflowsTest(unittest.TestCase):
    def test_actions_of_others_are_pinned_by_commit(self):
        for where, step in steps():
            uses = step.get("uses", "")
            if uses and not uses.startswith(("./", "OWNER/anecompat@")):
                self.assertRegex(uses, r"^[\w.-]+/[\w./-]+@[0-9a-f]{40}$", where)

    def test_pins_name_their_version(self):
        for path in [*WORKFLOWS, ROOT / "action.yml"]:
            for line in path.read_text().splitlines():
                if re.search(r"uses: .*@[0-9a-f]{40}", line):
                    self.assertRegex(line, r"# v\d+\.\d+\.\d+$", path.name)

    def test_one_version_of_each_action(self):
        versions = {}
        for _, step in steps():
            name, _, version = step.get("uses", "").partition("@")
            versions.setdefault(name, set()).add(version)
        for name, found in versions.items():
            self.assertEqual(len(found), 1, name)

    def test_scripts_hold_no_expressions(self):
        for where, step in steps():
            self.assertNotIn("${{", step.get("run", ""), where)

    def test_checkouts_keep_no_credentials(self):
        for where, step in steps():
            if step.get("uses", "").startswith("actions/checkout@"):
                self.assertIs(step["with"]["persist-credentials"], False, where)

    def test_every_workflow_starts_with_reading_only(self):
        writing = {"comment-fork-safe.yml": {"pull-requests"}}
        for path in WORKFLOWS:
            permissions = yaml.safe_load(path.read_text())["permissions"]
            self.assertEqual({name for name, level in permissions.items() if level == "write"},
                             writing.get(path.name, set()), path.name)

    def test_every_job_has_an_end(self):
        for path in WORKFLOWS:
            for name, job in yaml.safe_load(path.read_text())["jobs"].items():
                self.assertIn("timeout-minutes", job, f"{path.name}: {name}")

    def test_action_inputs_and_outputs(self):
        for name, declared in {**ACTION["inputs"], **ACTION["outputs"]}.items():
            self.assertTrue(declared["description"], name)
        text = (ROOT / "action.yml").read_text()
        for name in ACTION["inputs"]:
            self.assertRegex(text, rf"inputs\.{name}\b", f"{name} is not used")
        for name in re.findall(r"inputs\.([\w-]+)", text):
            self.assertIn(name, ACTION["inputs"])
        for step in ACTION["runs"]["steps"]:
            self.assertLessEqual(set(step), STEP_KEYS)
            if "run" in step:
                self.assertEqual(step["shell"], "bash")

    def test_examples_use_inputs_that_exist(self):
        for where, step in steps():
            if step.get("uses", "").startswith(("OWNER/anecompat@", "./")):
                self.assertLessEqual(set(step.get("with", {})), set(ACTION["inputs"]), where)

    def test_examples_name_this_action_in_one_way(self):
        version = re.search(r"^project\(anecompat VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text(), re.M).group(1)
        pages = [ROOT / "README.md", *ROOT.glob("docs/*.md"), *ROOT.glob("examples/**/*.md"), *ROOT.glob("packaging/**/*.*"),
                 *ROOT.glob("examples/workflows/*.yml")]
        uses = 0
        for path in pages:
            text = path.read_text()
            for name, reference in re.findall(r"uses: ([\w.-]+/anecompat)@([^\s#]+)", text):
                uses += 1
                self.assertEqual(name, "OWNER/anecompat", path.name)
                self.assertIn(reference, (f"v{version}", "<40"), path.name)
            for name in re.findall(r"(?:github\.com/|--repo )([\w.-]+/anecompat)", text):
                self.assertEqual(name, "OWNER/anecompat", path.name)
            for revision in re.findall(r"rev: (\S+)", text):
                self.assertEqual(revision, f"v{version}", path.name)
        self.assertGreater(uses, 5)
        for page in (ROOT / "README.md", ROOT / "docs/action.md"):
            self.assertRegex(page.read_text(), r"`OWNER` is ", f"{page.name} does not say who OWNER is")

    def test_every_input_is_documented(self):
        text = (ROOT / "docs/action.md").read_text()
        for name in [*ACTION["inputs"], *ACTION["outputs"]]:
            self.assertIn(f"`{name}`", text)

    def test_scripts_are_for_the_bash_of_macos(self):
        newer = re.compile(r"declare -A|mapfile|readarray|\$\{\w+(,,|\^\^)|&>>|\|&|local -n|\$\{\w+@")
        for path in ROOT.glob("scripts/action/*.sh"):
            self.assertIsNone(newer.search(path.read_text()), path.name)

    def test_the_pre_commit_hook_starts_for_models(self):
        hook, = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
        for path in ("a.mlmodel", "d/a.mlpackage/Manifest.json", "a.mlmodelc/model.mil", "anecompat.yml",
                     "models/anecompat.baseline.json"):
            self.assertRegex(path, hook["files"])
        for path in ("README.md", "src/main.cpp", "a.mlmodel.txt"):
            self.assertNotRegex(path, hook["files"])


if __name__ == "__main__":
    unittest.main()
