# SPDX-License-Identifier: LGPL-2.1-or-later
"""Texts that somebody's parser may stumble over, and how XML says them."""
import random
import re

PIECES = [",", ",,", ",,,", "=", "==", "'", '"', "\n", "%", "%s", "%n", "%d", "%2c", "%00", "\u00fc", "\u65e5\u672c", "\U0001f4a9",
          "e\u0301", "\u00a0", "\u202e", "\u2028", "\\", "\\\\", "\\n", "\\,", " ", "  ", "\t", "\r", "\r\n", ":", "::", "[", "]", "[::1]",
          "{", "}", "{}", ";", "$", "$HOME", "$(x)", "`x`", "&", "&amp;", "&#10;", "<", ">", "]]>", "<!--", "#", "?", "*", "~", "!", "(", ")", "|",
          "^", "@", "+", "-", "--", "_", ".", "..", "a", "b", "Z", "0", "1", "id", "id=", ",id=x", ",server=on", ",wait=off",
          ",path=", ",telnet=on", "tls-creds=", "json:", "file:", "unix:", "nbd:", "fd=3", "on", "off", "help", "\u00ff", "\x7f", "\x85"]


def generator(seed):
    return random.Random(seed)


def text(rng, not_in="", longest=40):
    """one that has none of these characters, and has a meaning as the name of a file"""
    while True:
        made = "".join(rng.choice(PIECES) for _ in range(rng.randint(1, 7)))
        for each in not_in:
            made = made.replace(each, "")
        if made not in ("", ".", "..") and len(made.encode()) <= longest:
            return made


def no_name(rng, longest=40):
    """one that is no host, no address and no service"""
    while True:
        made = text(rng, longest=longest)
        if re.search(r"[^A-Za-z0-9.+_\s:*%-]", made):
            return made


ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def xml(words):
    """for an attribute or an element, in one line"""
    return "".join(ESCAPES.get(c, c) for c in words)
