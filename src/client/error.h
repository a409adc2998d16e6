/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* vc_client_read_error - what an error reply says, as an error of ours
 *
 * libvirt's number becomes the code that can be acted on in the same way; the words stay.  bytes are changed.
 */
void vc_client_read_error (guint8 *bytes, gsize len, GError **error);
