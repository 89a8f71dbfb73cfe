"""Runs against the built library: CMakeLists.txt says where everything is."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

import anecompat

EXAMPLES = pathlib.Path(os.environ["ANECOMPAT_EXAMPLES"])
TREES = EXAMPLES / "ChurnTrees.mlmodel"
CLASSIFIER = EXAMPLES / "ImageClassifier.mlpackage"


class FakeSpec:
    def __init__(self, kind):
        self.kind = kind

    def WhichOneof(self, group):
        assert group == "Type"
        return self.kind


class FakeModel:
    """What this module needs of a coremltools MLModel: a specification, and saving."""

    def __init__(self, source, kind):
        self.source = source
        self.kind = kind
        self.saved_to = None

    def get_spec(self):
        return FakeSpec(self.kind)

    def save(self, path):
        self.saved_to = path
        if self.source.is_dir():
            shutil.copytree(self.source, path)
        else:
            shutil.copyfile(self.source, path)


def in_fresh_python(code, **environment):
    """Output and error output of code in an interpreter that has not loaded the library yet."""
    return subprocess.run([sys.executable, "-B", "-c", code], env={**os.environ, **environment},
                          capture_output=True, text=True, timeout=60)


class LevelTest(unittest.TestCase):
    def test_a_path_may_be_text_or_a_path(self):
        for path in (str(TREES), TREES):
            self.assertIs(anecompat.test_ane_compatibility_coreml_model(path), anecompat.Level.NONE)

    def test_levels_are_the_numbers_of_the_original(self):
        self.assertEqual(anecompat.test_ane_compatibility_coreml_model(TREES), 2)

    def test_it_agrees_with_evaluate(self):
        for model in sorted(EXAMPLES.glob("*.ml*")):
            level = anecompat.test_ane_compatibility_coreml_model(model)
            self.assertEqual(level.name.lower(),
                             anecompat.evaluate(model)["evaluations"][0]["level"], model)

    def test_a_model_that_cannot_be_read_raises(self):
        with self.assertRaisesRegex(anecompat.EvaluationError, "cannot be read") as caught:
            anecompat.test_ane_compatibility_coreml_model("no such.mlmodel")
        self.assertEqual((caught.exception.kind, caught.exception.code), ("read", 3))

    def test_the_log_directory_is_filled(self):
        with tempfile.TemporaryDirectory() as directory:
            log = pathlib.Path(directory) / "log"
            anecompat.test_ane_compatibility_coreml_model(TREES, log)
            self.assertEqual(sorted(path.name for path in log.iterdir()), ["level.log", "report.json"])
            self.assertTrue((log / "level.log").read_text().startswith("none\n"))

    def test_other_types_are_refused(self):
        for wrong in (None, 7, object(), ["a.mlmodel"]):
            with self.assertRaisesRegex(TypeError, "coremltools MLModel"):
                anecompat.test_ane_compatibility_coreml_model(wrong)

    def test_impossible_paths_are_refused(self):
        for wrong in ("", "a\0b"):
            with self.assertRaises(ValueError):
                anecompat.evaluate(wrong)


class ModelInMemoryTest(unittest.TestCase):
    def test_a_program_is_saved_as_a_package(self):
        model = FakeModel(CLASSIFIER, "mlProgram")
        result = anecompat.evaluate(model)
        self.assertEqual(result["type"], "mlProgram")
        self.assertTrue(model.saved_to.endswith(".mlpackage"))

    def test_another_model_is_saved_as_a_file(self):
        model = FakeModel(TREES, "treeEnsembleClassifier")
        self.assertIs(anecompat.test_ane_compatibility_coreml_model(model), anecompat.Level.NONE)
        self.assertTrue(model.saved_to.endswith(".mlmodel"))

    def test_what_was_saved_is_removed(self):
        model = FakeModel(CLASSIFIER, "mlProgram")
        anecompat.evaluate(model)
        self.assertFalse(os.path.exists(os.path.dirname(model.saved_to)))


class EvaluateTest(unittest.TestCase):
    def test_the_result_is_an_entry_of_a_report(self):
        result = anecompat.evaluate(CLASSIFIER, targets=["m1", "a17pro"], evidence="predicted")
        self.assertEqual(result["name"], "ImageClassifier")
        self.assertEqual([each["target"] for each in result["evaluations"]], ["h13", "h16"])
        self.assertEqual({each["evidence"] for each in result["evaluations"]}, {"predicted"})
        self.assertGreater(len(result["evaluations"][0]["ops"]), 0)

    def test_another_process_gives_the_same(self):
        self.assertEqual(anecompat.evaluate(CLASSIFIER, isolate=True)["evaluations"],
                         anecompat.evaluate(CLASSIFIER)["evaluations"])

    def test_a_model_that_cannot_be_read_is_an_answer(self):
        evaluation = anecompat.evaluate("no such.mlmodel")["evaluations"][0]
        self.assertEqual(evaluation["error"]["kind"], "not-found")
        self.assertEqual(evaluation["level"], "unknown")

    def test_wrong_options_say_what_was_meant(self):
        with self.assertRaisesRegex(anecompat.EvaluationError, 'did you mean "targets"') as caught:
            anecompat.evaluate(TREES, target=["m1"])
        self.assertEqual(caught.exception.kind, "usage")

    def test_options_must_be_plain(self):
        with self.assertRaisesRegex(TypeError, "plain values"):
            anecompat.evaluate(TREES, targets={1: object()})

    @unittest.skipIf(sys.platform == "darwin", "needs a host without an ANE")
    def test_what_cannot_be_measured_is_unknown_with_the_reason(self):
        evaluation = anecompat.evaluate(TREES, evidence="measured", program=sys.executable)["evaluations"][0]
        self.assertEqual(evaluation["level"], "unknown")
        self.assertEqual(evaluation["reason"]["code"], "no-ane-host")

    def test_threads_may_share_the_library(self):
        levels = []

        def work():
            levels.append(anecompat.evaluate(TREES)["evaluations"][0]["level"])

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(levels, ["none"] * 8)


class LibraryTest(unittest.TestCase):
    def test_versions(self):
        self.assertEqual(anecompat.api_version(), 1)
        self.assertRegex(anecompat.version(), r"^\d+\.\d+\.\d+$")

    def test_a_named_library_that_is_not_there(self):
        done = in_fresh_python("import anecompat; anecompat.version()",
                               ANECOMPAT_LIBRARY="/no/such/library.so")
        self.assertIn("LibraryNotFound: cannot load libANECompat: /no/such/library.so", done.stderr)
        self.assertIn("set ANECOMPAT_LIBRARY", done.stderr)

    def test_a_library_that_is_another_one(self):
        import ctypes.util
        other = ctypes.util.find_library("c")
        done = in_fresh_python("import anecompat; anecompat.version()", ANECOMPAT_LIBRARY=other)
        self.assertIn("LibraryNotFound", done.stderr)

    def test_the_library_beside_the_module_is_found(self):
        with tempfile.TemporaryDirectory() as directory:
            shutil.copy(anecompat.__file__, directory)
            name = "libANECompat.dylib" if sys.platform == "darwin" else "libANECompat.so"
            shutil.copy(os.environ["ANECOMPAT_LIBRARY"], os.path.join(directory, name))
            done = in_fresh_python("import anecompat; print(anecompat.version(), anecompat.__file__)",
                                   ANECOMPAT_LIBRARY="", PYTHONPATH=directory)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(directory, done.stdout)

    def test_importing_needs_no_library(self):
        done = in_fresh_python("import anecompat; print(anecompat.Level.FULL)",
                               ANECOMPAT_LIBRARY="/no/such/library.so")
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
