/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/secure.h"

#include <poll.h>
#include <unistd.h>

#include "base/error.h"
#include "client/dial.h"
#include "client/secure-tell.h"

/* Goes on with a part of it until that is done. */
static gboolean
go_on (const VcSecureQuestion *question, VcTlsCaller *caller, int fd,
       VcTlsStep (*part) (VcTlsCaller *caller, GError **error), const char *what, GError **error)
{
  for (;;)
    {
      VcTlsStep step = part (caller, error);

      if (step == VC_TLS_DONE)
        return TRUE;
      if (step == VC_TLS_FAILED)
        return FALSE;
      /* One that always has something to say is not waited for for ever. */
      if (g_get_monotonic_time () >= question->deadline
          || !vc_dial_wait (fd, step == VC_TLS_READ ? POLLIN : POLLOUT, question->deadline))
        return vc_fail (error, VC_ERROR_GONE, "%s within %u second%s", what, question->timeout_s,
                        question->timeout_s == 1 ? "" : "s");
    }
}

/* Moves the deadline by the time it takes: people take theirs. */
static gboolean
check (VcSecureQuestion *question, VcTlsCaller *caller, GPtrArray *flaws, GError **error)
{
  const VcServer server
      = { question->host, question->port, .chain = vc_tls_caller_chain (caller), .flaws = flaws };
  gint64 began = g_get_monotonic_time ();
  gboolean is_good;

  vc_tls_caller_check (caller, g_get_real_time () / G_USEC_PER_SEC, flaws);
  is_good = vc_policy_judge (question->policy, &server, error);
  vc_secure_tell_peer (question, caller, flaws, is_good || error == NULL ? NULL : *error);
  question->deadline += g_get_monotonic_time () - began;
  return is_good;
}

static gboolean
shake (const VcSecureQuestion *question, VcTlsCaller *caller, int fd, GError **error)
{
  g_autofree char *agreed = NULL;

  if (!go_on (question, caller, fd, vc_tls_caller_shake, "it did not answer to TLS", error))
    return FALSE;
  agreed = vc_tls_caller_print (caller);
  vc_steps_ok (question->steps, VC_STEP_HANDSHAKE, "%s", agreed);
  return TRUE;
}

static gboolean
hear (const VcSecureQuestion *question, VcTlsCaller *caller, int fd, GError **error)
{
  if (!go_on (question, caller, fd, vc_tls_caller_hear, "it did not confirm the connection", error))
    return FALSE;
  vc_secure_tell_own (question, caller);
  return TRUE;
}

int
vc_secure_dial (const VcSecureQuestion *asked, GPtrArray *flaws, VcTlsCaller **ret_caller, GError **error)
{
  VcSecureQuestion here = *asked, *question = &here;
  g_autofree char *where = NULL;
  g_autoptr (VcTlsCaller) caller = NULL;
  int fd = vc_dial (question->host, question->port, question->deadline, question->steps, &where, error);

  if (fd < 0)
    return -1;
  caller = vc_tls_caller_new (question->credential, question->host, fd, error);
  if (caller != NULL && shake (question, caller, fd, error) && check (question, caller, flaws, error)
      && hear (question, caller, fd, error))
    {
      *ret_caller = g_steal_pointer (&caller);
      return fd;
    }
  vc_prefix (error, "%s: ", where);
  g_clear_pointer (&caller, vc_tls_caller_free);
  close (fd);
  return -1;
}
