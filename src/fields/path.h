/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The grammar of a row's place, one step at a time. */
typedef struct
{
  char name[32]; /* element, or attribute when is_attr                             */
  char attr[16]; /* [attr=value] that chooses among children, or ""                */
  char value[32];
  gboolean is_attr;  /* "@name": always the last step                                  */
  gboolean repeated; /* "name[]"                                                       */
} VcStep;

/* vc_step - take the next step of a place
 *
 * *at moves on.  A place that does not fit the grammar is a programming mistake (asserted).
 *
 * Returns: FALSE at the end.
 */
gboolean vc_step (const char **at, VcStep *ret_step);
