"""The JSON Schema and the program's reader must take and refuse the same examples.

schema_test.py manifest|policy READER SOURCE_DIR; exits 77 (skipped) without jsonschema or PyYAML.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

try:
    import jsonschema
    import yaml
except ImportError as error:
    print(f"skipped: {error}; apt-get install python3-jsonschema python3-yaml")
    sys.exit(77)


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2's core schema, which editors and we go by: dates and `yes` are texts."""


CoreLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("int", r"^-?(?:0|[1-9][0-9]*)$", "-0123456789"),
    ("float", r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$", "-0123456789"),
    ("null", r"^(?:~|null|)$", ["~", "n", ""]),
):
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))


def examples(path):
    """(accepted, title, text) of each `=== accept: title` or `=== refuse: title` block."""
    parts = re.split(r"^=== (accept|refuse): (.*)\n", path.read_text(), flags=re.MULTILINE)
    for i in range(1, len(parts), 3):
        yield parts[i] == "accept", parts[i + 1], parts[i + 2]


def main():
    kind, reader, source = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    schema = json.loads((source / "policies/schema" / f"{kind}.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    cases = list(examples(source / "tests/schema" / f"{kind}_examples.txt"))
    if kind == "policy":
        cases += [(True, path.name, path.read_text()) for path in sorted((source / "policies").glob("*.yml"))]
    assert len(cases) > 10, "the examples are gone"

    wrong = 0
    with tempfile.TemporaryDirectory() as directory:
        for model in ("zoo/a.mlmodel", "zoo/b.mlmodel"):
            path = pathlib.Path(directory, model)
            path.parent.mkdir(exist_ok=True)
            path.touch()
        for accepted, title, text in cases:
            path = pathlib.Path(directory, f"{kind}.yml")
            path.write_text(text)
            run = subprocess.run([reader, kind, path], capture_output=True, text=True, check=False)
            errors = [e.message for e in validator.iter_errors(yaml.load(text, CoreLoader))]
            for who, takes, why in (("reader", run.returncode == 0, run.stdout + run.stderr), ("schema", not errors, errors)):
                if takes != accepted:
                    wrong += 1
                    print(f"{title}: the {who} {'takes' if takes else 'refuses'} it: {why}")
    print(f"{len(cases)} examples, {wrong} wrong answers")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
