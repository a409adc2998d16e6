/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/uri.h"
#include "host/paths.h"

/* vc_places_socket - the socket of a place's own daemon
 *
 * Returns: new string, or NULL with error: root has no session of its own.
 */
char *vc_places_socket (const VcUri *uri, gboolean is_read_only, GError **error);

/* vc_places_find - where the daemon of these places has its socket; Returns: new string */
char *vc_places_find (const VcPaths *paths, gboolean is_read_only);
