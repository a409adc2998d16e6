/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/steps.h"

/* A connection by name. */

/* vc_dial - connect to a host's port; its addresses are tried one after the other
 *
 * deadline: of g_get_monotonic_time, for the name too.  steps: or NULL.
 *
 * Returns: a descriptor that does not wait and *ret_where, "HOST:PORT (ADDRESS)" (new string), or -1 with
 * error: "HOST:PORT: …", of every address its own reason.
 */
int vc_dial (const char *host, guint port, gint64 deadline, VcSteps *steps, char **ret_where, GError **error);

/* vc_dial_wait - until a descriptor is ready for events of poll(); Returns: FALSE when the time is up */
gboolean vc_dial_wait (int fd, short events, gint64 deadline);
