#!/usr/bin/env python3
"""A thousand models in eight shards: the merged report is that of an unsharded run, but for `run`."""

import argparse
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unittest

OPTIONS = None
COUNT = 1000
SHARDS = 8
MODELS = ["ImageClassifier.mlpackage", "ImageClassifierFp32.mlpackage", "KeywordSpotter.mlpackage", "Segmenter.mlpackage",
          "SceneClassifier.mlmodel", "FaceMatcher.mlmodel", "ChurnTrees.mlmodel", "Missing.mlmodel"]


def manifest():
    """Some models fail, some cannot be read; suppressions apply in one shard, in several, in none, or not any more."""
    lines = ["version: 1", "defaults: {targets: [m4]}", "models:"]
    for number in range(COUNT):
        model = MODELS[number % len(MODELS)] if number % 97 else "Missing.mlmodel"
        expect = ["full", "any", "at-least-partial"][number % 3]
        budget = ", budgets: {min_ane_share: 0.88889}" if number % 5 == 0 else ""
        lines.append(f"  - {{name: model-{number}, path: examples/{model}, expect: {expect}{budget}}}")
    tail = 'reason: r, owner: "@o"'
    lines += [
        "suppressions:",
        f"  - {{rule: expectation-not-met, model: 'model-1*', {tail}, expires: 2999-01-01}}",
        f"  - {{rule: expectation-not-met, model: model-3, {tail}, expires: 2999-01-01}}",
        f"  - {{rule: expectation-not-met, model: model-8, {tail}, expires: 2999-01-01}}",
        f"  - {{rule: budget-exceeded, model: 'nothing-*', {tail}, expires: 2999-01-01}}",
        f"  - {{rule: expectation-not-met, model: model-9, {tail}, expires: 2001-01-01}}",
    ]
    return "\n".join(lines) + "\n"


POLICY = """version: 1
description: everything there is, as a finding
extends: pre-merge
rules: {improved: error, baseline-stale: warning, baseline-missing: error, new-ineligible-op: error}
"""


def recorded_manifest():
    """What the baseline records: some models were others then, some are new since, some are gone."""
    head, entries = manifest().split("\nsuppressions:")[0].split("models:\n")
    lines = entries.split("\n")
    for number in range(0, len(lines), 11):
        lines[number] = re.sub(r"examples/[^,]+", f"examples/{MODELS[(number + 1) % 7]}", lines[number])
    kept = [line for number, line in enumerate(lines) if number % 13 != 5]
    return head + "\n".join(["models:", *kept, "  - {name: gone, path: examples/Segmenter.mlpackage, expect: any}"]) + "\n"


def without_run(text):
    return re.sub(r'^  "run": \{.*?^  \},\n', "", text, count=1, flags=re.MULTILINE | re.DOTALL)


class ShardingTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory(prefix="anecompat-shards.")
        cls.work = pathlib.Path(cls.directory.name).resolve()
        (cls.work / "examples").symlink_to(OPTIONS.root / "examples")
        (cls.work / "m.yml").write_text(manifest())
        cls.code = cls.check("whole.json")
        cls.matrix = json.loads(cls.anecompat("shards", "m.yml", "--count", str(SHARDS)).stdout)
        for row in cls.matrix["include"]:
            cls.check(f"shard-{row['index']}.json", "--shard", row["shard"])

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    @classmethod
    def anecompat(cls, *arguments):
        return subprocess.run([OPTIONS.program, *arguments], cwd=cls.work, capture_output=True, text=True, check=False)

    @classmethod
    def check(cls, output, *arguments):
        done = cls.anecompat("check", "m.yml", "--quiet", "--report", f"json={output}", *arguments)
        assert done.returncode in (0, 1, 3), done.stderr
        return done.returncode

    def shards(self):
        return [f"shard-{index}.json" for index in range(1, SHARDS + 1)]

    def merge(self, reports, *arguments):
        return self.anecompat("merge", *reports, "-o", "merged.json", "--report", "junit=merged.xml", *arguments)

    def test_the_matrix_covers_everything_about_evenly(self):
        include = self.matrix["include"]
        self.assertEqual([row["shard"] for row in include], [f"{index}/{SHARDS}" for index in range(1, SHARDS + 1)])
        self.assertEqual(sum(row["models"] for row in include), COUNT)
        self.assertLess(max(row["models"] for row in include), 1.3 * COUNT / SHARDS)

    def test_merged_is_the_unsharded_report_byte_for_byte(self):
        reports = self.shards()
        random.Random(1).shuffle(reports)
        done = self.merge(reports)
        self.assertEqual(done.returncode, self.code, done.stderr)
        whole = (self.work / "whole.json").read_text()
        merged = (self.work / "merged.json").read_text()
        self.assertNotEqual(without_run(whole), whole)
        self.assertTrue(without_run(merged) == without_run(whole), "the reports differ")
        self.assertEqual(len(json.loads(merged)["entries"]), COUNT)
        rules = [finding["rule"] for finding in json.loads(merged)["findings"]]
        self.assertIn("suppression-unused", rules)
        self.assertIn("suppression-expired", rules)

    def test_merged_is_the_unsharded_report_with_a_baseline_and_a_policy_of_its_own(self):
        (self.work / "policy.yml").write_text(POLICY)
        (self.work / "recorded.yml").write_text(recorded_manifest())
        recorded = self.anecompat("baseline", "update", "recorded.yml", "--baseline", "base.json", "--reason", "first")
        self.assertIn(recorded.returncode, (0, 3), recorded.stderr)
        common = ("--baseline", "base.json", "--policy", "policy.yml")
        code = self.check("whole-judged.json", *common)
        names = []
        for row in self.matrix["include"]:
            names.append(f"judged-{row['index']}.json")
            self.check(names[-1], "--shard", row["shard"], *common)
        done = self.merge(names, *common)
        self.assertEqual(done.returncode, code, done.stderr)
        whole = (self.work / "whole-judged.json").read_text()
        self.assertTrue(without_run((self.work / "merged.json").read_text()) == without_run(whole), "the reports differ")
        report = json.loads(whole)
        rules = {finding["rule"] for entry in report["entries"] for finding in entry["findings"]}
        rules |= {finding["rule"] for finding in report["findings"]}
        self.assertGreaterEqual(rules, {"level-regressed", "ops-left-ane", "improved", "baseline-missing", "baseline-stale",
                                        "suppression-unused", "suppression-expired", "expectation-not-met",
                                        "budget-exceeded", "evaluation-failed"})
        self.assertIn("gone", json.dumps(report["findings"]))

        done = self.merge(names, "--policy", "policy.yml")
        self.assertEqual(done.returncode, 2)
        self.assertIn("the shards were compared with base.json, this is no baseline", done.stderr)
        done = self.merge(names[:-1] + ["shard-8.json"], *common)
        self.assertEqual(done.returncode, 2)
        self.assertIn("shard-8.json: is of another run: its policy is", done.stderr)

    def test_a_missing_shard(self):
        done = self.merge(self.shards()[:4] + self.shards()[5:])
        self.assertEqual(done.returncode, 2)
        self.assertIn("the report of shard 5/8 is missing", done.stderr)

    def test_a_shard_twice(self):
        done = self.merge(self.shards() + ["shard-3.json"])
        self.assertEqual(done.returncode, 2)
        self.assertIn("shard-3.json: is shard 3/8, and so is shard-3.json", done.stderr)

    def test_the_shard_of_another_plan(self):
        self.check("foreign.json", "--shard", "3/8", "--filter", "model-[1-9]*")
        done = self.merge([name for name in self.shards() if name != "shard-3.json"] + ["foreign.json"])
        self.assertEqual(done.returncode, 2)
        self.assertIn("foreign.json: is of another run: its plan is", done.stderr)

    def test_another_manifest(self):
        (self.work / "other.yml").write_text(manifest() + "# changed\n")
        done = self.merge(self.shards(), "--manifest", "other.yml")
        self.assertEqual(done.returncode, 2)
        self.assertIn("other.yml: is not the manifest the shards were checked with", done.stderr)

    def test_another_policy(self):
        done = self.merge(self.shards(), "--policy", "strict")
        self.assertEqual(done.returncode, 2)
        self.assertIn("the shards were judged by policy pre-merge", done.stderr)

    def test_an_unsharded_report(self):
        done = self.merge(["whole.json"])
        self.assertEqual(done.returncode, 2)
        self.assertIn("whole.json: is not the report of a shard", done.stderr)

    def test_balanced_by_run_times(self):
        arguments = ("shards", "m.yml", "--count", "4", "--from", "whole.json")
        first = self.anecompat(*arguments)
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assertEqual(first.stdout, self.anecompat(*arguments).stdout)
        rows = json.loads(first.stdout)["include"]
        for row in rows:
            self.check(f"timed-{row['index']}.json", "--shard", row["shard"], "--shards-from", "whole.json")
            report = json.loads((self.work / f"timed-{row['index']}.json").read_text())
            self.assertEqual(len(report["entries"]), row["models"])
        done = self.merge([f"timed-{row['index']}.json" for row in rows])
        self.assertEqual(done.returncode, self.code, done.stderr)
        self.assertTrue(without_run((self.work / "merged.json").read_text())
                        == without_run((self.work / "whole.json").read_text()), "the reports differ")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--root", required=True, type=pathlib.Path)
    OPTIONS, rest = parser.parse_known_args()
    OPTIONS.program = OPTIONS.program.resolve()
    OPTIONS.root = OPTIONS.root.resolve()
    unittest.main(argv=[sys.argv[0], *rest])
