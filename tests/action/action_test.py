#!/usr/bin/env python3
"""Drives action.yml as a runner would: install from a release or the source, check, comment, verdict."""

import argparse
import hashlib
import io
import json
import pathlib
import platform
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

MANIFEST = """version: 1
defaults: {targets: [m4]}
models:
  - {name: classifier, path: examples/ImageClassifier.mlpackage, expect: full}
"""
FAILING = MANIFEST + "  - {name: trees, path: examples/ChurnTrees.mlmodel, expect: full}\n"


def release_name(version="9.9.9"):
    system = {"Linux": "linux", "Darwin": "macos"}[platform.system()]
    machine = {"aarch64": "arm64", "arm64": "arm64", "x86_64": "x86_64"}[platform.machine()]
    return f"anecompat-{version}-{system}-{machine}"


def archive():
    """A release of the program under test: a small script that runs it, since a debug build is large."""
    name = release_name()
    script = f'#!/bin/sh\nexec "{OPTIONS.program}" "$@"\n'.encode()
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        info = tarfile.TarInfo(f"{name}/anecompat")
        info.size = len(script)
        info.mode = 0o755
        tar.addfile(info, io.BytesIO(script))
    return data.getvalue()


class ActionTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix="anecompat action.")  # a space, as on real machines
        self.work = pathlib.Path(self.directory.name).resolve()
        self.workspace = self.work / "workspace"
        self.workspace.mkdir()
        (self.work / "temp").mkdir()
        (self.workspace / "examples").symlink_to(OPTIONS.root / "examples")
        self.write("anecompat.yml", MANIFEST)
        self.environment = runner.base_environment(self.work)
        self.archive = archive()
        self.sha256 = hashlib.sha256(self.archive).hexdigest()
        self.runs = 0

    def tearDown(self):
        self.directory.cleanup()

    def write(self, name, text):
        path = self.workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def release_files(self, **changes):
        base = "/v9.9.9/"
        contents = {
            base + release_name() + ".tar.gz": self.archive,
            base + "SHA256SUMS": f"{'0' * 64}  other.tar.gz\n{self.sha256}  {release_name()}.tar.gz\n".encode(),
        }
        contents.update({base + name: data for name, data in changes.items()})
        return {path: data for path, data in contents.items() if data is not None}

    def run_action(self, inputs, directory=None, github=None):
        self.runs += 1
        return runner.run_action(directory or OPTIONS.root, inputs, self.work / f"run-{self.runs}", self.workspace,
                                 self.environment, github)

    def run_released(self, inputs=None, contents=None, github=None):
        with servers.serving(servers.files(contents or self.release_files())) as server:
            run = self.run_action({"version": "v9.9.9", "release-url": server.url + "/", **(inputs or {})},
                                  github=github)
            run.requests = server.requests
        return run

    def test_a_check_that_passes(self):
        run = self.run_released()
        self.assertTrue(run.passed, run.log)
        self.assertEqual(run.outputs["passed"], "true")
        self.assertEqual(run.outputs["level"], "full")
        self.assertEqual(run.outputs["findings"], "0")
        self.assertEqual(run.outputs["exit-code"], "0")
        self.assertIn("Neural Engine compatibility", run.summary)
        self.assertTrue((self.workspace / run.outputs["report-json"]).is_file())
        self.assertTrue((self.workspace / run.outputs["report-junit"]).is_file())
        self.assertEqual(run.outputs["report-sarif"], "")
        self.assertTrue(pathlib.Path(run.outputs["binary"]).is_file())
        self.assertEqual(run.path, [str(pathlib.Path(run.outputs["binary"]).parent)])

    def test_a_check_that_fails(self):
        self.write("anecompat.yml", FAILING)
        run = self.run_released({"report-sarif": "out/a.sarif", "report-html": "out/a.html"})
        self.assertFalse(run.passed)
        self.assertEqual(run.failed_step, "verdict")
        self.assertEqual(run.steps["verdict"], 1)
        self.assertEqual(run.outputs["passed"], "false")
        self.assertEqual(run.outputs["level"], "none")
        self.assertEqual(run.outputs["findings"], "1")
        self.assertIn("::error file=anecompat.yml,line=5,title=expectation-not-met::", run.log)
        self.assertIn("expectation-not-met", run.summary)
        self.assertEqual(run.outputs["report-sarif"], "out/a.sarif")
        self.assertEqual(run.outputs["report-html"], "out/a.html")

    def test_fail_on(self):
        self.write("anecompat.yml", FAILING)
        self.assertTrue(self.run_released({"fail-on": "error"}).passed)
        self.assertTrue(self.run_released({"fail-on": "never"}).passed)
        self.write("anecompat.yml", MANIFEST.replace("ImageClassifier.mlpackage", "Missing.mlpackage"))
        run = self.run_released({"fail-on": "error"})
        self.assertEqual((run.passed, run.outputs["exit-code"], run.outputs["level"]), (False, "3", "unknown"))
        self.assertTrue(self.run_released({"fail-on": "never"}).passed)
        self.write("anecompat.yml", MANIFEST + "oops: 1\n")
        run = self.run_released({"fail-on": "never"})
        self.assertEqual((run.passed, run.outputs["exit-code"]), (False, "2"))
        run = self.run_released({"fail-on": "sometimes"})
        self.assertIn("fail-on: `sometimes` is none of", run.log)

    def test_inputs_reach_the_command(self):
        self.write("models/zoo.yml", FAILING.replace("examples/", "../examples/"))
        run = self.run_released({
            "manifest": "zoo.yml", "working-directory": "models", "targets": "m1, a16\nm4", "filter": "class*\nnone",
            "policy": "advisory", "evidence": "predicted", "shard": "1/1", "report-json": "deep/r.json"})
        self.assertTrue(run.passed, run.log)
        report = json.loads((self.workspace / "models/deep/r.json").read_text())
        self.assertEqual([entry["name"] for entry in report["entries"]], ["classifier"])
        self.assertEqual([each["target"] for each in report["entries"][0]["evaluations"]], ["h13", "h15", "h16"])
        self.assertEqual(report["policy"], "advisory")
        self.assertEqual(report["run"]["shard"], "1/1")

    def test_inputs_are_never_run(self):
        run = self.run_released({"filter": "$(touch hacked)`touch hacked`; touch hacked", "policy": "'; touch hacked"})
        self.assertEqual(run.outputs["exit-code"], "2")
        self.assertFalse(list(self.workspace.rglob("hacked")))

    def test_names_cannot_forge_outputs(self):
        self.write("anecompat.yml", FAILING.replace("trees", '"x\\",\\n  \\"totals\\": {\\n    \\"none\\": 0,"'))
        run = self.run_released()
        self.assertNotEqual(run.outputs["passed"], "true")
        self.write("anecompat.yml", FAILING.replace("trees", "'\"totals\": {\"none\": 0}'"))
        self.assertEqual(self.run_released().outputs["level"], "none")

    def test_setup_only(self):
        run = self.run_released({"setup-only": "true"})
        self.assertTrue(run.passed, run.log)
        self.assertEqual(set(run.steps), {"plan", "install"})
        self.assertIn("anecompat", run.outputs["binary"])

    def test_a_missing_manifest(self):
        run = self.run_released({"manifest": "gone.yml"})
        self.assertEqual((run.passed, run.failed_step), (False, "check"))
        self.assertIn("::error title=anecompat::there is no manifest gone.yml in", run.log)

    def test_a_pinned_sha256(self):
        self.assertTrue(self.run_released({"sha256": self.sha256.upper()}).passed)

    def test_a_wrong_sha256(self):
        run = self.run_released({"sha256": "0" * 64})
        self.assertEqual((run.passed, run.failed_step), (False, "install"))
        self.assertIn(f"has the SHA-256 {self.sha256}, and {'0' * 64} was expected", run.log)
        self.assertFalse(list((self.work / "tools").rglob("anecompat")) if (self.work / "tools").exists() else [])
        run = self.run_released(contents=self.release_files(
            SHA256SUMS=f"{'1' * 64}  {release_name()}.tar.gz\n".encode()))
        self.assertEqual((run.passed, run.failed_step), (False, "install"))
        run = self.run_released(contents=self.release_files(SHA256SUMS=None))
        self.assertIn("give the input sha256", run.log)
        self.assertIn("found 3", self.run_released({"sha256": "123"}).log)

    def test_a_second_run_comes_from_the_cache(self):
        self.assertTrue(self.run_released({"sha256": self.sha256}).passed)
        run = self.run_released({"sha256": self.sha256})
        self.assertTrue(run.passed)
        self.assertEqual(run.requests, [])
        self.assertIn("comes from the cache", run.log)

    def test_a_release_that_does_not_exist(self):
        run = self.run_released(contents={"/other": b""})
        self.assertIn("there is no release 9.9.9", run.log)
        self.assertEqual((run.passed, run.failed_step), (False, "install"))
        self.assertIn("is no version", self.run_released({"version": "1;id"}).log)

    def source(self):
        """The action's source with a `dev` that takes the program that is built already."""
        directory = self.work / "action source"
        shutil.copytree(OPTIONS.root / "scripts", directory / "scripts")
        for name in ("action.yml", "CMakeLists.txt"):
            shutil.copy(OPTIONS.root / name, directory / name)
        for name in ("cmake", "policies", "src"):
            (directory / name).mkdir()
            (directory / name / "file").write_text(name)
        (directory / "dev").write_text(
            '#!/bin/sh\nset -e\n[ "$*" = build ]\ncd "$(dirname "$0")"\nmkdir -p build/release/src\n'
            f'printf \'#!/bin/sh\\nexec "{OPTIONS.program}" "$@"\\n\' > build/release/src/anecompat\n'
            "chmod +x build/release/src/anecompat\n")
        (directory / "dev").chmod(0o755)
        return directory

    def test_builds_from_source_where_there_is_no_release(self):
        with servers.serving(servers.files({})) as server:
            run = self.run_action({"release-url": server.url}, self.source())
        self.assertTrue(run.passed, run.log)
        self.assertIn("building from source", run.log)
        self.assertEqual(run.outputs["passed"], "true")

    def test_a_local_action_has_no_releases(self):
        run = self.run_action({}, self.source())
        self.assertTrue(run.passed, run.log)
        self.assertTrue(self.run_action({"version": "source"}, self.source_again()).passed)

    def source_again(self):
        shutil.rmtree(self.work / "action source")
        shutil.rmtree(self.work / "tools")
        return self.source()

    def test_a_build_that_fails(self):
        directory = self.source()
        (directory / "dev").write_text("#!/bin/sh\necho no compiler >&2\nexit 2\n")
        run = self.run_action({"version": "source"}, directory)
        self.assertEqual((run.passed, run.failed_step), (False, "install"))
        self.assertIn("anecompat cannot be built here", run.log)

    # The released script reaches the API double only through --allow-loopback, so the event and
    # the API are tested through a program that adds it to `comment`.
    def commenting(self, github, inputs, event_name="pull_request", token="secret"):
        with servers.serving(github.answers) as api:
            wrapper = (f'#!/bin/sh\ncase $1 in comment) exec "{OPTIONS.program}" "$@" --allow-loopback ;; esac\n'
                       f'exec "{OPTIONS.program}" "$@"\n')
            program = self.work / "tools/anecompat"
            event = self.work / "event.json"
            event.write_text(json.dumps({"pull_request": {"number": 7}}))
            self.environment.update({"GITHUB_API_URL": api.url, "GITHUB_EVENT_NAME": event_name,
                                     "GITHUB_EVENT_PATH": str(event)})
            directory = self.work / "action source"
            if not directory.exists():
                self.source()
                (directory / "wrapper").write_text(wrapper)
                (directory / "dev").write_text('#!/bin/sh\nset -e\ncd "$(dirname "$0")"\nmkdir -p build/release/src\n'
                                               "cp wrapper build/release/src/anecompat\n")
            del program
            return self.run_action({"version": "source", "token": token, **inputs}, directory)

    def test_a_comment_that_is_kept_up_to_date(self):
        github = servers.GitHubDouble()
        run = self.commenting(github, {"comment": "on"})
        self.assertTrue(run.passed, run.log)
        self.assertEqual(len(github.comments), 1)
        self.write("anecompat.yml", FAILING)
        run = self.commenting(github, {"comment": "on"})
        self.assertEqual((run.passed, run.failed_step), (False, "verdict"), run.log)
        self.assertEqual(len(github.comments), 1)
        self.assertIn("expectation-not-met", github.comments[0]["body"])

    def test_a_comment_on_failure(self):
        github = servers.GitHubDouble()
        self.assertTrue(self.commenting(github, {"comment": "on-failure"}).passed)
        self.assertEqual(github.comments, [])
        self.write("anecompat.yml", FAILING)
        self.commenting(github, {"comment": "on-failure"})
        self.assertEqual(len(github.comments), 1)
        self.write("anecompat.yml", MANIFEST)
        self.commenting(github, {"comment": "on-failure"})
        self.assertIn("passed", github.comments[0]["body"].lower())

    def test_a_fork_whose_token_only_reads(self):
        github = servers.GitHubDouble(writable=False)
        run = self.commenting(github, {"comment": "on"})
        self.assertTrue(run.passed, run.log)
        self.assertIn("::warning title=anecompat::no comment on the pull request", run.log)
        self.assertIn("workflow_run", run.log)

    def test_a_fork_without_a_token(self):
        github = servers.GitHubDouble()
        run = self.commenting(github, {"comment": "on"}, token="")
        self.assertTrue(run.passed, run.log)
        self.assertIn("there is no token for GitHub", run.log)
        self.assertEqual(github.comments, [])

    def test_no_comment_on_a_push(self):
        github = servers.GitHubDouble()
        run = self.commenting(github, {"comment": "on"}, event_name="push")
        self.assertTrue(run.passed, run.log)
        self.assertEqual(github.comments, [])

    def git(self, *arguments, where=None):
        done = subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "protocol.file.allow=always", *arguments],
            cwd=where or self.work / "origin", check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, **files):
        origin = self.work / "origin"
        for name, text in files.items():
            (origin / name.replace("_", ".")).write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "a commit")
        return self.git("rev-parse", "HEAD")

    def pull_request(self, *clone):
        """A repository as a job of a pull request has it: the merge commit, checked out at depth 1. The pull request
        replaces the baseline. Returns the base as the merge has it, and an older one."""
        manifest = MANIFEST + "baseline: base.json\n"
        self.write("anecompat.yml", manifest)
        subprocess.run([OPTIONS.program, "baseline", "update", "anecompat.yml", "--reason", "first"],
                       cwd=self.workspace, check=True, capture_output=True)
        recorded = (self.workspace / "base.json").read_text()
        origin = self.work / "origin"
        shutil.rmtree(origin, ignore_errors=True)
        origin.mkdir()
        self.git("init", "-q", "-b", "main")
        old = self.commit(anecompat_yml=manifest)
        self.git("branch", "change")
        base = self.commit(base_json=recorded)
        self.git("checkout", "-q", "change")
        self.head = self.commit(base_json="what the pull request says does not count")
        self.git("checkout", "-q", "-b", "merge", "main")
        self.git("merge", "-q", "--no-ff", "-s", "ours", "-m", "merge", "change")
        self.merge_commit = self.commit_amended(base_json="what the pull request says does not count")
        shutil.rmtree(self.workspace)
        self.git("clone", "-q", *(clone or ("--depth=1",)), "-b", "merge", f"file://{origin}", str(self.workspace),
                 where=self.work)
        (self.workspace / "examples").symlink_to(OPTIONS.root / "examples")
        self.environment.update({"GITHUB_EVENT_NAME": "pull_request", "GITHUB_BASE_REF": "main",
                                 "GITHUB_SHA": self.merge_commit})
        return base, old

    def commit_amended(self, **files):
        for name, text in files.items():
            (self.work / "origin" / name.replace("_", ".")).write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "--amend", "--no-edit")
        return self.git("rev-parse", "HEAD")

    def event(self, base):
        return {"event": {"pull_request": {"base": {"sha": base}}}}

    def test_the_baseline_is_that_of_the_commit_that_was_merged_with(self):
        base, old = self.pull_request()
        run = self.run_released(github=self.event(old))
        self.assertTrue(run.passed, run.log)
        self.assertIn(f"comparing with base.json as the base commit {base} has it", run.log)
        report = json.loads((self.workspace / run.outputs["report-json"]).read_text())
        self.assertEqual(report["baseline"], f"{base}:./base.json")
        self.assertEqual(self.run_released({"baseline": "manifest"}, github=self.event(old)).outputs["exit-code"], "2")

    def test_the_base_of_the_event_counts_where_the_head_is_checked_out(self):
        base, _ = self.pull_request()
        self.git("fetch", "-q", "--depth=1", "origin", self.head, where=self.workspace)
        self.git("checkout", "-q", self.head, where=self.workspace)
        run = self.run_released(github=self.event(base))
        self.assertTrue(run.passed, run.log)
        self.assertIn(f"comparing with base.json as the base commit {base} has it", run.log)

    def test_the_base_of_a_merge_queue(self):
        base, _ = self.pull_request()
        self.environment.update({"GITHUB_EVENT_NAME": "merge_group", "GITHUB_SHA": "0" * 40})
        run = self.run_released(github={"event": {"merge_group": {"base_sha": base}}})
        self.assertTrue(run.passed, run.log)
        self.assertIn(f"as the base commit {base} has it", run.log)

    def test_a_base_that_cannot_be_fetched(self):
        base, old = self.pull_request()
        (self.workspace / "base.json").unlink()
        shutil.rmtree(self.work / "origin")
        run = self.run_released(github=self.event(old))
        self.assertIn("::warning title=anecompat::cannot fetch the base commit", run.log)
        self.assertIn(f"git fetch --no-tags --depth=1 origin {base}", run.log)
        self.assertIn("baseline-missing", run.log)

    def test_a_base_without_a_baseline(self):
        _, old = self.pull_request()
        (self.workspace / "base.json").unlink()
        self.environment["GITHUB_SHA"] = "0" * 40
        run = self.run_released(github=self.event(old))
        self.assertIn(f"the base commit {old} has no base.json", run.log)

    def test_a_complete_clone_stays_complete(self):
        base, old = self.pull_request("--single-branch")
        self.git("checkout", "-q", "--orphan", "alone", where=self.workspace)
        self.git("commit", "-qm", "alone", where=self.workspace)
        self.environment["GITHUB_SHA"] = "0" * 40
        later = self.commit(other="x")
        run = self.run_released(github=self.event(later))
        self.assertIn(f"the base commit {later}", run.log)
        self.assertEqual(self.git("rev-parse", "--is-shallow-repository", where=self.workspace), "false")
        self.assertEqual(self.git("cat-file", "-t", later, where=self.workspace), "commit")

    def test_no_base_on_a_push(self):
        self.pull_request()
        (self.workspace / "base.json").unlink()
        run = self.run_released()
        self.assertNotIn("base commit", run.log)

    def test_shards_are_merged_against_the_same_baseline(self):
        base, old = self.pull_request()
        manifest = (self.workspace / "anecompat.yml")
        manifest.write_text(manifest.read_text().replace(
            "models:\n", "models:\n  - {name: trees, path: examples/ChurnTrees.mlmodel, expect: full}\n"))
        for index in (1, 2):
            run = self.run_released({"shard": f"{index}/2", "fail-on": "never",
                                     "report-json": f"shards/report-{index}.json"}, github=self.event(old))
            self.assertTrue(run.passed, run.log)
        run = self.run_released({"merge": "shards/report-*.json", "report-sarif": "out.sarif"},
                                github=self.event(old))
        self.assertEqual((run.passed, run.outputs["exit-code"], run.outputs["level"]), (False, "1", "none"), run.log)
        report = json.loads((self.workspace / run.outputs["report-json"]).read_text())
        self.assertEqual(len(report["entries"]), 2)
        self.assertEqual(report["baseline"], f"{base}:./base.json")
        self.assertIn("expectation-not-met", run.summary)
        self.assertEqual(run.outputs["report-sarif"], "out.sarif")

    def test_reports_to_merge_that_are_not_there(self):
        run = self.run_released({"merge": "shards/*.json"})
        self.assertEqual((run.passed, run.failed_step), (False, "check"))
        self.assertIn("merge: there is no shards/*.json in", run.log)

    def test_releases_are_those_of_the_repository_the_action_is_from(self):
        # The runner's place for actions: _actions/OWNER/NAME/REF, and a ref can have slashes.
        directory = self.work / "_actions/some-owner/anecompat/fix/x"
        directory.parent.mkdir(parents=True)
        shutil.copytree(self.source(), directory)
        with servers.serving(servers.files({})) as server:
            self.environment["GITHUB_SERVER_URL"] = server.url
            run = self.run_action({}, directory)
            version = subprocess.run([OPTIONS.program, "--version"], capture_output=True, text=True,
                                     check=True).stdout.split()[1]
            self.assertEqual([path.split("/releases/")[0] for _, path in server.requests], ["/some-owner/anecompat"])
            self.assertIn(f"/download/v{version}/", server.requests[0][1])
        self.assertTrue(run.passed, run.log)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--root", required=True, type=pathlib.Path)
    OPTIONS, rest = parser.parse_known_args()
    OPTIONS.program = OPTIONS.program.resolve()
    OPTIONS.root = OPTIONS.root.resolve()
    unittest.main(argv=[sys.argv[0], *rest])
