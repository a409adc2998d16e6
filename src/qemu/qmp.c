/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu/qmp.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "qemu/qmp-line.h"

/* How this works
 *
 *   waiting: [open] [call] [call]     each with its own timer
 *               |
 *               v   one at a time, when the one before is answered or overdue
 *            current --> out --> socket --> lines --> message --> answered
 *
 * Once a command's text stands in out it is sent to the end, even when its deadline passes meanwhile:
 * half a line would spoil the stream.  Its late answer is recognised by a number that was given out
 * but is not the current one, and dropped.
 *
 * A QEMU that somebody else spoke to before may still answer him, and tell him events, on our connection.
 * Numbers tell such answers from ours.
 *
 * A callback may free the connection: whoever calls one holds the structure and looks at `freed`
 * afterwards.
 */

#define READ_BYTES    (64 * 1024)
#define READS_AT_ONCE 16

typedef struct
{
  VcQmp *qmp;
  gint64 id;
  char *name;
  char *text;
  int fd;           /* to go with it, owned; -1: none                     */
  gboolean opening; /* it is qmp_capabilities                             */
  gboolean refused; /* was one too many; only waits to be told so         */
  guint timeout_ms;
  GSource *timer;
  VcQmpReplyFn fn;
  gpointer data;
} Call;

typedef struct
{
  VcQmpEventFn fn; /* NULL: left while the others were being called */
  gpointer data;
} Listener;

struct VcQmp
{
  GMainContext *context;
  int fd; /* -1: ended */
  GSource *readable;
  GSource *writable; /* only while out is stuck */
  VcQmpEventFn on_event;
  VcQmpEndFn on_end;
  gpointer data;
  GArray *listeners; /* Listener */

  VcQmpLines *lines;
  GString *out;
  gsize out_sent;
  int out_fd; /* goes with the first byte of out */

  gboolean found; /* somebody else spoke to this QEMU before */
  gint64 first_id, next_id;
  Call *current;
  GQueue waiting;
  gboolean greeted;
  gboolean ready; /* qmp_capabilities was answered */

  guint holds;
  gboolean freed;
};

static void pump (VcQmp *qmp);

static void
drop_source (GSource **at)
{
  GSource *source = g_steal_pointer (at);

  if (source == NULL)
    return;
  g_source_destroy (source);
  g_source_unref (source);
}

static void
drop_fd (int *at)
{
  if (*at >= 0)
    close (*at);
  *at = -1;
}

static void
release (VcQmp *qmp)
{
  if (--qmp->holds > 0 || !qmp->freed)
    return;
  vc_qmp_lines_free (qmp->lines);
  g_string_free (qmp->out, TRUE);
  g_main_context_unref (qmp->context);
  g_array_unref (qmp->listeners);
  g_free (qmp);
}

static void
disconnect (VcQmp *qmp)
{
  drop_source (&qmp->readable);
  drop_source (&qmp->writable);
  drop_fd (&qmp->fd);
  drop_fd (&qmp->out_fd);
}

static void
call_free (Call *call)
{
  drop_source (&call->timer);
  drop_fd (&call->fd);
  g_free (call->name);
  g_free (call->text);
  g_free (call);
}

/* Takes the call, which is in no list any more. */
static void
answer (Call *call_taken, VcJson *value, const GError *error)
{
  VcQmpReplyFn fn = call_taken->fn;
  gpointer data = call_taken->data;

  call_free (call_taken);
  if (fn != NULL)
    fn (value, error, data);
}

static void
answer_all (VcQmp *qmp, const GError *error)
{
  /* Not those that are called from here: they have timers of their own. */
  guint n = g_queue_get_length (&qmp->waiting);
  Call *call = g_steal_pointer (&qmp->current);

  if (call != NULL)
    answer (call, NULL, error);
  for (; n > 0 && (call = g_queue_pop_head (&qmp->waiting)) != NULL; n--)
    answer (call, NULL, error);
}

/* The caller holds the structure.  Stops when one of them frees the connection. */
static void
tell_listeners (VcQmp *qmp, const char *event, VcJson *values)
{
  for (guint n = 0; n < qmp->listeners->len; n++)
    {
      const Listener listener = g_array_index (qmp->listeners, Listener, n);

      if (listener.fn != NULL)
        listener.fn (event, values, listener.data);
    }
  for (guint n = qmp->listeners->len; n > 0; n--)
    if (event == NULL || g_array_index (qmp->listeners, Listener, n - 1).fn == NULL)
      g_array_remove_index (qmp->listeners, n - 1);
}

static void
end (VcQmp *qmp, const GError *why)
{
  disconnect (qmp);
  answer_all (qmp, why);
  tell_listeners (qmp, NULL, NULL);
  if (!qmp->freed && qmp->on_end != NULL)
    qmp->on_end (why, qmp->data);
}

static gboolean
on_deadline (gpointer data)
{
  Call *call = data;
  VcQmp *qmp = call->qmp;
  g_autoptr (GError) error = NULL;

  if (qmp->fd < 0)
    vc_fail (&error, VC_ERROR_GONE, "%s: the connection to QEMU has ended", call->name);
  else if (call->refused)
    vc_fail (&error, VC_ERROR_BUSY, "%s: %u commands wait for QEMU already", call->name, VC_QMP_MAX_CALLS);
  else
    vc_fail (&error, VC_ERROR_BUSY, "%s: no answer from QEMU in %u ms", call->name, call->timeout_ms);

  qmp->holds++;
  if (qmp->current == call)
    qmp->current = NULL;
  else
    g_queue_remove (&qmp->waiting, call);
  answer (call, NULL, error);
  if (!qmp->freed)
    pump (qmp);
  release (qmp);
  return G_SOURCE_REMOVE;
}

/* The classes a caller can act on. */
static VcErrorCode
code_from_class (const char *name)
{
  if (g_str_equal (name, "DeviceNotFound"))
    return VC_ERROR_NOT_FOUND;
  if (g_str_equal (name, "CommandNotFound"))
    return VC_ERROR_UNSUPPORTED;
  return VC_ERROR_QEMU;
}

/* By the one before us, whose command QEMU carried out when he had gone and we had come. */
static gboolean
is_open_already (const VcQmp *qmp, const Call *call, const VcQmpMessage *message)
{
  return qmp->found && call->opening && message->kind == VC_QMP_REFUSAL
         && code_from_class (message->name) == VC_ERROR_UNSUPPORTED;
}

static gboolean
on_answer (VcQmp *qmp, const VcQmpMessage *message, GError **error)
{
  g_autoptr (GError) refusal = NULL;
  g_autoptr (json_t) none = NULL;
  VcJson *value = message->kind == VC_QMP_REFUSAL ? NULL : message->value;
  Call *call = qmp->current;

  if (qmp->found && (message->id < qmp->first_id || message->id >= qmp->next_id))
    return TRUE; /* somebody else's */
  if (message->id < 0 && message->kind == VC_QMP_REFUSAL)
    return vc_fail (error, VC_ERROR_PROTOCOL, "QEMU did not understand what it was sent: %s", message->words);
  if (message->id < 0 || message->id >= qmp->next_id)
    return vc_fail (error, VC_ERROR_PROTOCOL, "QEMU answered a command that was not sent");
  if (call == NULL || message->id != call->id)
    return TRUE; /* too late */

  qmp->current = NULL;
  if (is_open_already (qmp, call, message))
    value = none = json_object ();
  else if (message->kind == VC_QMP_REFUSAL)
    vc_fail (&refusal, code_from_class (message->name), "%s: %s", call->name, message->words);
  qmp->ready |= call->opening && refusal == NULL;
  answer (call, value, refusal);
  if (!qmp->freed)
    pump (qmp);
  return TRUE;
}

static gboolean
on_line (VcQmp *qmp, const char *text, gsize len, GError **error)
{
  g_autoptr (VcQmpMessage) message = vc_qmp_message_read (text, len, error);

  if (message == NULL)
    return FALSE;
  if (qmp->found && !qmp->greeted && message->kind != VC_QMP_GREETING)
    return TRUE; /* not to us */
  if ((message->kind == VC_QMP_GREETING) == qmp->greeted)
    return vc_fail (error, VC_ERROR_PROTOCOL, "QEMU must greet first, and once");

  switch (message->kind)
    {
    case VC_QMP_GREETING:
      qmp->greeted = TRUE;
      pump (qmp);
      return TRUE;
    case VC_QMP_EVENT:
      tell_listeners (qmp, message->name, message->value);
      if (!qmp->freed && qmp->on_event != NULL)
        qmp->on_event (message->name, message->value, qmp->data);
      return TRUE;
    default:
      return on_answer (qmp, message, error);
    }
}

static gboolean
read_lines (VcQmp *qmp, GError **error)
{
  g_autofree char *bytes = g_malloc (READ_BYTES);

  for (guint n = 0; n < READS_AT_ONCE; n++)
    {
      ssize_t got = recv (qmp->fd, bytes, READ_BYTES, MSG_DONTWAIT);
      const char *line;
      gsize len;

      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0 && errno == EAGAIN)
        return TRUE;
      if (got <= 0)
        return vc_fail (error, VC_ERROR_GONE, "QEMU closed its monitor");
      if (!vc_qmp_lines_add (qmp->lines, bytes, (gsize) got, error))
        return FALSE;
      while ((line = vc_qmp_lines_get (qmp->lines, &len)) != NULL)
        {
          if (!on_line (qmp, line, len, error))
            return FALSE;
          if (qmp->fd < 0) /* freed by a callback */
            return TRUE;
        }
    }
  return TRUE;
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer data)
{
  VcQmp *qmp = data;
  g_autoptr (GError) error = NULL;

  qmp->holds++;
  if (!read_lines (qmp, &error) && qmp->fd >= 0)
    end (qmp, error);
  release (qmp);
  return G_SOURCE_CONTINUE;
}

static ssize_t
send_out (VcQmp *qmp)
{
  union
  {
    struct cmsghdr header;
    char bytes[CMSG_SPACE (sizeof (int))];
  } control = { .bytes = { 0 } };
  struct iovec part = { qmp->out->str + qmp->out_sent, qmp->out->len - qmp->out_sent };
  struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

  if (qmp->out_fd >= 0)
    {
      message.msg_control = &control;
      message.msg_controllen = sizeof control;
      control.header = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
                                         .cmsg_type = SCM_RIGHTS,
                                         .cmsg_len = CMSG_LEN (sizeof (int)) };
      memcpy (CMSG_DATA (&control.header), &qmp->out_fd, sizeof (int));
    }
  return sendmsg (qmp->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static gboolean on_writable (int fd, GIOCondition condition, gpointer data);

static void
write_out (VcQmp *qmp)
{
  while (qmp->out_sent < qmp->out->len)
    {
      ssize_t sent = send_out (qmp);

      if (sent < 0 && errno == EINTR)
        continue;
      if (sent < 0 && errno == EAGAIN)
        {
          if (qmp->writable != NULL)
            return;
          qmp->writable = g_unix_fd_source_new (qmp->fd, G_IO_OUT);
          g_source_set_callback (qmp->writable, G_SOURCE_FUNC (on_writable), qmp, NULL);
          g_source_attach (qmp->writable, qmp->context);
          return;
        }
      if (sent < 0) /* the reading side learns of it and says it to everybody */
        break;
      drop_fd (&qmp->out_fd);
      qmp->out_sent += (gsize) sent;
    }
  drop_source (&qmp->writable);
  drop_fd (&qmp->out_fd);
  g_string_truncate (qmp->out, 0);
  qmp->out_sent = 0;
}

static gboolean
on_writable (int fd, GIOCondition condition, gpointer data)
{
  VcQmp *qmp = data;

  write_out (qmp);
  pump (qmp);
  return G_SOURCE_CONTINUE;
}

/* Send the next command if it is its turn.  Calls nobody back. */
static void
pump (VcQmp *qmp)
{
  Call *call = g_queue_peek_head (&qmp->waiting);

  if (qmp->fd < 0 || qmp->current != NULL || qmp->out->len > 0 || call == NULL || call->refused)
    return;
  if (call->opening ? !qmp->greeted : !qmp->ready)
    return;
  qmp->current = g_queue_pop_head (&qmp->waiting);
  g_string_assign (qmp->out, call->text);
  qmp->out_fd = call->fd;
  call->fd = -1;
  write_out (qmp);
}

static Call *
call_new (VcQmp *qmp, VcJson *command_taken, guint timeout_ms, VcQmpReplyFn fn, gpointer data)
{
  g_autoptr (json_t) command = command_taken;
  g_autofree char *text = NULL;
  Call *call = g_new0 (Call, 1);

  g_assert (!qmp->freed);
  call->qmp = qmp;
  call->id = qmp->next_id++;
  json_object_set_new (command, "id", json_integer (call->id));
  text = vc_json_print (command);
  call->text = g_strconcat (text, "\n", NULL);
  call->name = g_strdup (vc_json_str (command, "execute"));
  call->fd = -1;
  call->fn = fn;
  call->data = data;
  call->refused = g_queue_get_length (&qmp->waiting) + (qmp->current != NULL) >= VC_QMP_MAX_CALLS;
  call->timeout_ms = timeout_ms;
  call->timer = g_timeout_source_new (call->refused || qmp->fd < 0 ? 0 : timeout_ms);
  g_source_set_callback (call->timer, on_deadline, call, NULL);
  g_source_attach (call->timer, qmp->context);
  return call;
}

VcQmp *
vc_qmp_new (int fd_taken, GMainContext *context, VcQmpEventFn on_event, VcQmpEndFn on_end, gpointer data)
{
  VcQmp *qmp = g_new0 (VcQmp, 1);

  qmp->context = g_main_context_ref (context != NULL ? context : g_main_context_default ());
  qmp->fd = fd_taken;
  qmp->out_fd = -1;
  qmp->on_event = on_event;
  qmp->on_end = on_end;
  qmp->data = data;
  qmp->listeners = g_array_new (FALSE, FALSE, sizeof (Listener));
  qmp->lines = vc_qmp_lines_new ();
  qmp->out = g_string_new (NULL);
  g_queue_init (&qmp->waiting);
  qmp->holds = 1;

  qmp->readable = g_unix_fd_source_new (qmp->fd, G_IO_IN);
  g_source_set_callback (qmp->readable, G_SOURCE_FUNC (on_readable), qmp, NULL);
  g_source_attach (qmp->readable, qmp->context);
  return qmp;
}

void
vc_qmp_set_found (VcQmp *qmp)
{
  g_assert (qmp->next_id == 0);
  qmp->found = TRUE;
  qmp->first_id = qmp->next_id = (gint64) g_random_int () << 20;
}

void
vc_qmp_free (VcQmp *qmp)
{
  g_autoptr (GError) error = NULL;

  if (qmp == NULL)
    return;
  g_assert (!qmp->freed);
  qmp->freed = TRUE;
  disconnect (qmp);
  vc_fail (&error, VC_ERROR_GONE, "the connection to QEMU was given up");
  answer_all (qmp, error);
  tell_listeners (qmp, NULL, NULL);
  release (qmp);
}

void
vc_qmp_listen (VcQmp *qmp, VcQmpEventFn fn, gpointer data)
{
  const Listener listener = { fn, data };

  g_array_append_val (qmp->listeners, listener);
}

void
vc_qmp_unlisten (VcQmp *qmp, VcQmpEventFn fn, gpointer data)
{
  for (guint n = 0; n < qmp->listeners->len; n++)
    {
      Listener *listener = &g_array_index (qmp->listeners, Listener, n);

      if (listener->fn == fn && listener->data == data)
        listener->fn = NULL;
    }
}

GMainContext *
vc_qmp_context (const VcQmp *qmp)
{
  return qmp->context;
}

VcJson *
vc_qmp_command (const char *name, VcJson *arguments_taken)
{
  VcJson *command = json_object ();

  json_object_set_new (command, "execute", json_string (name));
  if (arguments_taken != NULL)
    json_object_set_new (command, "arguments", arguments_taken);
  return command;
}

void
vc_qmp_open (VcQmp *qmp, guint timeout_ms, VcQmpReplyFn fn, gpointer data)
{
  Call *call = call_new (qmp, vc_qmp_command ("qmp_capabilities", NULL), timeout_ms, fn, data);

  call->opening = TRUE;
  g_queue_push_head (&qmp->waiting, call);
  pump (qmp);
}

void
vc_qmp_call_fd (VcQmp *qmp, VcJson *command_taken, int fd, guint timeout_ms, VcQmpReplyFn fn, gpointer data)
{
  Call *call = call_new (qmp, command_taken, timeout_ms, fn, data);

  if (fd >= 0)
    call->fd = fcntl (fd, F_DUPFD_CLOEXEC, 3);
  g_queue_push_tail (&qmp->waiting, call);
  pump (qmp);
}

void
vc_qmp_call (VcQmp *qmp, VcJson *command_taken, guint timeout_ms, VcQmpReplyFn fn, gpointer data)
{
  vc_qmp_call_fd (qmp, command_taken, -1, timeout_ms, fn, data);
}

typedef struct
{
  gboolean done;
  VcJson *value;
  GError *error;
} Waited;

static void
on_waited (VcJson *value, const GError *error, gpointer data)
{
  Waited *waited = data;

  waited->done = TRUE;
  waited->value = json_incref (value);
  waited->error = error != NULL ? g_error_copy (error) : NULL;
}

static VcJson *
wait_for (GMainContext *context_taken, Waited *waited, GError **error)
{
  /* The connection may be freed while we wait: only the context is touched. */
  while (!waited->done)
    g_main_context_iteration (context_taken, TRUE);
  g_main_context_unref (context_taken);
  if (waited->error != NULL)
    g_propagate_error (error, waited->error);
  return waited->value;
}

gboolean
vc_qmp_open_wait (VcQmp *qmp, guint timeout_ms, GError **error)
{
  g_autoptr (json_t) value = NULL;
  Waited waited = { 0 };

  vc_qmp_open (qmp, timeout_ms, on_waited, &waited);
  value = wait_for (g_main_context_ref (qmp->context), &waited, error);
  return value != NULL;
}

VcJson *
vc_qmp_call_wait (VcQmp *qmp, VcJson *command_taken, guint timeout_ms, GError **error)
{
  Waited waited = { 0 };

  vc_qmp_call (qmp, command_taken, timeout_ms, on_waited, &waited);
  return wait_for (g_main_context_ref (qmp->context), &waited, error);
}
