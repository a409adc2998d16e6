/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"

#include <errno.h>

G_DEFINE_QUARK (vc - error, vc_error)

static void G_GNUC_PRINTF (3, 0) set (GError **error, VcErrorCode code, const char *fmt, va_list args)
{
  g_return_if_fail (error == NULL || *error == NULL);
  if (error != NULL)
    *error = g_error_new_valist (VC_ERROR, (gint) code, fmt, args);
}

gboolean
vc_fail (GError **error, VcErrorCode code, const char *fmt, ...)
{
  va_list args;

  va_start (args, fmt);
  set (error, code, fmt, args);
  va_end (args);
  return FALSE;
}

gpointer
vc_fail_null (GError **error, VcErrorCode code, const char *fmt, ...)
{
  va_list args;

  va_start (args, fmt);
  set (error, code, fmt, args);
  va_end (args);
  return NULL;
}

static VcErrorCode
code_from_errno (int errsv)
{
  switch (errsv)
    {
    case ENOENT:
      return VC_ERROR_NOT_FOUND;
    case EACCES:
    case EPERM:
      return VC_ERROR_DENIED;
    case EEXIST:
      return VC_ERROR_EXISTS;
    default:
      return VC_ERROR_FAILED;
    }
}

gboolean
vc_fail_errno (GError **error, int errsv, const char *fmt, ...)
{
  g_autofree char *words = NULL;
  va_list args;

  va_start (args, fmt);
  words = g_strdup_vprintf (fmt, args);
  va_end (args);
  return vc_fail (error, code_from_errno (errsv), "%s: %s", words, g_strerror (errsv));
}

gboolean
vc_prefix (GError **error, const char *fmt, ...)
{
  g_autofree char *words = NULL;
  va_list args;

  if (error == NULL || *error == NULL)
    return FALSE;
  va_start (args, fmt);
  words = g_strdup_vprintf (fmt, args);
  va_end (args);
  g_prefix_error (error, "%s", words);
  return FALSE;
}
