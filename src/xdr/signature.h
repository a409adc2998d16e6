/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Walking a signature; for reader and writer only. */

/* vc_signature_limit - the number behind *at, or else; moves *at behind it */
guint vc_signature_limit (const char **at, guint otherwise);

/* vc_signature_next - behind the item that begins at at: a letter, a list, an option, a group */
const char *vc_signature_next (const char *at);

/* vc_signature_close - the bracket that ends what begins at at */
const char *vc_signature_close (const char *at);
