/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/shake.h"

#include <poll.h>

#define ANSWER_MS 3 /* how long an answer is waited for */

static VcTlsSession *
new_session (VcShake *self, int fd)
{
  g_autoptr (VcTlsSession) session = vc_tls_session_new (self->credential, fd, &self->why);

  if (session != NULL && self->may_join && !vc_tls_session_offer_join (session, &self->why))
    return NULL;
  return g_steal_pointer (&session);
}

static VcTlsStep
step (VcShake *self, int fd, gboolean is_patient)
{
  struct pollfd answer = { .fd = fd, .events = POLLIN };
  VcTlsStep how;

  if (self->session == NULL)
    self->session = new_session (self, fd);
  if (self->session == NULL)
    return VC_TLS_FAILED;
  how = vc_tls_session_shake (self->session, &self->why);
  if (how == VC_TLS_READ && is_patient && poll (&answer, 1, ANSWER_MS) > 0)
    how = vc_tls_session_shake (self->session, &self->why);
  return how;
}

void
vc_shake_go_on (VcShake *self, int fd, char *const *allowed, gboolean no_verify, gboolean is_patient)
{
  self->step = step (self, fd, is_patient);
  if (self->step != VC_TLS_DONE || vc_tls_session_is_join (self->session)
      || vc_tls_session_check (self->session, allowed, g_get_real_time () / G_USEC_PER_SEC, &self->why))
    return;
  if (!no_verify)
    {
      vc_tls_session_refuse (self->session, self->why);
      return;
    }
  vc_tls_session_forget (self->session);
  g_clear_error (&self->why);
}

void
vc_shake_clear (VcShake *self)
{
  g_clear_pointer (&self->session, vc_tls_session_free);
  g_clear_pointer (&self->credential, vc_credential_unref);
  g_clear_error (&self->why);
}
