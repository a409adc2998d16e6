/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "cli/pki.h"
#include "cli/say.h"
#include "pki/peer.h"

#define USUAL_TIMEOUT 10u

typedef struct
{
  char *dir;
  int end;
  char *peer;
  char *secret;
  VcU32 timeout;
  gboolean libvirt;
} Check;

enum
{
  END_BOTH,
  END_SERVER,
  END_CLIENT,
};

static const char *const ends[] = { NULL, "server", "client", NULL };

static const VcField options[] = {
  VC_FOLDER (
      Check, dir, "[--dir] DIR",
      .doc
      = "folder of the certificates; without it the one of qemu.conf's chardev_tls, as a rule /etc/pki/qemu"),
  VC_CHOICE (Check, end, "--end END", ends, .doc = "the end of connections it has to be fit for"),
  VC_STR (Check, peer, "--peer HOST:PORT", .doc = "TLS server to connect to, as a client with this folder"),
  VC_U32 (Check, timeout, "--timeout SECONDS", .min = 1, .max = 3600,
          .doc = "how long the peer may take; without it 10"),
  VC_STR (Check, secret, "--secret UUID",
          .doc = "secret whose value opens the key; without it, and without DIR, the one of qemu.conf"),
  VC_FLAG (Check, libvirt, "--libvirt", .doc = "the files are named as libvirtd and virsh want them"),
  { 0 }
};

/* One call of the command. */
typedef struct
{
  const Check *options;
  const VcTlsPlace *place;
  VcPkiFolder *folder;
  GHashTable *said;
  gint64 now;
} Session;

static gboolean G_GNUC_PRINTF (1, 2) put (const char *fmt, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, fmt);
  text = g_strdup_vprintf (fmt, args);
  va_end (args);
  return vc_put (text);
}

/* Is it fit?  What is wrong goes to the standard error. */
static gboolean
check_end (const Session *session, VcPkiEnd end)
{
  g_autoptr (GPtrArray) problems = vc_pki_problems_new ();

  vc_pki_check (session->folder, end, session->place->passphrase, session->place->verify, session->now,
                problems, NULL);
  return vc_pki_say (problems, session->said);
}

static gboolean
put_fit (const Session *session, VcPkiEnd end)
{
  const VcPkiFile *file
      = &session->folder->files[end == VC_PKI_SERVER ? VC_PKI_SERVER_CERT : VC_PKI_CLIENT_CERT];
  const char *word = end == VC_PKI_SERVER ? "server" : "client";
  g_autoptr (GPtrArray) list
      = file->bytes != NULL ? vc_certificates_read_text (file->bytes, file->len, file->path, NULL) : NULL;
  const VcCertificate *own = list != NULL ? list->pdata[0] : NULL;
  g_autofree char *until = own != NULL ? vc_pki_time_print (own->not_after) : NULL;

  if (own == NULL)
    return put ("%s: fit for a TLS %s, without a certificate of its own\n", session->folder->folder, word);
  return put ("%s: fit for a TLS %s: '%s', until %s\n", session->folder->folder, word, own->subject, until);
}

static int
run_folder (const Session *session)
{
  gboolean good = TRUE;

  for (int end = VC_PKI_SERVER; end <= VC_PKI_CLIENT; end++)
    {
      gboolean is_server = end == VC_PKI_SERVER;

      if (session->options->end == (is_server ? END_CLIENT : END_SERVER))
        continue;
      if (is_server && session->options->end == END_BOTH && !vc_pki_has_end (session->folder, VC_PKI_SERVER))
        {
          if (!put ("%s: no TLS server: there is no %s\n", session->folder->folder,
                    vc_pki_part_name (session->folder->layout, VC_PKI_SERVER_CERT)))
            return VC_EXIT_FAILED;
        }
      else if (!check_end (session, end))
        good = FALSE;
      else if (!put_fit (session, end))
        return VC_EXIT_FAILED;
    }
  return good ? VC_EXIT_OK : VC_EXIT_FAILED;
}

static gboolean
put_peer (const Session *session, const VcPeer *peer)
{
  const VcCertificate *own = peer->certificates != NULL ? peer->certificates->pdata[0] : NULL;
  g_autofree char *until = own != NULL ? vc_pki_time_print (own->not_after) : NULL;
  const char *where = session->options->peer;

  if (peer->session != NULL && !put ("%s: speaks TLS: %s\n", where, peer->session))
    return FALSE;
  if (own != NULL && !put ("%s: has the certificate of '%s', until %s\n", where, own->subject, until))
    return FALSE;
  return !peer->asks
         || put ("%s: asks for a certificate, and was given %s\n", where, peer->given ? "ours" : "none");
}

static int
run_peer (const Session *session)
{
  const Check *self = session->options;
  g_autofree char *host = NULL;
  g_autofree char *port = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (VcPeer) peer = NULL;
  VcPeerQuestion question = { .folder = session->folder,
                              .passphrase = session->place->passphrase,
                              .timeout_ms = (self->timeout.set ? self->timeout.value : USUAL_TIMEOUT) * 1000,
                              .now = session->now };
  gboolean good = FALSE;

  if (vc_peer_read_address (self->peer, &host, &port, &error))
    {
      question.host = host;
      question.port = port;
      good = check_end (session, VC_PKI_CLIENT);
      peer = vc_peer_ask (&question, &error);
    }
  if (error != NULL && !g_hash_table_contains (session->said, error->message))
    vc_say ("%s", error->message);
  if (peer == NULL || !put_peer (session, peer))
    return VC_EXIT_FAILED;
  good = vc_pki_say (peer->problems, session->said) && good;
  return good ? VC_EXIT_OK : VC_EXIT_FAILED;
}

static int
run (const VcCli *cli, gconstpointer data)
{
  const Check *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (VcTlsPlace) place = vc_tls_place_new (cli->paths, self->dir, self->secret, TRUE, &error);
  g_autoptr (VcPkiFolder) folder
      = place != NULL ? vc_tls_folder_read (place->folder, self->libvirt ? VC_PKI_LIBVIRT : VC_PKI_QEMU,
                                            self->libvirt || self->peer != NULL ? NULL : place->user, &error)
                      : NULL;
  g_autoptr (GHashTable) said = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Session session = { .options = self,
                      .place = place,
                      .folder = folder,
                      .said = said,
                      .now = g_get_real_time () / G_USEC_PER_SEC };

  if (folder == NULL)
    {
      vc_say ("%s", error->message);
      return VC_EXIT_FAILED;
    }
  return self->peer != NULL ? run_peer (&session) : run_folder (&session);
}

static const VcStatus statuses[]
    = { { VC_EXIT_OK, "nothing is wrong; there may be warnings" },
        { VC_EXIT_FAILED, "something is wrong; all reasons are on the standard error" },
        { 0 } };

const VcCommand vc_command_pki_check = {
  .name = "pki-check",
  .words = "pki check",
  .summary = "say what is wrong with certificates, or with a peer",
  .about
  = "Reads the folder as the user QEMU runs as, and says for each end of a connection whether TLS will work: "
    "files that are missing or cannot be read, a key that is not the certificate's or does not open, dates, "
    "the CA, what a certificate may be used for, a CRL that is out of date. From 30 days before the end of a "
    "certificate there is a warning. Without --end an end of which no file is there is passed over.\n\n"
    "With --peer it connects as QEMU would with this folder, and says what TLS lets be known: that nobody "
    "listens, that the peer speaks no TLS, that its certificate is of another CA, has expired or is for "
    "another name, and that it wants a certificate or refuses ours. QEMU itself says nothing of this. The "
    "connection ends without data; a guest's device is taken for that moment. Only the end that waits can be "
    "tried: for a device that connects, try what it connects to.",
  .options = options,
  .size = sizeof (Check),
  .statuses = statuses,
  .run = run,
};
