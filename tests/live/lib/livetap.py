# SPDX-License-Identifier: LGPL-2.1-or-later
"""Live tests as a TAP stream: mark functions with @test, end with run().

Two run side by side: each waits for a guest most of the time. run() takes words of names to choose by.
"""
import concurrent.futures
import sys
import threading
import time
import traceback

SIDE_BY_SIDE = 2

tests = []


class Skip(Exception):
    """something this host lacks; says what"""


def test(function):
    tests.append(function)
    return function


def equal(got, want):
    if got != want:
        raise AssertionError(f"got  {got!r}\nwant {want!r}")


def within(part, whole):
    if part not in whole:
        raise AssertionError(f"no {part!r}\nin {whole!r}")


def run(words):
    chosen = [t for t in tests if not words or any(w in t.__name__ for w in words)]
    lock = threading.Lock()
    numbers = iter(range(1, len(chosen) + 1))
    bad = []

    def one(function):
        began, trouble, skip = time.monotonic(), "", ""
        try:
            function()
        except Skip as why:
            skip = f" # SKIP {why}"
        except Exception:  # a test may fail in any way
            trouble = traceback.format_exc()
        name = function.__name__.replace("_", " ")
        with lock:
            print(f"{'not ok' if trouble else 'ok'} {next(numbers)} - {name}{skip}")
            print(f"# {time.monotonic() - began:.1f} s", flush=True)
            for line in trouble.splitlines():
                print("#   " + line, flush=True)
            if trouble:
                bad.append(name)

    print(f"1..{len(chosen)}", flush=True)
    with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        list(pool.map(one, chosen))
    sys.exit(1 if bad else 0)
