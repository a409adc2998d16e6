# SPDX-License-Identifier: LGPL-2.1-or-later
"""A guest that is a boot sector: its first serial port sends dots until a byte comes, and then each byte back.

So whoever sees a dot knows that no byte has come before.
"""
from livetap import equal

# wait: hlt; in 0x3fd; test 1; jnz echo; out 0x3f8, '.'; jmp wait; echo: in 0x3f8; out 0x3f8; next: in 0x3fd; test 1;
# jz next; jmp echo
ECHO = bytes.fromhex("fb" "f4" "bafd03" "ec" "a801" "7508" "baf803" "b02e" "ee" "ebef"
                     "baf803" "ec" "ee" "bafd03" "ec" "a801" "74f8" "ebf1")


def answers(sock, data):
    """no byte has come yet, and then each of data comes there and back"""
    sock.settimeout(60)
    equal(sock.recv(1), b".")
    for byte in data:
        sock.sendall(bytes([byte]))
        while (got := sock.recv(1)) == b".":
            pass
        equal(got, bytes([byte]))


def tcp(mode, port, more="tls='yes'", inside="", host="127.0.0.1"):
    return (f"<serial type='tcp'><source mode='{mode}' host='{host}' service='{port}' {more}>{inside}</source>"
            "</serial>")
