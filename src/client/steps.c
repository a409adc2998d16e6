/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/steps.h"

#include "client/advice.h"
#include "client/socket.h"

#define BIT(step) (1u << (step))

static const char *const names[VC_N_STEPS] = {
  [VC_STEP_ADDRESS] = "address",
  [VC_STEP_ROOT] = "root",
  [VC_STEP_SOCKET] = "socket",
  [VC_STEP_CERTIFICATES] = "certificates",
  [VC_STEP_NAME] = "name",
  [VC_STEP_PORT] = "port",
  [VC_STEP_HANDSHAKE] = "handshake",
  [VC_STEP_CHAIN] = "chain",
  [VC_STEP_DATES] = "dates",
  [VC_STEP_HOST] = "server name",
  [VC_STEP_CLIENT] = "client certificate",
  [VC_STEP_SSH] = "ssh",
  [VC_STEP_AUTHENTICATION] = "authentication",
  [VC_STEP_AUTHORISATION] = "authorisation",
};

static const guint ways[] = {
  [VC_WAY_ROOT] = BIT (VC_STEP_ROOT),
  [VC_WAY_SOCKET] = BIT (VC_STEP_SOCKET),
  [VC_WAY_SSH] = BIT (VC_STEP_SSH),
  [VC_WAY_TLS] = BIT (VC_STEP_CERTIFICATES) | BIT (VC_STEP_NAME) | BIT (VC_STEP_PORT)
                 | BIT (VC_STEP_HANDSHAKE) | BIT (VC_STEP_CHAIN) | BIT (VC_STEP_DATES) | BIT (VC_STEP_HOST)
                 | BIT (VC_STEP_CLIENT),
};

const char *
vc_step_name (VcStep step)
{
  return names[step];
}

void
vc_steps_set_way (VcSteps *steps, VcWay way)
{
  if (steps != NULL)
    steps->way
        = BIT (VC_STEP_ADDRESS) | ways[way] | BIT (VC_STEP_AUTHENTICATION) | BIT (VC_STEP_AUTHORISATION);
}

void
vc_steps_set_socket (VcSteps *steps, const char *path)
{
  if (steps == NULL)
    return;
  g_free (steps->socket);
  steps->socket = g_strdup (path);
}

static void
tell (VcSteps *steps, VcStep step, VcWent went, const char *words, const char *advice)
{
  steps->told |= BIT (step);
  if (went == VC_WENT_WRONG)
    steps->wrong |= BIT (step);
  steps->tell (step, went, words, advice, steps->data);
}

static void G_GNUC_PRINTF (4, 0)
    tell_list (VcSteps *steps, VcStep step, VcWent went, const char *fmt, va_list args)
{
  g_autofree char *words = fmt != NULL ? g_strdup_vprintf (fmt, args) : NULL;

  tell (steps, step, went, words, NULL);
}

void
vc_steps_ok (VcSteps *steps, VcStep step, const char *fmt, ...)
{
  va_list args;

  va_start (args, fmt);
  if (steps != NULL)
    tell_list (steps, step, VC_WENT_WELL, fmt, args);
  va_end (args);
}

void
vc_steps_past (VcSteps *steps, VcStep step, const char *fmt, ...)
{
  va_list args;

  va_start (args, fmt);
  if (steps != NULL)
    tell_list (steps, step, VC_WENT_PAST, fmt, args);
  va_end (args);
}

void
vc_steps_fail (VcSteps *steps, VcStep step, const char *words)
{
  g_autofree char *of_socket = NULL;

  if (steps == NULL)
    return;
  if (step == VC_STEP_SOCKET && steps->socket != NULL)
    of_socket = vc_socket_advice (steps->socket);
  tell (steps, step, VC_WENT_WRONG, words, of_socket != NULL ? of_socket : vc_advice (step, words));
}

gboolean
vc_steps_end (VcSteps *steps, const GError *error)
{
  gboolean is_well;

  if (steps == NULL)
    return error == NULL;
  for (VcStep step = 0; step < VC_N_STEPS; step++)
    if ((steps->told & BIT (step)) == 0 && ((steps->way | BIT (VC_STEP_ADDRESS)) & BIT (step)) != 0)
      {
        if (error != NULL && steps->wrong == 0)
          vc_steps_fail (steps, step, error->message);
        else
          tell (steps, step, VC_WENT_PAST, NULL, NULL);
      }
  is_well = error == NULL && steps->wrong == 0;
  g_clear_pointer (&steps->socket, g_free);
  return is_well;
}
