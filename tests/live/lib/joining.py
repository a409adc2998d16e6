# SPDX-License-Identifier: LGPL-2.1-or-later
"""What tests of virtcard join need: signers, tokens taken apart, servers that are none.

    holder(path)                    the process that has a lock on an invitation's note
    ended(pid)                      waits for its end
    taken(token), given(bytes)      what is in a token, and a token of other bytes
    served(pki, answer)             the port of a server that gives one client an answer to what it asks
"""
import base64
import hashlib
import os
import select
import socket
import ssl
import threading

LIMIT = 180
PREFIX = "virtcard1-"


def holder(path):
    with open("/proc/locks") as file:
        inode = str(os.stat(path).st_ino)
        (pid,) = [line.split()[4] for line in file if line.split()[5].rpartition(":")[2] == inode and "->" not in line]
    return int(pid)


def ended(pid):
    """waits for the end of a process that is not our child"""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    if not poll.poll(LIMIT * 1000):
        raise AssertionError(f"process {pid} goes on")
    os.close(fd)


def taken(token):
    digits = token[len(PREFIX):]
    return bytearray(base64.urlsafe_b64decode(digits + "=" * (-len(digits) % 4)))


def given(data):
    """a token of other bytes, with the sum they need"""
    data[-4:] = hashlib.sha256(data[:-4]).digest()[:4]
    return PREFIX + base64.urlsafe_b64encode(data).decode().rstrip("=")


def other_secret(token):
    data = taken(token)
    data[8 + 3] ^= 1
    return given(data)


def other_id(token):
    data = taken(token)
    data[3] ^= 1
    return given(data)


def elsewhere(token, port, key=None):
    data = taken(token)
    data[56:58] = port.to_bytes(2, "big")
    if key:
        data[24:56] = key
    return given(data)


def served(mine, answer):
    """the port of a server with these certificates, which gives one client an answer to what it asks"""
    server = socket.create_server(("127.0.0.1", 0))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(mine.path("servercert.pem"), mine.path("private/serverkey.pem"))
    context.set_alpn_protocols(["virtcard-join/1"])

    def serve():
        with context.wrap_socket(server.accept()[0], server_side=True) as client:
            client.sendall(answer(client.recv(10000)))

    threading.Thread(target=serve, daemon=True).start()
    return server.getsockname()[1]
