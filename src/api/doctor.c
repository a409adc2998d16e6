/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "api/internal.h"

G_STATIC_ASSERT ((int) VIRTCARD_STEP_OK == (int) VC_WENT_WELL);
G_STATIC_ASSERT ((int) VIRTCARD_STEP_FAILED == (int) VC_WENT_WRONG);
G_STATIC_ASSERT ((int) VIRTCARD_STEP_SKIPPED == (int) VC_WENT_PAST);

typedef struct
{
  VirtcardStepFn fn;
  gpointer data;
} Listener;

static void
on_step (VcStep step, VcWent went, const char *words, const char *advice, gpointer data)
{
  const Listener *listener = data;

  listener->fn (vc_step_name (step), (VirtcardStepResult) went, words, advice, listener->data);
}

/* A call as any other, which changes nothing. */
static gboolean
try_call (VirtcardConnect *connect, VcSteps *steps, GError **error)
{
  g_autoptr (GPtrArray) domains = virtcard_connect_list (connect, VIRTCARD_LIST_ALL, error);

  if (domains == NULL)
    return FALSE;
  vc_steps_ok (steps, VC_STEP_AUTHORISATION, "guests can be seen: %u of them", domains->len);
  return TRUE;
}

gboolean
virtcard_connect_doctor (const char *uri, guint flags, const VirtcardTls *tls, const VirtcardAuth *auth,
                         VirtcardStepFn fn, gpointer data)
{
  Listener listener = { fn, data };
  VcSteps steps = { .tell = on_step, .data = &listener };
  g_autoptr (GError) error = NULL;
  g_autoptr (VirtcardConnect) connect = vc_api_open (uri, flags, tls, auth, &steps, &error);

  if (connect != NULL)
    try_call (connect, &steps, &error);
  return vc_steps_end (&steps, error);
}
