/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* One thing that is wrong, or soon will be, with certificates or a peer. */
typedef struct
{
  gboolean is_warning;
  int code;   /* VcErrorCode                                                       */
  char *text; /* "/etc/pki/qemu/server-cert.pem: …"; a warning's has "warning: "   */
} VcPkiProblem;

/* vc_pki_problems_new - an empty list of them */
GPtrArray *vc_pki_problems_new (void);

/* vc_pki_problem_add - one more: "WHERE: words", "WHERE: warning: words" */
void vc_pki_problem_add (GPtrArray *problems, gboolean is_warning, int code, const char *where,
                         const char *fmt, ...) G_GNUC_PRINTF (5, 6);

/* vc_pki_problem_add_error - an error's code and words */
void vc_pki_problem_add_error (GPtrArray *problems, const GError *error);

/* vc_pki_problems_fail - the first that is no warning, from that index on, as an error
 *
 * Returns: TRUE where there is none.
 */
gboolean vc_pki_problems_fail (const GPtrArray *problems, guint from, GError **error);
