/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/socket.h>
#include <unistd.h>

#include "qemu/qmp.h"

/* The bytes are all QEMU ever says to a connection with commands waiting.  The first byte says which
 * callback frees it. */

int LLVMFuzzerTestOneInput (const guint8 *bytes, gsize len);

typedef struct
{
  VcQmp *qmp;
  char when;
  guint answers;
} State;

static void
maybe_free (State *state, char when)
{
  if (state->when == when)
    vc_qmp_free (g_steal_pointer (&state->qmp));
}

static void
on_reply (VcJson *value, const GError *error, gpointer data)
{
  State *state = data;

  state->answers++;
  maybe_free (state, 'r');
}

static void
on_event (const char *event, VcJson *values, gpointer data)
{
  maybe_free (data, 'e');
}

static void
on_end (const GError *why, gpointer data)
{
  maybe_free (data, 'x');
}

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize len)
{
  g_autoptr (GMainContext) context = NULL;
  State state = { 0 };
  int ends[2];

  if (len == 0 || socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    return 0;
  context = g_main_context_new ();
  state.when = (char) bytes[0];
  state.qmp = vc_qmp_new (ends[0], context, on_event, on_end, &state);
  vc_qmp_open (state.qmp, 10000, on_reply, &state);
  vc_qmp_call (state.qmp, vc_qmp_command ("a", NULL), 10000, on_reply, &state);
  vc_qmp_call (state.qmp, vc_qmp_command ("b", NULL), 10000, on_reply, &state);
  if (send (ends[1], bytes + 1, len - 1, MSG_DONTWAIT) < 0 && len > 1)
    g_assert_not_reached ();
  shutdown (ends[1], SHUT_WR);
  while (state.answers < 3)
    g_main_context_iteration (context, TRUE);
  while (g_main_context_iteration (context, FALSE))
    continue;
  vc_qmp_free (state.qmp);
  close (ends[1]);
  g_assert_cmpuint (state.answers, ==, 3);
  return 0;
}
