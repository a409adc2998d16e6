/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* virtcard-signer - keep one invitation until it is used, void, cancelled or expired
 *
 * Started by `virtcard invite`, which hands the invitation and the CA's key over its standard input
 * (join/hand.h), and hears "ready" or what is wrong from its standard output.  Then virtcardd asks over a
 * socket in the folder of the invitations: whoever proves to know the secret gets one certificate, for the
 * name that was invited. virtcardd only carries what client and signer say to each other; what it may ask for
 * is decided here.
 *
 * To it:    'S', the channel of a TLS connection, what the client sent     sign
 *           'C'                                                            cancel
 * From it:  VC_JOIN_GRANTED and what the client gets, or VC_JOIN_REFUSED and why, for the log
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/wipe.h"
#include "join/frame.h"
#include "join/hand.h"
#include "join/note.h"
#include "signer/confine.h"

#define PATIENCE (2 * G_USEC_PER_SEC) /* with one who asks */
#define LINGER   (2 * G_USEC_PER_SEC) /* until it has taken the answer */

typedef struct
{
  VcInvitation *invitation;
  char *folder, *id;
  int socket, note, timer;
  gboolean is_cancelled;
} Signer;

/* A clock that goes on while the host sleeps, and that nobody sets. */
static gint64
clock_ms (void)
{
  struct timespec t;

  clock_gettime (CLOCK_BOOTTIME, &t);
  return (gint64) t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static gint64
now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static gboolean
listen_there (Signer *self, GError **error)
{
  g_autofree char *path = vc_note_socket (self->folder, self->id);
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  if (strlen (path) >= sizeof address.sun_path)
    return vc_fail (error, VC_ERROR_INVALID, "%s: is too long for a socket", path);
  strcpy (address.sun_path, path);
  self->socket = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  umask (0177);
  return (self->socket >= 0 && bind (self->socket, (struct sockaddr *) &address, sizeof address) == 0
          && listen (self->socket, 8) == 0)
         || vc_fail_errno (error, errno, "%s", path);
}

static gboolean
set_timer (Signer *self, GError **error)
{
  const gint64 until = self->invitation->until_ms;
  const struct itimerspec at = { .it_value = { until / 1000, (until % 1000) * 1000000 + 1 } };

  self->timer = timerfd_create (CLOCK_BOOTTIME, TFD_CLOEXEC);
  return (self->timer >= 0 && timerfd_settime (self->timer, TFD_TIMER_ABSTIME, &at, NULL) == 0)
         || vc_fail_errno (error, errno, "no timer");
}

static gboolean
begin_with (Signer *self, const VcHand *hand, GError **error)
{
  VcNote note = { .id = (char *) hand->id, .name = (char *) hand->name, .ca_key = (char *) hand->key_path };

  self->folder = g_strdup (hand->folder);
  self->id = g_strdup (hand->id);
  self->invitation = vc_hand_invite (hand, clock_ms (), now (), error);
  if (self->invitation == NULL || !set_timer (self, error) || !listen_there (self, error))
    return FALSE;
  note.until = now () + (self->invitation->until_ms - clock_ms () + 999) / 1000;
  self->note = vc_note_post (self->folder, &note, error);
  return self->note >= 0;
}

static gboolean
begin (Signer *self, GError **error)
{
  char *bytes = g_malloc (VC_HAND_MAX);
  gsize len = 0;
  gssize n;
  gboolean is_begun;
  VcHand hand = { 0 };

  while (len < VC_HAND_MAX && (n = read (STDIN_FILENO, bytes + len, VC_HAND_MAX - len)) > 0)
    len += (gsize) n;
  is_begun = vc_hand_read (bytes, len, &hand) ? begin_with (self, &hand, error)
                                              : vc_fail (error, VC_ERROR_INVALID, "nothing was handed over");
  explicit_bzero (&hand, sizeof hand);
  vc_wipe_free (bytes, VC_HAND_MAX);
  return is_begun;
}

/* Ourselves or root. */
static gboolean
may_ask (int fd)
{
  struct ucred who;
  socklen_t size = sizeof who;

  return getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0
         && (who.uid == 0 || who.uid == geteuid ());
}

static GByteArray *
refusal (const GError *why)
{
  const guint8 refused = VC_JOIN_REFUSED;
  GByteArray *answer = g_byte_array_new ();

  g_byte_array_append (answer, &refused, 1);
  return g_byte_array_append (answer, (const guint8 *) why->message, (guint) strlen (why->message));
}

/* Returns: new, or NULL: there is nothing to answer. */
static GByteArray *
answer_to (Signer *self, const GByteArray *asked)
{
  g_autoptr (GError) why = NULL;
  GByteArray *answer;

  if (asked->len == 1 && asked->data[0] == 'C')
    {
      self->is_cancelled = TRUE;
      return NULL;
    }
  if (asked->len < 1 + VC_JOIN_CHANNEL || asked->data[0] != 'S')
    return NULL;
  answer = vc_invitation_answer (self->invitation, asked->data + 1, asked->data + 1 + VC_JOIN_CHANNEL,
                                 asked->len - 1 - VC_JOIN_CHANNEL, clock_ms (), now (), &why);
  return answer != NULL ? answer : refusal (why);
}

static void
serve_one (Signer *self)
{
  int fd = accept4 (self->socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  const VcFrameWay way = vc_frame_socket (&fd);
  g_autoptr (GByteArray) asked = NULL;
  g_autoptr (GByteArray) answer = NULL;

  if (fd < 0)
    return;
  if (may_ask (fd))
    asked = vc_frame_receive (&way, 1 + VC_JOIN_CHANNEL + VC_JOIN_MAX_REQUEST,
                              g_get_monotonic_time () + PATIENCE, NULL);
  if (asked != NULL)
    answer = answer_to (self, asked);
  /* What was used is gone before anybody hears that it was. */
  if (self->invitation->is_over || self->is_cancelled)
    vc_note_remove (self->folder, self->id);
  if (answer != NULL)
    vc_frame_send (&way, answer->data, answer->len, g_get_monotonic_time () + LINGER, NULL);
  close (fd);
}

static void
serve (Signer *self)
{
  struct pollfd both[] = { { self->socket, POLLIN, 0 }, { self->timer, POLLIN, 0 } };

  while (!self->invitation->is_over && !self->is_cancelled)
    {
      if (poll (both, G_N_ELEMENTS (both), -1) < 0 && errno != EINTR)
        break;
      if (both[1].revents != 0)
        break;
      if (both[0].revents != 0)
        serve_one (self);
    }
  vc_note_remove (self->folder, self->id);
}

/* Whoever started us need not wait for our end. */
static void
leave_terminal (int null)
{
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    dup2 (null, fd);
  close (null);
}

int
main (int argc, char **argv)
{
  static Signer self = { NULL, NULL, NULL, -1, -1, -1, FALSE };
  g_autoptr (GError) error = NULL;
  int null = open ("/dev/null", O_RDWR | O_CLOEXEC);

  if (null < 0 || chdir ("/") < 0)
    return 1;
  confine_memory ();
  signal (SIGPIPE, SIG_IGN);
  signal (SIGHUP, SIG_IGN);
  signal (SIGINT, SIG_IGN);
  setsid ();
  if (!begin (&self, &error))
    {
      printf ("%s", error->message);
      if (self.note < 0 && self.socket >= 0)
        vc_note_remove (self.folder, self.id);
      return 1;
    }
  if (!confine_files (self.folder, &error))
    {
      printf ("%s", error->message);
      vc_note_remove (self.folder, self.id);
      return 1;
    }
  printf ("ready");
  fflush (stdout);
  leave_terminal (null);
  serve (&self);
  vc_invitation_free (self.invitation);
  return 0;
}
