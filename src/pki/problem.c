/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki/problem.h"

#include "base/error.h"

static void
free_problem (gpointer data)
{
  VcPkiProblem *problem = data;

  g_free (problem->text);
  g_free (problem);
}

GPtrArray *
vc_pki_problems_new (void)
{
  return g_ptr_array_new_with_free_func (free_problem);
}

static void
take (GPtrArray *problems, gboolean is_warning, int code, char *text_taken)
{
  VcPkiProblem *problem = g_new0 (VcPkiProblem, 1);

  problem->is_warning = is_warning;
  problem->code = code;
  problem->text = text_taken;
  g_ptr_array_add (problems, problem);
}

void
vc_pki_problem_add (GPtrArray *problems, gboolean is_warning, int code, const char *where, const char *fmt,
                    ...)
{
  g_autofree char *words = NULL;
  va_list args;

  va_start (args, fmt);
  words = g_strdup_vprintf (fmt, args);
  va_end (args);
  take (problems, is_warning, code,
        g_strdup_printf ("%s: %s%s", where, is_warning ? "warning: " : "", words));
}

void
vc_pki_problem_add_error (GPtrArray *problems, const GError *error)
{
  take (problems, FALSE, error->code, g_strdup (error->message));
}

gboolean
vc_pki_problems_fail (const GPtrArray *problems, guint from, GError **error)
{
  for (guint i = from; i < problems->len; i++)
    {
      const VcPkiProblem *problem = problems->pdata[i];

      if (!problem->is_warning)
        return vc_fail (error, (VcErrorCode) problem->code, "%s", problem->text);
    }
  return TRUE;
}
