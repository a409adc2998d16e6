#!/usr/bin/env python3
"""Builds and runs every test, and counts them.

Builds: `build` (gcc, the one the live tests use), `build-asan` (gcc, address and undefined behaviour
sanitizers), `build-clang` (clang, only built), `build-fuzz` (clang with libFuzzer).
"""
import concurrent.futures
import glob
import json
import os
import re
import subprocess
import sys
import time

LONG = "--long" in sys.argv[1:]
TOP = os.getcwd()
passed = failed = skipped = 0


def say(words):
    print(words, flush=True)


def count(name, good, why=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        say(f"FAILED: {name}" + (f"\n{why}" if why else ""))


def run(*argv, **more):
    return subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", **more)


def build(folder, *options, env=None):
    """Set up and build; True when it worked."""
    env = dict(os.environ, **(env or {}))
    began = time.monotonic()
    done = None
    if not os.path.exists(f"{folder}/build.ninja"):
        done = run("meson", "setup", folder, "-Dwerror=true", *options, env=env)
    if done is None or done.returncode == 0:
        done = run("ninja", "-C", folder, env=env)
    count(f"build of {folder}", done.returncode == 0, done.stdout[-6000:])
    say(f"{folder}: {'built' if done.returncode == 0 else 'NOT built'} in {time.monotonic() - began:.0f} s")
    return done.returncode == 0


def lines_of(test):
    """A test's own TAP lines, else the test as one: (good, name, what it said of a failure)."""
    out = test.get("stdout") or ""
    everything = (out + (test.get("stderr") or ""))[-6000:]
    tap = re.findall(r"^(not ok|ok)\b([^\n]*)((?:\n#[^\n]*)*)", out, re.M)
    good = test["result"] in ("OK", "EXPECTEDFAIL")
    if not tap:
        return [(good, "", everything)]
    rows = [(word == "ok", rest, said.strip()[-6000:] or everything) for word, rest, said in tap]
    if not good and all(row[0] for row in rows):
        rows.append((False, f" {test['result']}", everything))      # died outside its tests
    return rows


def run_tests(folder, *words):
    """What meson says of each test, and all it printed."""
    # Leaks count; a daemon's one-off allocations inside libraries are not ours.
    env = dict(os.environ, ASAN_OPTIONS="detect_leaks=1", UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1")
    log = f"{folder}/meson-logs/testlog.json"
    if os.path.exists(log):
        os.unlink(log)
    done = run("meson", "test", "-C", folder, "--no-rebuild", "--print-errorlogs", "-t", "2", *words, env=env)
    if not os.path.exists(log):
        return [], done.stdout
    with open(log) as file:
        return [json.loads(line) for line in file], done.stdout


def is_good(result):
    return result["result"] in ("OK", "EXPECTEDFAIL", "SKIP")


def once_more(folder, result):
    """A live test that failed, alone: a host that is too busy for real machines is no fault. It is told, though."""
    name = result["name"].rpartition(" / ")[2]
    again, _ = run_tests(folder, "--suite", "live", name)
    if len(again) != 1 or not is_good(again[0]):
        return result
    why = [said for good, _, said in lines_of(result) if not good]
    say(f"UNSTEADY: {result['name']} failed beside others, and passed alone:\n" + "\n".join(why))
    return again[0]


def test(folder, *suites):
    global skipped
    began = time.monotonic()
    n = passed
    results, words = run_tests(folder, *(word for suite in suites for word in ("--suite", suite)))
    for result in results:
        if suites == ("live",) and not is_good(result):
            result = once_more(folder, result)
        if result["result"] == "SKIP":
            skipped += 1
            continue
        for good, rest, said in lines_of(result):
            if re.search(r"#\s*skip", rest, re.I):
                skipped += 1
            else:
                count(f"{result['name']}{rest}", good, said)
    if passed == n:
        count(f"tests of {folder}: {' '.join(suites)}", False, words[-3000:])
    say(f"{folder} {' '.join(suites)}: {passed - n} passed in {time.monotonic() - began:.0f} s")


def fuzz_one(target, seconds):
    name = os.path.basename(target)[len("fuzz-"):]
    scratch = f"build-fuzz/found/{name}"
    os.makedirs(scratch, exist_ok=True)
    words = [f"-dict=fuzz/dict/{name}"] if os.path.exists(f"fuzz/dict/{name}") else []
    done = run(target, *words, f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=1024", f"-artifact_prefix={scratch}/",
               "-print_final_stats=0", scratch, f"fuzz/corpus/{name}", timeout=seconds + 120)
    return name, done


def fuzz(seconds):
    """Every target for so long, as many at once as there are processors."""
    targets = [t for t in sorted(glob.glob("build-fuzz/fuzz/fuzz-*")) if os.path.isfile(t) and os.access(t, os.X_OK)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for name, done in pool.map(lambda target: fuzz_one(target, seconds), targets):
            runs = re.findall(r"^#(\d+)", done.stdout, re.M)
            count(f"fuzz {name}, {seconds} s", done.returncode == 0, done.stdout[-3000:])
            say(f"fuzz {name}: {runs[-1] if runs else 'no'} runs in {seconds} s")


def main():
    if LONG:
        os.environ["VIRTCARD_LONG"] = "1"  # to the tests that can do more
    for word in ("meson", "ninja", "qemu-system-x86_64", "xmllint", "clang"):
        if run("sh", "-c", f"command -v {word}").returncode:
            count(f"{word} is there", False)
    if build("build"):
        test("build", "unit", "tree", "fuzz")
        os.environ.setdefault("VIRTCARD_GUEST", os.path.join(TOP, "build", "guest"))
        os.environ.setdefault("VIRTCARD_KILLS", "500" if LONG else "20")
        done = run("tests/guest/build", os.environ["VIRTCARD_GUEST"])
        count("test guest", done.returncode == 0, done.stdout[-3000:])
        test("build", "live")
    if build("build-asan", "-Db_sanitize=address,undefined", "-Db_lundef=false"):
        test("build-asan", "unit", "fuzz")
    build("build-clang", env={"CC": "clang"})
    if build("build-fuzz", "-Dfuzz=true", "-Db_sanitize=address,undefined", "-Db_lundef=false", env={"CC": "clang"}):
        fuzz(600 if LONG else 5)
    if LONG and os.path.exists("bench/run"):
        done = run("bench/run")
        say(done.stdout)
        count("benchmarks", done.returncode == 0)
    say(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


sys.exit(main())
