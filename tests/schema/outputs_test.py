"""What the program writes is valid by the schemas it prints.

outputs_test.py PROGRAM SOURCE_DIR; exits 77 (skipped) without jsonschema.
"""

import copy
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError as error:
    print(f"skipped: {error}; apt-get install python3-jsonschema")
    sys.exit(77)

PROGRAM, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])


def run(*arguments, cwd=SOURCE, codes=(0, 1)):
    done = subprocess.run([PROGRAM, *arguments], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode in codes, f"{arguments}: exit {done.returncode}\n{done.stderr}"
    return done.stdout


def validator(name):
    schema = json.loads(run("schema", name))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def refuses(checker, document, change):
    broken = copy.deepcopy(document)
    change(broken)
    assert not checker.is_valid(broken), "the schema takes a broken document"


def check_report(work):
    checker = validator("report")
    for manifest in ("examples/anecompat.yml", "examples/regression/anecompat.yml"):
        run("check", manifest, "--report", f"json={work}/report.json")
        report = json.loads((work / "report.json").read_text())
        checker.validate(report)
    assert report["entries"][0]["evaluations"][0]["comparison"]["changes"], "nothing was compared"
    refuses(checker, report, lambda r: r.update(schema=2))
    refuses(checker, report, lambda r: r["entries"][0]["evaluations"][0].update(level="good"))
    refuses(checker, report, lambda r: r["entries"][0]["evaluations"][0]["comparison"]["changes"][0].update(kind="x"))
    refuses(checker, report, lambda r: r["findings"].append({"rule": "x"}))
    return report


def check_baseline():
    checker = validator("baseline")
    baseline = json.loads((SOURCE / "examples/regression/anecompat.baseline.json").read_text())
    checker.validate(baseline)
    refuses(checker, baseline, lambda b: b["entries"][0].pop("reason"))
    refuses(checker, baseline, lambda b: b["entries"][0]["ops"][0].update(on="npu"))
    refuses(checker, baseline, lambda b: b["entries"][0]["segments"].append("ane"))


def check_suppression(work, report):
    """What `suppress` writes is a suppression by its schema."""
    try:
        import yaml
    except ImportError as error:
        print(f"suppression: skipped: {error}; apt-get install python3-yaml")
        return
    manifest = work / "m.yml"
    text = (SOURCE / "examples/regression/anecompat.yml").read_text()
    text = re.sub(r"\b(after/|anecompat\.baseline)", rf"{SOURCE}/examples/regression/\1", text)
    manifest.write_text(text)
    found = report["entries"][0]["findings"][0]["fingerprint"]
    run("suppress", found, "--reason", "r: #1", "--owner", "@o", "--expires", "2199-01-01",
        "--manifest", str(manifest), "--from", str(work / "report.json"))
    added = yaml.load(manifest.read_text(), yaml.BaseLoader)["suppressions"][-1]
    validator("suppression").validate(added)
    assert added["fingerprint"] == found and added["reason"] == "r: #1", added
    refuses(validator("suppression"), added, lambda s: s.pop("owner"))


def check_sarif(work):
    """SARIF by the published schema where there is one, and by the rules GitHub adds."""
    run("render", f"{work}/report.json", "--report", f"sarif={work}/report.sarif")
    sarif = json.loads((work / "report.sarif").read_text())
    assert sarif["version"] == "2.1.0" and len(sarif["runs"]) == 1
    one = sarif["runs"][0]
    rules = [rule["id"] for rule in one["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules)) and one["results"], "rules are there once, and results"
    for result in one["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("none", "note", "warning", "error") and result["message"]["text"]
        place = result["locations"][0]["physicalLocation"]
        assert not place["artifactLocation"]["uri"].startswith(("/", "file:"))
        assert place.get("region", {"startLine": 1})["startLine"] >= 1
        assert result["partialFingerprints"]
    # `./dev test` fetches it where npm is.
    schema = pathlib.Path(os.environ.get("ANECOMPAT_SARIF_SCHEMA", SOURCE / "build/peers/sarif-2.1.0.json"))
    if not schema.exists():
        print(f"sarif: the published schema is not at {schema}: only its rules were checked")
        return
    published = jsonschema.Draft4Validator(json.loads(schema.read_text()))
    published.validate(sarif)
    refuses(published, sarif, lambda s: s["runs"][0]["results"][0].pop("message"))
    refuses(published, sarif, lambda s: s["runs"][0]["results"][0].update(level="fatal"))
    refuses(published, sarif, lambda s: s["runs"][0].update(extra=1))


def main():
    with tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        report = check_report(work)
        check_baseline()
        check_suppression(work, report)
        check_sarif(work)
    print("report, baseline, suppression and SARIF are as their schemas say")
    return 0


if __name__ == "__main__":
    sys.exit(main())
