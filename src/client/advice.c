/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/advice.h"

#include <string.h>

/* What a message has in it, and what to do then; a step's last row is for all others.  Sentences about our
 * certificate are part of the protocol of virtcardd (docs/remote.md), those about files of vc_pki_check. */
static const struct
{
  VcStep step;
  const char *part; /* NULL: whatever it says */
  const char *advice;
} rows[] = {
  { VC_STEP_ADDRESS, NULL,
    "write qemu+tls://HOST/system for another host, qemu:///system or qemu+unix:///system?socket=PATH for "
    "this "
    "one" },

  { VC_STEP_ROOT, NULL,
    "end the process that holds it, or connect to it: virtcard without -c finds a daemon" },

  { VC_STEP_SOCKET, NULL,
    "start virtcardd, or name the socket of one that runs: qemu:///system?socket=PATH" },

  { VC_STEP_CERTIFICATES, "there is no certificate of a CA",
    "put the certificate of the CA that signed the server's there, or name its folder with pkipath=DIR" },
  { VC_STEP_CERTIFICATES, "GnuTLS", "leave tls_priority out of the URI, or correct it" },
  { VC_STEP_CERTIFICATES, "leaves nothing of TLS",
    "leave tls_priority out of the URI, or let it have TLS 1.2 or 1.3" },
  { VC_STEP_CERTIFICATES, "next update",
    "have the CA sign a new list of revoked certificates, and put it there" },
  { VC_STEP_CERTIFICATES, "out of date",
    "have the CA sign a new list of revoked certificates, and put it there" },
  { VC_STEP_CERTIFICATES, "expired on",
    "look at the clock of this host; if it is right, have the CA sign a new certificate: virtcard pki client "
    "NAME --libvirt" },
  { VC_STEP_CERTIFICATES, "not valid before",
    "look at the clock of this host; if it is right, wait, or have the CA sign another certificate" },
  { VC_STEP_CERTIFICATES, "ermission denied",
    "become the user who may read it, or give it to the user who connects" },
  { VC_STEP_CERTIFICATES, "is not the key of", "put the key there that was made with this certificate" },
  { VC_STEP_CERTIFICATES, "oes not exist",
    "put it there: a certificate and its key belong together; virtcard pki client NAME --libvirt makes "
    "both" },
  { VC_STEP_CERTIFICATES, "exclude each other", "give either of them" },
  { VC_STEP_CERTIFICATES, NULL,
    "put a good file there; virtcard pki check --libvirt --end client DIR says what is wrong with a folder" },

  { VC_STEP_NAME, NULL, "look at the spelling; 'getent hosts NAME' shows what this host knows of it" },

  { VC_STEP_PORT, "nobody listens",
    "start virtcardd --listen there, or libvirtd with listen_tls; if it has another port than 16514, write "
    "HOST:PORT" },
  { VC_STEP_PORT, NULL, "look at the network, and at the firewalls between here and there" },

  { VC_STEP_HANDSHAKE, "plain text",
    "take the port of TLS: 16514, if nobody has changed it; another service has this one" },
  { VC_STEP_HANDSHAKE, "its own certificates",
    "read the server's log; 'virtcardd --listen --check' there says what is wrong with its certificates" },
  { VC_STEP_HANDSHAKE, "no version of TLS",
    "let both ends have TLS 1.2 or 1.3: look at tls_priority there and in the URI" },
  { VC_STEP_HANDSHAKE, "no encryption in common",
    "let both ends have a cipher in common: look at tls_priority there and in the URI" },
  { VC_STEP_HANDSHAKE, "broke off",
    "read the server's log; if it is another service, take the port of TLS: 16514 as a rule" },
  { VC_STEP_HANDSHAKE, "closed the connection",
    "is it the port of TLS, 16514 as a rule?  If so, read the server's log, and compare tls_priority "
    "there and in the URI" },
  { VC_STEP_HANDSHAKE, "did not answer",
    "is it the port of TLS, 16514 as a rule?  If so, look whether the server there is stopped or "
    "overloaded" },
  { VC_STEP_HANDSHAKE, NULL, "read the server's log" },

  { VC_STEP_CHAIN, "HAS CHANGED",
    "ask those who run the server for its fingerprint: when it is the new one, virtcard trust remove "
    "HOST:PORT; if not, somebody else answers there" },
  { VC_STEP_CHAIN, "which is wanted",
    "compare with what 'virtcard pki show' tells on the server: when the one that was wanted is right, "
    "somebody else answers there" },
  { VC_STEP_CHAIN, "list of trusted servers",
    "mend that file: until it can be read nobody can know which servers were trusted" },
  { VC_STEP_CHAIN, "cannot be remembered", "look whether the folder of known_servers can be written to" },
  { VC_STEP_CHAIN, "was rejected", "nothing, if it is not the server that was meant; else accept it" },
  { VC_STEP_CHAIN, "no certificate of a CA",
    "put the certificate of the CA that signed it there, or trust the server by its key: virtcard trust add "
    "HOST:PORT FINGERPRINT" },
  { VC_STEP_CHAIN, "signed by itself",
    "if it is the right one, put it into cacert.pem here; better: have a CA sign one, virtcard pki server "
    "NAME "
    "--libvirt" },
  { VC_STEP_CHAIN, "not trusted here",
    "put that CA's certificate into cacert.pem here, if it is the right one; if not, somebody else answers "
    "there" },
  { VC_STEP_CHAIN, "was revoked",
    "have a new key and certificate made for the server; the old key may be stolen" },
  { VC_STEP_CHAIN, "out of date",
    "have the CA sign a new list of revoked certificates, and put it into cacrl.pem here" },
  { VC_STEP_CHAIN, NULL, "have a new certificate made for the server: virtcard pki server NAME --libvirt" },

  { VC_STEP_DATES, NULL,
    "look at the clock of this host; if it is right, have a new certificate made for the server: virtcard "
    "pki "
    "server NAME --libvirt" },

  { VC_STEP_HOST, NULL,
    "write one of those names into the URI, or have a certificate made for this one: virtcard pki server "
    "NAME "
    "--libvirt" },

  { VC_STEP_CLIENT, "no client certificate",
    "have one made by the server's CA, virtcard pki client NAME --libvirt, and put clientcert.pem and "
    "clientkey.pem here" },
  { VC_STEP_CLIENT, "have no certificate",
    "have one made by the server's CA, virtcard pki client NAME --libvirt, and put clientcert.pem and "
    "clientkey.pem here" },
  { VC_STEP_CLIENT, "when it had seen our certificate",
    "read the server's log; virtcard pki check --libvirt --end client DIR says what can be seen from here" },
  { VC_STEP_CLIENT, "tls_allowed_dn_list",
    "have that name put on tls_allowed_dn_list in the server's virtcardd.conf, or connect with another "
    "certificate" },
  { VC_STEP_CLIENT, "cannot be checked",
    "have the CA sign a new list of revoked certificates, for the server" },
  { VC_STEP_CLIENT, "not trusted here",
    "have a certificate signed by the CA that the server trusts, or that CA put into the server's ca_file" },
  { VC_STEP_CLIENT, "is not valid before",
    "look at the clocks of both hosts; if they are right, wait, or have another certificate signed" },
  { VC_STEP_CLIENT, "did not confirm", "look whether the server there is stopped or overloaded" },
  { VC_STEP_CLIENT, "libvirt's confirmation", "is it virtcardd or libvirtd that has this port?" },
  { VC_STEP_CLIENT, NULL, "have a new client certificate made: virtcard pki client NAME --libvirt" },

  { VC_STEP_SSH, NULL,
    "try 'ssh HOST true', and then 'ssh HOST virtcard list': a daemon has to run there, and nc has to be "
    "installed" },

  { VC_STEP_AUTHENTICATION, "does not let user",
    "name the user with --user and the password with --password-file; 'virtcard user list' on the server "
    "says who "
    "there is" },
  { VC_STEP_AUTHENTICATION, "was given",
    "name the user with --user and the password with --password-file, or be at a terminal" },
  { VC_STEP_AUTHENTICATION, "mechanism",
    "let both ends have a mechanism in common: mech_list of the server's sasl2/libvirt.conf, and the modules "
    "of libsasl2 at either end" },
  { VC_STEP_AUTHENTICATION, NULL,
    "read the server's log, and what it wants: auth_tls or auth_unix_rw there" },

  { VC_STEP_AUTHORISATION, NULL, "read the server's log" },
};

const char *
vc_advice (VcStep step, const char *words)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].step == step && (rows[i].part == NULL || strstr (words, rows[i].part) != NULL))
      return rows[i].advice;
  g_assert_not_reached ();
}
