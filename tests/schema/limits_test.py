"""Every output stays within what its reader takes, with 10,000 findings and at the edge.

limits_test.py PROGRAM
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

PROGRAM = sys.argv[1]
SEVERITIES = ("error", "warning", "notice")


def finding(number, severity, message):
    return {"rule": "ops-left-ane", "severity": severity, "entry": f"model_{number}", "target": "h16",
            "message": message, "details": [f"main/op_{number} (gelu): ane → cpu: dtype"], "file": "anecompat.yml",
            "line": number + 1, "fingerprint": f"{number:016x}"}


def report(per_severity, message="`op` left | the <b>ANE</b> @team #1"):
    entries = []
    for severity in SEVERITIES:
        for _ in range(per_severity):
            number = len(entries)
            entries.append({"name": f"model_{number}", "source": "m.mlmodel", "manifest": {"file": "anecompat.yml", "line": number + 1},
                            "evaluations": [{"target": "h16", "evidence": "predicted", "confidence": "high", "level": "partial",
                                             "eligible_level": "partial", "counts": {"ops": 2, "ane": 1, "cpu": 1, "gpu": 0}}],
                            "findings": [finding(number, severity, message)]})
    return {"schema": 1, "entries": entries, "exit_code": 1}


def render(work, document, output):
    (work / "report.json").write_text(json.dumps(document))
    path = work / "out"
    done = subprocess.run([PROGRAM, "render", "report.json", "--report", f"{output}=out"], cwd=work,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    text = path.read_text()
    path.unlink()
    return text


def annotations(text):
    return {kind: re.findall(rf"^::{kind} .*$", text, re.MULTILINE) for kind in SEVERITIES}


def check_annotations(work):
    few = annotations(render(work, report(10), "github"))
    assert [len(lines) for lines in few.values()] == [10, 10, 10], "ten of each fit"
    assert not any("more" in line for lines in few.values() for line in lines)
    for count in (11, 3334):
        many = render(work, report(count), "github")
        assert all(len(lines) <= 10 for lines in annotations(many).values()), count
        assert re.search(r"\d+ more", many), "what is left out is told"
    long = render(work, report(1, "x" * 10000), "github")
    assert all(len(line.split("::", 2)[2]) <= 4096 for lines in annotations(long).values() for line in lines)


def last_whole(fits):
    """The largest number that fits, of those from 1 on; anything larger does not."""
    low, high = 1, 2
    while fits(high):
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def check_edges(work):
    """Everything is kept up to the very limit, and cut one step beyond it."""
    def annotation(length):
        line, *_ = annotations(render(work, report(1, "x" * length), "github"))["error"]
        return line.split("::", 2)[2].replace("%0A", "\n")

    end = "cpu: dtype"
    whole = last_whole(lambda length: annotation(length).endswith(end))
    assert len(annotation(whole).encode()) == 4096, len(annotation(whole).encode())
    assert len(annotation(whole + 1).encode()) <= 4096 and annotation(whole + 1).endswith("…")

    def sarif(count):
        document = report(1)
        document["entries"] = [{**document["entries"][0], "name": f"model_{n}", "findings": [finding(n, "error", "m")]} for n in range(count)]
        return render(work, document, "sarif")

    for count, kept in ((5000, 5000), (5001, 5000)):
        assert len(json.loads(sarif(count))["runs"][0]["results"]) == kept, count

    for output, limit in (("markdown", 65536), ("summary", 1 << 20)):
        def rows(n, output=output):
            return len(render(work, report(n), output).encode())

        def complete(n, output=output):
            return "limit" not in render(work, report(n), output)

        most = last_whole(complete)
        step = rows(most) - rows(most - 1)
        assert rows(most) <= limit < rows(most) + step + 16, f"{output}: {rows(most)} bytes with {most}, {step} each"
        assert rows(most + 1) <= limit


def check_markdown(work):
    for output, limit in (("summary", 1 << 20), ("markdown", 65536)):
        for count in (1, 100, 3334):
            text = render(work, report(count), output)
            assert len(text.encode()) <= limit, f"{output}: {len(text.encode())} bytes"
            assert text.count("<details") == text.count("</details>"), "details are closed"
            assert text.count("\n```") % 2 == 0, "fences are closed"
        assert "limit" in text, "what is left out is told"


def check_sarif(work):
    for count, results in ((1666, 4998), (3334, 5000)):
        text = render(work, report(count), "sarif")
        assert len(text.encode()) <= 10_000_000
        levels = [result["level"] for result in json.loads(text)["runs"][0]["results"]]
        assert len(levels) == results, len(levels)
        assert levels.count("error") == min(count, results), "errors are kept before the others"


def check_junit(work):
    text = render(work, report(3334), "junit")
    suite = xml.etree.ElementTree.fromstring(text).find("testsuite")
    cases = suite.findall("testcase")
    assert len(cases) == 10002 == int(suite.get("tests"))
    assert len([case for case in cases if case.find("failure") is not None]) == 3334 == int(suite.get("failures"))
    try:
        import junitparser
    except ImportError as error:
        print(f"junitparser: skipped: {error}; apt-get install python3-junitparser")
        return
    # What EnricoMi/publish-unit-test-result-action reads JUnit files with.
    (work / "junit.xml").write_text(text)
    parsed = junitparser.JUnitXml.fromfile(str(work / "junit.xml"))
    read = [case for each in parsed for case in each]
    assert len(read) == 10002 and parsed.failures == 3334 and parsed.errors == 0
    assert [case.name for case in read] == [case.get("name") for case in cases]
    broken = [case for case in read if any(isinstance(r, junitparser.Failure) for r in case.result)]
    assert len(broken) == 3334 and "left | the <b>ANE</b>" in broken[0].result[0].message
    print("junitparser reads all of it")


def main():
    with tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        check_annotations(work)
        check_markdown(work)
        check_edges(work)
        check_sarif(work)
        check_junit(work)
    print("every output is within its limits")
    return 0


if __name__ == "__main__":
    sys.exit(main())
