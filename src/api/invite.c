/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "api/invite.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/wipe.h"
#include "client/join.h"
#include "daemon/keys.h"
#include "host/libexec.h"
#include "join/frame.h"
#include "join/hand.h"
#include "join/note.h"
#include "pki/peer.h"
#include "pki/pinned.h"
#include "pki/problem.h"
#include "pki/seal.h"

#define SIGNER    "virtcard-signer"
#define PROBE_S   10u
#define PATIENCE  (5 * G_USEC_PER_SEC) /* with a signer that is to end */
#define MAX_WORDS 4096u                /* of a signer                  */

/* What an invitation is made of. */
typedef struct
{
  VcDaemonConf *conf;
  VcCredential *credential; /* the server's */
  char *host;
  guint port, listen_port;
  VcPkiFolder *ca; /* its certificate is read, its key is not */
  GPtrArray *cas;  /* VcCertificate, what is in it            */
  char *key_text;
  char *folder;
  VcToken token;
} Making;

static void
making_clear (Making *self)
{
  vc_daemon_conf_free (self->conf);
  vc_credential_unref (self->credential);
  g_free (self->host);
  vc_pki_folder_free (self->ca);
  if (self->cas != NULL)
    g_ptr_array_unref (self->cas);
  vc_wipe_text (self->key_text);
  g_free (self->folder);
  explicit_bzero (self->token.secret, sizeof self->token.secret);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Making, making_clear)

/* The server */

static gboolean
read_port (const char *text, guint *ret_port, GError **error)
{
  const struct servent *service;
  guint64 number;

  if (g_ascii_string_to_unsigned (text, 10, 1, 65535, &number, NULL))
    *ret_port = (guint) number;
  else if ((service = getservbyname (text, "tcp")) != NULL)
    *ret_port = ntohs ((guint16) service->s_port);
  else
    return vc_fail (error, VC_ERROR_INVALID, "'%s' is not a port", text);
  return TRUE;
}

/* Names that mean another host to everybody else. */
static gboolean
is_local (const char *host)
{
  return strcmp (host, "localhost") == 0 || g_str_has_prefix (host, "127.") || strcmp (host, "::1") == 0;
}

/* The name of the server's certificate that is the likeliest of use to a client: DNS before addresses, and
 * those of this host only where there is nothing else. */
static char *
usual_host (const VcCertificate *own)
{
  static const char *const kinds[] = { "DNS:", "IP:" };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (kinds); i++)
    for (char **name = own->names; *name != NULL; name++)
      {
        const char *kind = kinds[i % G_N_ELEMENTS (kinds)], *host = *name + strlen (kind);

        if (g_str_has_prefix (*name, kind) && vc_token_is_host (host, strlen (host))
            && is_local (host) == (i >= G_N_ELEMENTS (kinds)))
          return g_strdup (host);
      }
  return g_strdup (own->common_name);
}

static gboolean
find_address (Making *self, const char *address, GError **error)
{
  const VcCertificate *own = vc_credential_own (self->credential);

  self->port = self->listen_port;
  if (address == NULL)
    self->host = usual_host (own);
  else if (g_hostname_is_ip_address (address) || strchr (address, ':') == NULL)
    self->host = g_strdup (address);
  else
    {
      g_autofree char *port = NULL;

      if (!vc_peer_read_address (address, &self->host, &port, error) || !read_port (port, &self->port, error))
        return FALSE;
    }
  if (self->host == NULL || !vc_token_is_host (self->host, strlen (self->host)))
    return vc_fail (error, VC_ERROR_INVALID, "'%s' is neither the name of a host nor an address",
                    self->host != NULL ? self->host : "");
  return vc_certificate_has_name (own, self->host)
         || vc_fail (error, VC_ERROR_INVALID,
                     "the server's certificate is not for '%s', so that no client would trust it there: %s",
                     self->host, own->origin);
}

static gboolean
read_server (Making *self, const VcPaths *paths, const VcInviteQuestion *question, GError **error)
{
  g_autofree char *usual = g_build_filename (paths->etc, "virtcardd.conf", NULL);
  g_autoptr (GPtrArray) problems = vc_pki_problems_new ();

  self->conf = vc_daemon_conf_read (question->config != NULL ? question->config : usual, error);
  if (self->conf == NULL)
    return FALSE;
  if (!self->conf->tls.listens)
    return vc_fail (error, VC_ERROR_STATE, "virtcardd does not serve other hosts: listen_tls is 0");
  self->credential = vc_keys_check (&self->conf->tls, problems, error);
  return self->credential != NULL && read_port (self->conf->tls.port, &self->listen_port, error)
         && find_address (self, question->address, error);
}

/* The CA */

static gboolean
has_certificate (const char *path, const VcCertificate *wanted, GError **error)
{
  g_autoptr (GPtrArray) list = vc_certificates_read (path, error);

  for (guint i = 0; list != NULL && i < list->len; i++)
    if (strcmp (((VcCertificate *) list->pdata[i])->fingerprint, wanted->fingerprint) == 0)
      return TRUE;
  return list != NULL
         && vc_fail (error, VC_ERROR_INVALID,
                     "the CA '%s' is not in %s, so that virtcardd would refuse what it signs",
                     wanted->subject, path);
}

/* Would client and server trust each other? */
static gboolean
check_ca (const Making *self, const char *name, GError **error)
{
  g_autoptr (VcPkiFolder) servers = vc_keys_folder (&self->conf->tls);
  const VcCertificate *ca = self->cas->pdata[0], *own = vc_credential_own (self->credential);
  g_autofree char *subject = g_strconcat ("CN=", name, NULL);
  char *const *allowed = self->conf->tls.allowed;

  if (!has_certificate (servers->files[VC_PKI_CA_CERT].path, ca, error))
    return FALSE;
  if (!vc_certificate_is_signed_by (own, ca))
    return vc_fail (error, VC_ERROR_INVALID,
                    "%s was not signed by the CA '%s', so that no client of that CA would trust it",
                    own->origin, ca->subject);
  for (; allowed != NULL && *allowed != NULL; allowed++)
    if (g_pattern_match_simple (*allowed, subject))
      return TRUE;
  return self->conf->tls.allowed == NULL
         || vc_fail (error, VC_ERROR_INVALID, "'%s' is not on tls_allowed_dn_list: it would be refused",
                     subject);
}

/* Leaves it in key_text, not encrypted. */
static gboolean
read_key (Making *self, const VcInviteQuestion *question, GError **error)
{
  const char *path = self->ca->files[VC_PKI_CA_KEY].path;
  gsize len = 0;
  char *text = vc_file_read (path, VC_KEY_MAX_BYTES, &len, error);
  gboolean is_encrypted = text != NULL && vc_key_is_encrypted (text, len);
  char *passphrase = is_encrypted ? question->passphrase (path, question->data, error) : NULL;
  g_autoptr (VcKey) key = NULL;

  if (text != NULL && !is_encrypted && geteuid () != 0)
    vc_fail (error, VC_ERROR_DENIED,
             "%s: is not encrypted, and virtcardd, which is the same user as you, could read it; encrypt it: "
             "openssl pkcs8 -topk8 -in KEY -out NEW",
             path);
  else if (text != NULL && (!is_encrypted || passphrase != NULL))
    key = vc_key_read_text (text, len, passphrase, path, error);
  vc_wipe_free (text, len);
  vc_wipe_text (passphrase);
  self->key_text = key != NULL ? vc_key_print (key, error) : NULL;
  return self->key_text != NULL;
}

static gboolean
read_ca (Making *self, const VcInviteQuestion *question, GError **error)
{
  g_autoptr (VcPkiFolder) servers = vc_keys_folder (&self->conf->tls);
  g_autofree char *usual = g_path_get_dirname (servers->files[VC_PKI_CA_CERT].path);
  g_autofree char *given = question->ca != NULL ? g_canonicalize_filename (question->ca, NULL) : NULL;
  char *key;
  VcPkiFile *file;

  self->ca = vc_pki_folder_new (given != NULL ? given : usual, VC_PKI_LIBVIRT);
  if (given == NULL)
    vc_pki_folder_set_path (self->ca, VC_PKI_CA_CERT, servers->files[VC_PKI_CA_CERT].path);
  key = realpath (self->ca->files[VC_PKI_CA_KEY].path, NULL); /* what is hidden is the file itself */
  if (key == NULL)
    return vc_fail_errno (error, errno, "%s", self->ca->files[VC_PKI_CA_KEY].path);
  vc_pki_folder_set_path (self->ca, VC_PKI_CA_KEY, key);
  free (key);
  vc_pki_folder_fill (self->ca);
  file = &self->ca->files[VC_PKI_CA_CERT];
  if (file->bytes == NULL)
    return vc_fail_errno (error, file->errsv, "%s", file->path);
  self->cas = vc_certificates_read_text (file->bytes, file->len, file->path, error);
  return self->cas != NULL && check_ca (self, question->name, error) && read_key (self, question, error);
}

/* The signer */

static gboolean
make_folder (Making *self, const VcPaths *paths, const char *name, GError **error)
{
  g_autoptr (GPtrArray) notes = NULL;

  self->folder = vc_notes_folder (paths->run);
  if (!vc_paths_make_run (paths, error))
    return FALSE;
  if (mkdir (self->folder, 0700) < 0 && errno != EEXIST)
    return vc_fail_errno (error, errno, "cannot make folder '%s'", self->folder);
  notes = vc_notes_read (self->folder);
  if (vc_notes_find (notes, name) != NULL)
    return vc_fail (error, VC_ERROR_EXISTS, "'%s' is invited already; --cancel takes that back", name);
  return notes->len < VC_NOTE_MAX
         || vc_fail (error, VC_ERROR_LIMIT, "there are %u invitations already", notes->len);
}

static char *
print_id (const VcToken *token)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < VC_TOKEN_ID; i++)
    g_string_append_printf (out, "%02x", token->id[i]);
  return g_string_free (out, FALSE);
}

/* All that the signer is to know.  Returns: a descriptor to read it from, or -1 with error. */
static int
hand_over (const Making *self, const VcInviteQuestion *question, const char *id, GError **error)
{
  VcHand hand = { .folder = self->folder,
                  .id = id,
                  .name = question->name,
                  .ca_path = self->ca->files[VC_PKI_CA_CERT].path,
                  .ca_text = self->ca->files[VC_PKI_CA_CERT].bytes,
                  .key_path = self->ca->files[VC_PKI_CA_KEY].path,
                  .key_text = self->key_text,
                  .key_print = self->token.key_print,
                  .days = question->days,
                  .seconds = question->minutes * 60 };
  gsize len = 0;
  char *bytes;
  int fd = memfd_create ("invitation", MFD_CLOEXEC);
  gboolean is_written;

  vc_join_hash (self->token.secret, &hand.hashes);
  bytes = vc_hand_write (&hand, &len);
  explicit_bzero (&hand, sizeof hand);
  is_written = fd >= 0 && write (fd, bytes, len) == (gssize) len && lseek (fd, 0, SEEK_SET) == 0;
  vc_wipe_free (bytes, len);
  if (is_written)
    return fd;
  vc_fail_errno (error, errno, "cannot start the signer");
  if (fd >= 0)
    close (fd);
  return -1;
}

/* Up to its end, or "ready". */
static gboolean
hear (int fd, GError **error)
{
  char words[MAX_WORDS + 1];
  gsize len = 0;
  gssize n;

  while (len < MAX_WORDS && (n = read (fd, words + len, MAX_WORDS - len)) != 0)
    if (n > 0)
      len += (gsize) n;
    else if (errno != EINTR)
      break;
  words[len] = '\0';
  return strcmp (words, "ready") == 0
         || vc_fail (error, VC_ERROR_FAILED, "%s", len > 0 ? words : "the signer has ended");
}

static gboolean
start (const Making *self, const VcInviteQuestion *question, const char *id, GError **error)
{
  g_autofree char *program = vc_libexec_find (SIGNER);
  const char *const argv[] = { program, NULL };
  int hand = hand_over (self, question, id, error), ends[2] = { -1, -1 };
  gboolean is_ready = FALSE;

  if (hand < 0)
    return FALSE;
  if (!g_unix_open_pipe (ends, FD_CLOEXEC, error))
    {
      close (hand);
      return FALSE;
    }
  if (g_spawn_async_with_fds (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, hand, ends[1],
                              -1, error))
    {
      close (g_steal_fd (&ends[1]));
      is_ready = hear (ends[0], error);
    }
  if (ftruncate (hand, 0) < 0 && error != NULL && *error == NULL)
    is_ready = vc_fail_errno (error, errno, "cannot forget the CA's key");
  close (hand);
  close (ends[0]);
  if (ends[1] >= 0)
    close (ends[1]);
  return is_ready;
}

/* Does virtcardd, where it listens, hear who comes? */
static gboolean
probe (const Making *self, GError **error)
{
  const char *address = self->conf->tls.address;
  gboolean is_every = address == NULL || strcmp (address, "0.0.0.0") == 0 || strcmp (address, "::") == 0;
  g_autoptr (GError) why = NULL;

  if (vc_join_probe (is_every ? "localhost" : address, self->listen_port, self->token.key_print, PROBE_S,
                     &why))
    return TRUE;
  if (why->code == VC_ERROR_STATE)
    return vc_fail (error, VC_ERROR_STATE,
                    "virtcardd does not answer invitations at port %u; its log says why", self->listen_port);
  return vc_fail (error, why->code, "virtcardd does not answer: %s", why->message);
}

VcInvited *
vc_invite (const VcPaths *paths, const VcInviteQuestion *question, GError **error)
{
  g_auto (Making) making = { 0 };
  g_autofree char *id = NULL;
  VcInvited *invited;

  if (!read_server (&making, paths, question, error) || !make_folder (&making, paths, question->name, error)
      || !read_ca (&making, question, error)
      || !vc_tls_key_print (vc_credential_own (making.credential), making.token.key_print, error)
      || !vc_seal_random (making.token.id, sizeof making.token.id, error)
      || !vc_seal_random (making.token.secret, sizeof making.token.secret, error))
    return NULL;
  id = print_id (&making.token);
  if (!start (&making, question, id, error))
    return NULL;
  if (!probe (&making, error))
    {
      vc_invite_cancel (paths, id, NULL);
      return NULL;
    }
  making.token.host = making.host;
  making.token.port = making.port;
  invited = g_new0 (VcInvited, 1);
  invited->token = vc_token_print (&making.token);
  invited->where
      = g_strdup_printf (strchr (making.host, ':') != NULL ? "[%s]:%u" : "%s:%u", making.host, making.port);
  return invited;
}

GPtrArray *
vc_invite_list (const VcPaths *paths)
{
  g_autofree char *folder = vc_notes_folder (paths->run);

  return vc_notes_read (folder);
}

gboolean
vc_invite_cancel (const VcPaths *paths, const char *what, GError **error)
{
  g_autoptr (GPtrArray) notes = vc_invite_list (paths);
  const VcNote *note = vc_notes_find (notes, what);
  gint64 deadline = g_get_monotonic_time () + PATIENCE;
  g_autoptr (GByteArray) nothing = NULL;
  g_autoptr (GError) why = NULL;
  VcFrameWay way;
  int fd;

  if (note == NULL)
    return vc_fail (error, VC_ERROR_NOT_FOUND, "there is no invitation '%s'", what);
  fd = vc_note_reach (note, error);
  if (fd < 0)
    return FALSE;
  way = vc_frame_socket (&fd);
  if (vc_frame_send (&way, (const guint8 *) "C", 1, deadline, error))
    nothing = vc_frame_receive (&way, 1, deadline, &why); /* it closes when it is done */
  close (fd);
  return why != NULL;
}

void
vc_invited_free (VcInvited *self)
{
  if (self == NULL)
    return;
  vc_wipe_text (self->token);
  g_free (self->where);
  g_free (self);
}
