/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/tlscheck.h"

#include "base/error.h"
#include "host/child.h"

/* In the child. */
static int
send_folder (gconstpointer data, int out)
{
  return vc_pki_folder_send (data, out) ? 0 : 1;
}

static gboolean
read_as (VcPkiFolder *folder, const VcUser *user, GError **error)
{
  g_auto (VcChildResult) result = { 0 };
  gboolean whole;

  if (!vc_child_run (send_folder, folder, user, -1, VC_TLS_CHECK_TIMEOUT_MS, VC_PKI_FOLDER_MAX_SENT, &result,
                     error))
    return FALSE;
  whole = result.end == VC_CHILD_EXITED && result.status == 0
          && vc_pki_folder_receive (folder, result.out->data, result.out->len);
  if (whole)
    return TRUE;
  if (result.end == VC_CHILD_EXITED && result.status == VC_CHILD_NO_USER)
    return vc_fail (error, VC_ERROR_DENIED, "cannot become user %s", user->name);
  if (result.end == VC_CHILD_LATE)
    return vc_fail (error, VC_ERROR_FAILED, "%s: user %s could not read it within %u seconds", folder->folder,
                    user->name, VC_TLS_CHECK_TIMEOUT_MS / 1000);
  return vc_fail (error, VC_ERROR_FAILED, "%s: cannot find out what user %s can read there", folder->folder,
                  user->name);
}

VcPkiFolder *
vc_tls_folder_read (const char *folder, VcPkiLayout layout, const VcUser *user, GError **error)
{
  g_autoptr (VcPkiFolder) self = NULL;

  if (user == NULL || user->self)
    return vc_pki_folder_read (folder, layout);
  self = vc_pki_folder_new (folder, layout);
  self->who = g_strdup_printf ("user %s", user->name);
  return read_as (self, user, error) ? g_steal_pointer (&self) : NULL;
}

gboolean
vc_tls_folder_check (const char *folder, VcPkiEnd end, const char *passphrase, gboolean verify,
                     const VcUser *user, GPtrArray *warnings, GError **error)
{
  g_autoptr (VcPkiFolder) files = vc_tls_folder_read (folder, VC_PKI_QEMU, user, error);
  g_autoptr (GPtrArray) problems = vc_pki_problems_new ();
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  if (files == NULL || !vc_pki_check (files, end, passphrase, verify, now, problems, error))
    return FALSE;
  for (guint i = 0; warnings != NULL && i < problems->len; i++)
    g_ptr_array_add (warnings, g_strdup (((const VcPkiProblem *) problems->pdata[i])->text));
  return TRUE;
}
