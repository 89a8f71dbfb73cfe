"""Runs a composite action as GitHub's runner does, as far as ours goes: expressions, `if`, environment, GITHUB_* files,
outputs, workflow commands. Steps that use another action do nothing."""

import os
import pathlib
import re
import subprocess

import yaml

_TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<operator>==|!=|&&|\|\||!|\(|\))|(?P<name>[A-Za-z_][\w.-]*))")


class Expression:
    """The grammar our files use: names, texts, == != && || ! and parentheses."""

    def __init__(self, text, contexts):
        self.contexts = contexts
        self.tokens = []
        at = 0
        while at < len(text.rstrip()):
            match = _TOKEN.match(text, at)
            if not match:
                raise ValueError(f"cannot read the expression {text!r} at {at}")
            self.tokens.append((match.lastgroup, match.group(match.lastgroup)))
            at = match.end()
        self.at = 0

    def value(self):
        result = self._or()
        if self.at != len(self.tokens):
            raise ValueError(f"left over: {self.tokens[self.at:]}")
        return result

    def _take(self, *operators):
        if self.at < len(self.tokens) and self.tokens[self.at] in [("operator", each) for each in operators]:
            self.at += 1
            return self.tokens[self.at - 1][1]
        return None

    def _or(self):
        result = self._and()
        while self._take("||"):
            other = self._and()
            result = result or other
        return result

    def _and(self):
        result = self._comparison()
        while self._take("&&"):
            other = self._comparison()
            result = result and other
        return result

    def _comparison(self):
        left = self._primary()
        operator = self._take("==", "!=")
        if not operator:
            return left
        right = self._primary()
        equal = str(left).lower() == str(right).lower()  # texts are compared without case
        return equal if operator == "==" else not equal

    def _primary(self):
        if self._take("!"):
            return not self._primary()
        if self._take("("):
            result = self._or()
            if not self._take(")"):
                raise ValueError("a ) is missing")
            return result
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "text":
            return text[1:-1].replace("''", "'")
        value = self.contexts
        for part in text.split("."):
            value = value.get(part, "") if isinstance(value, dict) else ""
        return value


def substituted(text, contexts):
    return re.sub(r"\$\{\{(.*?)\}\}", lambda match: str(Expression(match.group(1), contexts).value()), str(text))


def outputs_in(path):
    """What a file such as GITHUB_OUTPUT says, read as the runner reads it."""
    outputs = {}
    lines = path.read_text(encoding="utf-8").splitlines()
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        equals, heredoc = line.find("="), line.find("<<")
        if heredoc >= 0 and (equals < 0 or heredoc < equals):
            name, delimiter = line[:heredoc], line[heredoc + 2:]
            value = []
            while lines[at] != delimiter:
                value.append(lines[at])
                at += 1
            at += 1
            outputs[name] = "\n".join(value)
        elif equals >= 0:
            outputs[line[:equals]] = line[equals + 1:]
        elif line:
            raise ValueError(f"{path}: what is {line!r}?")
    return outputs


class Run:
    """The outcome of an action: passed, outputs, the log, the job summary."""

    def __init__(self):
        self.passed = True
        self.failed_step = None
        self.outputs = {}
        self.log = ""
        self.summary = ""
        self.steps = {}


def run_action(directory, inputs, work, workspace, environment, github=None):
    """`work` is an empty directory of ours; `workspace` the checkout; `environment` what the job has."""
    action = yaml.safe_load((directory / "action.yml").read_text(encoding="utf-8"))
    known = action["inputs"]
    unknown = set(inputs) - set(known)
    if unknown:
        raise ValueError(f"unknown inputs: {unknown}")
    contexts = {"github": github or {}, "steps": {}}
    contexts["inputs"] = {
        name: inputs.get(name, substituted(declared.get("default", ""), contexts)) for name, declared in known.items()
    }
    work.mkdir(parents=True, exist_ok=True)
    summary = work / "summary.md"
    path_file = work / "path"
    run = Run()
    for number, step in enumerate(action["runs"]["steps"]):
        if "if" in step:
            wanted = bool(Expression(str(step["if"]).removeprefix("${{").removesuffix("}}"), contexts).value())
        else:
            wanted = True
        if not run.passed or not wanted or "uses" in step:
            continue
        if step["shell"] != "bash" or "${{" in step["run"]:
            raise ValueError("scripts are bash and hold no expressions")
        output_file = work / f"output-{number}"
        for file in (output_file, summary, path_file):
            file.touch()
        variables = {
            **environment,
            "GITHUB_ACTION_PATH": str(directory),
            "GITHUB_OUTPUT": str(output_file),
            "GITHUB_STEP_SUMMARY": str(summary),
            "GITHUB_PATH": str(path_file),
            **{name: substituted(value, contexts) for name, value in step.get("env", {}).items()},
        }
        script = work / f"script-{number}.sh"
        script.write_text(step["run"], encoding="utf-8")
        where = pathlib.Path(workspace) / substituted(step.get("working-directory", "."), contexts)
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)], cwd=where, env=variables, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=False)
        run.log += done.stdout
        name = step.get("id", str(number))
        contexts["steps"][name] = {"outputs": outputs_in(output_file)}
        run.steps[name] = done.returncode
        if done.returncode != 0:
            run.passed = False
            run.failed_step = name
    run.outputs = {name: substituted(declared["value"], contexts) for name, declared in action["outputs"].items()}
    run.summary = summary.read_text(encoding="utf-8") if summary.exists() else ""
    run.path = path_file.read_text(encoding="utf-8").splitlines() if path_file.exists() else []
    return run


def base_environment(work):
    """What every job has, and nothing of the machine's own."""
    keep = {name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS") if name in os.environ}
    return {
        **keep,
        "PATH": os.environ["PATH"],
        "HOME": str(work),
        "LANG": "C.UTF-8",
        "RUNNER_TEMP": str(work / "temp"),
        "RUNNER_TOOL_CACHE": str(work / "tools"),
        "GITHUB_ACTIONS": "true",
        "GITHUB_REPOSITORY": "o/r",
        "GITHUB_WORKFLOW": "CI",
        "GITHUB_EVENT_NAME": "push",
    }
