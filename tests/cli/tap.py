# SPDX-License-Identifier: LGPL-2.1-or-later
"""Test functions as a TAP stream: mark them with @test, end with run ()."""
import sys
import traceback

tests = []


def test(function):
    tests.append(function)
    return function


def equal(got, want):
    if got != want:
        raise AssertionError(f"got  {got!r}\nwant {want!r}")


def within(part, whole):
    if part not in whole:
        raise AssertionError(f"no {part!r}\nin {whole!r}")


def run():
    bad = 0
    print(f"1..{len(tests)}")
    for number, function in enumerate(tests, 1):
        name = function.__name__.replace("_", " ")
        try:
            function()
            print(f"ok {number} - {name}", flush=True)
        except Exception:
            bad += 1
            print(f"not ok {number} - {name}")
            for line in traceback.format_exc().splitlines():
                print("# " + line, flush=True)
    sys.exit(1 if bad else 0)
