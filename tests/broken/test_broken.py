#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Broken descriptions, one fault each, and good ones written oddly.

    test_broken.py VIRTCARD CASES [PART-OF-A-NAME]

A broken file gives one line FILE:LINE: with the line of its fault, and exit status 1; nothing crashes, takes two
seconds or 300 MB.  With a part of a name the files so called are shown with what is said of them.
"""
import os
import re
import resource
import subprocess
import sys
import tempfile

import damage
import faults
import harmless
import rules

virtcard, cases = (os.path.abspath(path) for path in sys.argv[1:3])
wanted = sys.argv[3] if len(sys.argv) > 3 else None
temporary = tempfile.TemporaryDirectory()
here = temporary.name
SECONDS = 10       # of processor time, with sanitizers on a busy machine; a second is usual for the largest
KIB = 300 * 1024
WORDS = 1200

BATCH = 40
environment = dict(os.environ, VIRTCARD_ROOT=os.path.join(here, "root"), LC_ALL="C",
                   ASAN_OPTIONS="quarantine_size_mb=16:" + os.environ.get("ASAN_OPTIONS", ""))


class Trouble(Exception):
    pass


def run(*arguments):
    """Exit status, output and errors of virtcard; Trouble for what no file may cause."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen([virtcard, *arguments], stdout=out, stderr=err, env=environment, cwd=here)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        taken = usage.ru_utime + usage.ru_stime
        out.seek(0)
        err.seek(0)
        output, errors = out.read(), err.read().decode(errors="replace")
    if process.returncode not in (0, 1) or "Sanitizer" in errors or "runtime error" in errors:
        raise Trouble(f"ends with {process.returncode}: {errors[-1500:]}")
    if taken > SECONDS:
        raise Trouble(f"takes {taken:.1f} seconds")
    if usage.ru_maxrss > KIB:
        raise Trouble(f"takes {usage.ru_maxrss // 1024} MiB")
    return process.returncode, output, errors


def said(errors, name):
    """What is said of a file, as (line, words); warnings left out.  A message may go over several lines."""
    found = []
    for chunk in re.split(r"(?m)^(?=[\w.-]+\.xml:\d+: )", errors):
        match = re.match(r"([\w.-]+)\.xml:(\d+): (.*)", chunk, re.S)
        if match and match.group(1) == name and not match.group(3).startswith("warning:"):
            found.append((int(match.group(2)), match.group(3).rstrip("\n")))
    return found


def judge(name, lines, words, status, messages):
    """What is wrong with how a broken file was received, or None."""
    if status == 0:
        return "is called valid"
    if not messages:
        return "no line of it is named"
    if len(messages) > 1:
        return "one fault, several messages: " + "; ".join(f"{n}: {w[:120]}" for n, w in messages)
    line, message = messages[0]
    if lines is not None and line != lines:
        return f"the fault is in line {lines}, not {line}: {message[:200]}"
    if words is not None and words not in message:
        return f"'{words}' is not said: {message[:200]}"
    if len(message) > WORDS:
        return f"a message of {len(message)} bytes"
    return None


def write(name, data):
    with open(os.path.join(here, name + ".xml"), "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode())


class Tap:
    number = 0
    bad = 0

    @classmethod
    def tell(cls, name, trouble):
        cls.number += 1
        print(("not ok" if trouble else "ok") + f" {cls.number} - {name}")
        for line in (trouble or "").splitlines():
            print("# " + line)
        sys.stdout.flush()
        cls.bad += bool(trouble)


def check_alone(fault):
    name, _, line, words = fault
    try:
        status, _, errors = run("validate", name + ".xml")
    except Trouble as trouble:
        return str(trouble)
    return judge(name, line, words, status, said(errors, name))


def check_broken(faults_):
    """Many small files at once; each by itself when something happens to them together."""
    small = [f for f in faults_ if len(f[1]) < 100000]
    for start in range(0, len(small), BATCH):
        batch = small[start:start + BATCH]
        try:
            status, output, errors = run("validate", *(f[0] + ".xml" for f in batch))
        except Trouble:
            for fault in batch:
                Tap.tell(fault[0], check_alone(fault))
            continue
        valid = output.decode().split("\n")
        for name, _, line, words in batch:
            good = f"{name}.xml is valid" in valid
            Tap.tell(name, judge(name, line, words, 0 if good else status, said(errors, name)))
    for fault in faults_:
        if len(fault[1]) >= 100000:
            Tap.tell(fault[0], check_alone(fault))


def normalized(name):
    status, output, errors = run("normalize", name + ".xml")
    if status != 0:
        raise Trouble("is refused: " + errors[:1000])
    return output


def check_good(name, like):
    """Validates, normalizes to like (unless None), and what comes out is valid and stays as it is."""
    try:
        status, _, errors = run("validate", name + ".xml")
        if status != 0:
            return "is refused: " + errors[:1000]
        once = normalized(name)
        if like is not None and once != like:
            return "means something else than before"
        write("again", once)
        if run("validate", "again.xml")[0] != 0:
            return "what normalize prints is not valid: " + run("validate", "again.xml")[2]
        twice = normalized("again")
        # Controllers that libvirt adds behind others it sorts among their like when it reads its own words.
        if twice != once and b"<controller" in once and sorted(twice.split(b"\n")) == sorted(once.split(b"\n")):
            write("again", twice)
            once, twice = twice, normalized("again")
        if twice != once:
            return "what normalize prints changes when it is normalized again"
    except Trouble as trouble:
        return str(trouble)
    return None


def collect():
    """Every broken file: (name, bytes, line or None, words or None), no name twice."""
    seen = {}
    for source in [faults.unknown, faults.values, faults.missing, faults.twice, faults.unsupported, rules.added,
                   rules.changed, damage.entities, damage.encodings, damage.damaged, damage.large]:
        for fault in source():
            name, data, line, words = (*fault, None)[:4]
            name = re.sub(r"[^\w.-]+", "_", name)[:80]
            seen[name] = seen.get(name, 0) + 1
            if seen[name] > 1:
                name += f"-{seen[name]}"
            yield name, data if isinstance(data, bytes) else data.encode(), line, words


def good_cases():
    for folder, _, names in sorted(os.walk(cases)):
        if "in.xml" in names and "out.xml" in names:
            with open(os.path.join(folder, "in.xml"), "rb") as file:
                yield "case-" + "-".join(folder.split(os.sep)[-2:]), file.read()


def main():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    broken = [f for f in collect() if wanted is None or wanted in f[0]]
    for name, data, _, _ in broken:
        write(name, data)
    if wanted is not None:
        for name, data, line, _ in broken:
            print(f"{name}: line {line}", run("validate", name + ".xml"), sep="\n")
            if len(data) < 10000:
                print(*(f"{n + 1}: {x}" for n, x in enumerate(data.decode(errors="replace").split("\n"))), sep="\n")
        return 0
    good = [(name, data, True) for name, data in harmless.variations()]
    good += [(name, data, False) for name, data in [*harmless.different(), *good_cases()]]
    print(f"1..{len(broken) + len(good)}")
    check_broken(broken)
    write("base", harmless.text())
    base = normalized("base")
    for name, data, same in good:
        write("good-" + name, data)
        Tap.tell("good-" + name, check_good("good-" + name, base if same else None))
    return 1 if Tap.bad else 0


sys.exit(main())
