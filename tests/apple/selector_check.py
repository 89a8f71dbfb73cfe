#!/usr/bin/env python3
"""The selectors that the Apple sources send, and where each one is known from.

  selector_check.py list     prints them, as the compiler sees them: no search for brackets
  selector_check.py check    compares them with selectors.txt, Foundation's with GNUstep's headers, and all
                        others with the facts about Apple's interfaces where those are at hand
                        (../shared/facts beside the checkout, or ANECOMPAT_FACTS); without them that
                        part is skipped, and says so
  selector_check.py update   writes selectors.txt
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LIST = HERE / "selectors.txt"
SKIPPED = 77


def sent_by(source, options):
    """The compiler writes the name of every selector it uses into its output."""
    command = [options.clang, "-x", "objective-c++", "-std=c++20", "-S", "-emit-llvm", "-O0", "-o",
               "-", "-w", "-fblocks", "-fobjc-runtime=gcc", "-fobjc-exceptions",
               "-fconstant-string-class=NSConstantString", f"-I{HERE / 'shim'}",
               f"-I{HERE / 'sdk/frameworks'}", f"-I{ROOT / 'src'}", "-isystem",
               options.objc_include, "-isystem", options.gnustep, str(source)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{source} does not compile:\n{done.stderr[:2000]}")
    names = set(re.findall(r'^@\.objc_sel_name\S* = .*c"([^"\\]+)\\00"', done.stdout, re.M))
    # The table of hooks holds its selectors as plain strings.
    names |= set(re.findall(r'"((?:[A-Za-z_]\w*:)+)"', source.read_text()))
    return names


def all_selectors(options):
    sources = sorted((ROOT / "src/evaluate/apple").glob("*.mm"))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return sorted(set().union(*pool.map(lambda s: sent_by(s, options), sources)))


def facts_text():
    directory = pathlib.Path(os.environ.get("ANECOMPAT_FACTS", ROOT.parent / "shared/facts"))
    files = [directory / "ane-runtime.md", directory / "apple-api.md"]
    if not all(f.is_file() for f in files):
        return None
    return "\n".join(f.read_text() for f in files)


def in_foundation(selector, headers):
    """Whether one declaration of GNUstep's headers has exactly these parts, in this order."""
    parts = selector.split(":")[:-1] if ":" in selector else [selector]
    if ":" not in selector:
        return re.search(r"[-+]\s*\([^;{]*?\)\s*" + re.escape(selector) + r"\s*[;A-Z]", headers) or \
            re.search(r"@property[^;]*\b" + re.escape(selector) + r"\s*[;A-Z]", headers)
    pattern = r"[-+]\s*(?:\([^;{]*?\))?\s*" + r"[^;{:]*?".join(
        r"\b" + re.escape(p) + r"\s*:" for p in parts)
    return re.search(pattern, headers)


def in_facts(selector, facts):
    """Whole, or as the rows of the facts shorten it: `name` alone, `a:b:…`, `(do)loadModel…:`."""
    if re.search(r"(?<![\w:])" + re.escape(selector) + r"(?![\w:])", facts):
        return True
    variants = {selector, re.sub(r"^do([A-Z])", lambda m: m.group(1).lower(), selector)}
    for variant in variants:
        first = variant.split(":")[0]
        if ":" in variant and re.search(re.escape(first) + r":…", facts):
            return True
        if variant in facts and f"(do){variant}" in facts:
            return True
    return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["list", "check", "update"])
    parser.add_argument("--clang", default="clang++")
    parser.add_argument("--objc-include", default="/usr/lib/gcc/x86_64-linux-gnu/12/include")
    parser.add_argument("--gnustep", default="/usr/include/GNUstep")
    options = parser.parse_args()

    selectors = all_selectors(options)
    if options.what == "list":
        print("\n".join(selectors))
        return 0
    headers = "\n".join(p.read_text(errors="replace")
                        for p in sorted(pathlib.Path(options.gnustep, "Foundation").glob("*.h")))
    facts = facts_text()
    listed = dict(reversed(line.split("\t")) for line in LIST.read_text().splitlines()
                  if line and not line.startswith("#"))
    # Words that both use ("count") are Foundation's, unless the list says otherwise.
    kinds = {s: listed.get(s) or ("foundation" if in_foundation(s, headers) else "apple")
             for s in selectors}
    if options.what == "update":
        LIST.write_text("# Every selector that src/evaluate/apple sends, and whose it is. "
                        "Written by selector_check.py update.\n" +
                        "".join(f"{kinds[s]}\t{s}\n" for s in selectors))
        return 0

    wrong = [f"sent and not in selectors.txt: {s}" for s in selectors if s not in listed]
    wrong += [f"in selectors.txt and not sent: {s}" for s in listed if s not in selectors]
    for selector, kind in listed.items():
        if kind == "foundation" and not in_foundation(selector, headers):
            wrong.append(f"not in Foundation as GNUstep declares it: {selector}")
        if kind == "apple" and facts and not in_facts(selector, facts):
            wrong.append(f"not known from the facts: {selector}")
    if wrong:
        print("\n".join(wrong))
        return 1
    print("\n".join(f"{kind}\t{selector}" for selector, kind in sorted(listed.items())))
    if facts is None:
        print("skipped: the facts about Apple's interfaces are not here, so only the list was "
              "compared")
        return SKIPPED
    print(f"{len(selectors)} selectors, all known")
    return 0


if __name__ == "__main__":
    sys.exit(main())
