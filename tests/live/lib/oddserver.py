# SPDX-License-Identifier: LGPL-2.1-or-later
"""A server at a port of 127.0.0.1 that is none of libvirt's.

    with Server(function, pki, ...) as server:      function has each connection it took, TLS where it has a PKI
        server.port

function: until_closed, send(bytes), or one of a test's own.
"""
import socket
import ssl
import threading

from daemon import LIMIT


class Server:
    def __init__(self, function, mine=None, alpn=None):
        self.function, self.mine, self.alpn = function, mine, alpn
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._take, daemon=True)
        self.threads = []

    def __enter__(self):
        self.thread.start()
        return self

    def _take(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            self.threads.append(threading.Thread(target=self._serve, args=[peer], daemon=True))
            self.threads[-1].start()

    def _serve(self, peer):
        try:
            peer.settimeout(LIMIT)
            with peer:
                if self.mine:
                    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                    context.load_cert_chain(self.mine.path("servercert.pem"), self.mine.path("private/serverkey.pem"))
                    context.num_tickets = 0     # as libvirtd: its client takes them for the end
                    if self.alpn:
                        context.set_alpn_protocols([self.alpn])
                    peer = context.wrap_socket(peer, server_side=True)
                self.function(peer)
                peer.close()
        except OSError:
            pass    # it is the client's end that counts

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join(LIMIT)
        for thread in self.threads:
            thread.join(LIMIT)
        self.socket.close()


def until_closed(peer):
    while peer.recv(4096):
        pass


def send(what):
    def function(peer):
        peer.sendall(what)
        if isinstance(peer, ssl.SSLSocket):
            peer.unwrap()
        until_closed(peer)
    return function
