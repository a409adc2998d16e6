/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fields/field.h"

/* Sets of numbers as libvirt writes them: "1-4,^3,8", kept as char * in the short form "1-2,4,8". */

#define VC_CPUSET_MAX 16384u /* numbers are below                              */

extern const VcType vc_type_cpuset;

#define VC_CPUSET(S, m, x, ...) VC_ROW (S, m, char *, vc_type_cpuset, x, __VA_ARGS__)

/* vc_cpuset_next - the runs of a set one by one
 *
 * *at is the set's text, and moves on.  Returns: FALSE at the end.
 */
gboolean vc_cpuset_next (const char **at, guint *ret_first, guint *ret_last);

/* vc_cpuset_last - the highest number of a set */
guint vc_cpuset_last (const char *set);
