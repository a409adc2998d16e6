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

static gboolean
judge (const VcSecureQuestion *question, const VcTlsCaller *caller, guint faults, const GPtrArray *words,
       GError **error)
{
  if (question->judge != NULL)
    return question->judge (vc_tls_caller_peer (caller), faults, words, question->data)
           || vc_fail (error, VC_ERROR_DENIED, "its certificate was rejected%s%s", faults != 0 ? ": " : "",
                       faults != 0 ? (const char *) words->pdata[0] : "");
  return faults == 0 || question->no_verify
         || vc_fail (error, VC_ERROR_DENIED, "%s", (const char *) words->pdata[0]);
}

static gboolean
check (const VcSecureQuestion *question, VcTlsCaller *caller, GError **error)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  gboolean is_accepted;
  guint faults;

  if (question->no_verify && question->judge == NULL && question->steps == NULL)
    return TRUE;
  faults = vc_tls_caller_check (caller, g_get_real_time () / G_USEC_PER_SEC, words);
  is_accepted = judge (question, caller, faults, words, error);
  vc_secure_tell_peer (question, caller, words, is_accepted);
  return is_accepted;
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
vc_secure_dial (const VcSecureQuestion *question, VcTlsCaller **ret_caller, GError **error)
{
  g_autofree char *where = NULL;
  g_autoptr (VcTlsCaller) caller = NULL;
  int fd = vc_dial (question->host, question->port, question->deadline, question->steps, &where, error);

  if (fd < 0)
    return -1;
  caller = vc_tls_caller_new (question->credential, question->host, fd, error);
  if (caller != NULL && shake (question, caller, fd, error) && check (question, caller, error)
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
