/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/join.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "daemon/hide.h"
#include "daemon/log.h"
#include "daemon/sockets.h"
#include "join/frame.h"
#include "join/invitation.h"
#include "join/note.h"

#define PATIENCE    (5 * G_USEC_PER_SEC) /* with one that joins: to ask, and to take the answer */
#define SIGNER      (5 * G_USEC_PER_SEC) /* with its signer                                 */
#define WORKERS     8
#define MAX_WAITING 16u
#define LOOK        (G_USEC_PER_SEC / 4)
#define PERIOD      (60 * G_USEC_PER_SEC)
#define MAX_ONE     10u /* tries in a period, of an address       */
#define MAX_ALL     60u /* and of all                             */

/* All that a stranger is told, whatever is wrong. */
#define SENTENCE                                                                                             \
  "this invitation is not good: it was used, has expired, was taken back, or is not one of this server's"

struct VcJoins
{
  char *folder;
  GThreadPool *pool;
  GHashTable *tries; /* host -> how often, in this period */
  GHashTable *open;  /* ids of the invitations that were told of */
  guint n_tries;
  gint64 period;        /* its beginning                     */
  gint64 open_at;       /* when it was last found open; 0: it was not */
  struct timespec seen; /* when the folder had changed then  */
  VcLogSeldom refused;
};

/* One that joins. */
typedef struct
{
  int fd;
  VcTlsSession *session;
  char *address, *folder;
  char *id, *name, *subject, *print; /* what became known of it; NULL: not yet */
  GError *why;                       /* it did not get a certificate           */
  gboolean is_asked;                 /* its signer was                         */
} Join;

static void
join_free (gpointer data)
{
  Join *join = data;

  vc_tls_session_free (join->session);
  if (join->fd >= 0)
    close (join->fd);
  g_free (join->address);
  g_free (join->folder);
  g_free (join->id);
  g_free (join->name);
  g_free (join->subject);
  g_free (join->print);
  g_clear_error (&join->why);
  g_free (join);
}

/* The signer */

static GByteArray *
ask_signer (const VcNote *note, const guint8 *channel, const GByteArray *request, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + SIGNER;
  g_autoptr (GByteArray) asked = g_byte_array_new ();
  GByteArray *answer = NULL;
  int fd = vc_note_reach (note, error);
  const VcFrameWay way = vc_frame_socket (&fd);

  if (fd < 0)
    return NULL;
  g_byte_array_append (asked, (const guint8 *) "S", 1);
  g_byte_array_append (asked, channel, VC_JOIN_CHANNEL);
  g_byte_array_append (asked, request->data, request->len);
  if (vc_frame_send (&way, asked->data, asked->len, deadline, error))
    answer = vc_frame_receive (&way, VC_FRAME_MAX, deadline, error);
  close (fd);
  return answer;
}

/* In a thread */

static gssize
session_read (gpointer data, guint8 *bytes, gsize len, GError **error)
{
  return vc_tls_session_read (data, bytes, len, error);
}

static gssize
session_write (gpointer data, const guint8 *bytes, gsize len)
{
  return vc_tls_session_write (data, bytes, len);
}

static char *
print_id (const guint8 *id)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < VC_TOKEN_ID; i++)
    g_string_append_printf (out, "%02x", id[i]);
  return g_string_free (out, FALSE);
}

/* For the log, and so that what is no certificate goes no further.  The CA's stands behind it. */
static gboolean
look_at (Join *join, const GByteArray *answer, GError **error)
{
  const gsize head = 1 + VC_JOIN_HASH + 4;
  g_autoptr (GPtrArray) list = NULL;
  const VcCertificate *own;

  if (answer->len == 0 || answer->data[0] != VC_JOIN_GRANTED)
    return vc_fail (error, VC_ERROR_DENIED, "%s",
                    answer->len > 1 ? (const char *) answer->data + 1 : "its signer says nothing");
  if (answer->len > head)
    list = vc_certificates_read_text ((const char *) answer->data + head, answer->len - head,
                                      "its certificate", error);
  if (list == NULL)
    return FALSE;
  own = list->pdata[0];
  join->subject = g_strdup (own->subject);
  join->print = g_strdup (own->fingerprint);
  return TRUE;
}

/* Returns: new, or NULL with error. */
static GByteArray *
get_answer (Join *join, const GByteArray *request, GError **error)
{
  g_autoptr (GPtrArray) notes = vc_notes_read (join->folder);
  guint8 channel[VC_JOIN_CHANNEL];
  const VcNote *note;
  g_autoptr (GByteArray) answer = NULL;

  if (request->len < VC_JOIN_HEAD)
    return vc_fail_null (error, VC_ERROR_PROTOCOL, "it asked for nothing");
  join->id = print_id (request->data);
  note = vc_notes_find (notes, join->id);
  if (note == NULL || strcmp (note->id, join->id) != 0)
    return vc_fail_null (error, VC_ERROR_NOT_FOUND, "there is no such invitation");
  join->name = g_strdup (note->name);
  if (!vc_hide_key (note->ca_key, error) || !vc_tls_session_channel (join->session, channel, error))
    return NULL;
  join->is_asked = TRUE;
  answer = ask_signer (note, channel, request, error);
  return answer != NULL && look_at (join, answer, error) ? g_steal_pointer (&answer) : NULL;
}

static void
say_end (const Join *join)
{
  g_autofree char *name = vc_log_quote (join->name);
  g_autofree char *result = join->why != NULL ? vc_log_quote (join->why->message) : g_strdup ("ok");
  g_autofree char *subject = join->subject != NULL ? vc_log_quote (join->subject) : g_strdup ("-");

  vc_log_book ("join from=%s invitation=%s name=%s result=%s subject=%s sha256=%s", join->address, join->id,
               name, result, subject, join->print != NULL ? join->print : "-");
}

static gboolean
say_stranger (gpointer data)
{
  static VcLogSeldom seldom;
  Join *join = data;

  /* One that asks nothing may be `virtcard invite`, which looks whether it would be heard. */
  vc_log_seldom (&seldom, join->why->code == VC_ERROR_GONE ? VC_LOG_INFO : VC_LOG_WARNING,
                 "TLS: %s did not join: %s", join->address, join->why->message);
  return G_SOURCE_REMOVE;
}

static gboolean
refuse (const VcFrameWay *way, gint64 deadline)
{
  static const char words[] = "\0" SENTENCE; /* VC_JOIN_REFUSED stands before it */

  return vc_frame_send (way, (const guint8 *) words, sizeof words - 1, deadline, NULL);
}

static void
work (gpointer data, gpointer joins)
{
  Join *join = data;
  gint64 deadline = g_get_monotonic_time () + PATIENCE;
  const VcFrameWay way = { join->fd, join->session, session_read, session_write };
  g_autoptr (GByteArray) request = vc_frame_receive (&way, VC_JOIN_MAX_REQUEST, deadline, &join->why);
  g_autoptr (GByteArray) answer = request != NULL ? get_answer (join, request, &join->why) : NULL;

  deadline = g_get_monotonic_time () + PATIENCE;
  if (answer != NULL)
    vc_frame_send (&way, answer->data, answer->len, deadline, &join->why);
  else if (request != NULL)
    refuse (&way, deadline);
  vc_tls_session_end (join->session);
  if (!join->is_asked)
    {
      g_idle_add_full (G_PRIORITY_DEFAULT, say_stranger, join, join_free); /* not for threads */
      return;
    }
  say_end (join);
  join_free (join);
}

/* Who may try */

static gboolean
may_try (VcJoins *self, const char *address)
{
  gint64 now = g_get_monotonic_time ();
  char *host = vc_address_network (address);
  guint n;

  if (now - self->period >= PERIOD)
    {
      g_hash_table_remove_all (self->tries);
      self->n_tries = 0;
      self->period = now;
    }
  n = GPOINTER_TO_UINT (g_hash_table_lookup (self->tries, host)) + 1;
  if (n > MAX_ONE || self->n_tries >= MAX_ALL)
    {
      g_free (host);
      return FALSE;
    }
  self->n_tries++;
  g_hash_table_replace (self->tries, host, GUINT_TO_POINTER (n));
  return TRUE;
}

void
vc_joins_take (VcJoins *self, int fd_taken, VcTlsSession *session_taken, const char *address)
{
  Join *join = g_new0 (Join, 1);

  *join = (Join){
    .fd = fd_taken, .session = session_taken, .address = g_strdup (address), .folder = g_strdup (self->folder)
  };
  if (may_try (self, address) && g_thread_pool_unprocessed (self->pool) < MAX_WAITING)
    {
      g_thread_pool_push (self->pool, join, NULL);
      return;
    }
  const VcFrameWay way = { join->fd, join->session, session_read, session_write };

  refuse (&way, 0); /* what its socket takes at once */
  vc_tls_session_end (join->session);
  vc_log_seldom (&self->refused, VC_LOG_WARNING, "TLS: %s did not join: there were too many tries", address);
  join_free (join);
}

/* Those that were not open before are told of. */
static void
tell (VcJoins *self, const GPtrArray *notes)
{
  g_autoptr (GHashTable) before = g_steal_pointer (&self->open);

  self->open = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < notes->len; i++)
    {
      const VcNote *note = notes->pdata[i];
      g_autofree char *name = vc_log_quote (note->name);
      g_autofree char *until = vc_pki_time_print (note->until);

      if (!g_hash_table_contains (before, note->id))
        vc_log_book ("invitation=%s name=%s until=\"%s\"", note->id, name, until);
      g_hash_table_add (self->open, g_strdup (note->id));
    }
}

static gboolean
look (VcJoins *self)
{
  g_autoptr (GPtrArray) notes = vc_notes_read (self->folder);
  gboolean is_open = FALSE;

  tell (self, notes);

  for (guint i = 0; i < notes->len; i++)
    {
      const VcNote *note = notes->pdata[i];
      g_autoptr (GError) error = NULL;

      if (vc_hide_key (note->ca_key, &error))
        is_open = TRUE;
      else
        vc_log_seldom (&self->refused, VC_LOG_ERROR, "the invitation of '%s' is not answered: %s", note->name,
                       error->message);
    }
  return is_open;
}

gboolean
vc_joins_are_open (VcJoins *self)
{
  gint64 now = g_get_monotonic_time ();
  struct stat st;

  if (stat (self->folder, &st) < 0)
    return FALSE;
  if (self->open_at != 0 && now - self->open_at < LOOK && st.st_mtim.tv_sec == self->seen.tv_sec
      && st.st_mtim.tv_nsec == self->seen.tv_nsec)
    return TRUE;
  self->seen = st.st_mtim;
  self->open_at = look (self) ? now : 0;
  return self->open_at != 0;
}

VcJoins *
vc_joins_new (const char *run, GError **error)
{
  g_autoptr (VcJoins) self = g_new0 (VcJoins, 1);

  self->folder = vc_notes_folder (run);
  self->open = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->tries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->pool = g_thread_pool_new_full (work, self, join_free, WORKERS, FALSE, error);
  return self->pool != NULL ? g_steal_pointer (&self) : NULL;
}

void
vc_joins_free (VcJoins *self)
{
  if (self == NULL)
    return;
  if (self->pool != NULL)
    g_thread_pool_free (self->pool, TRUE, TRUE);
  g_hash_table_unref (self->tries);
  g_hash_table_unref (self->open);
  g_free (self->folder);
  g_free (self);
}
