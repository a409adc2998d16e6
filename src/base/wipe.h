/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <string.h>

/* vc_wipe_free - overwrite len bytes that hold a secret, then free them; NULL is fine */
static inline void
vc_wipe_free (char *bytes, gsize len)
{
  if (bytes != NULL)
    explicit_bzero (bytes, len);
  g_free (bytes);
}

/* vc_wipe_text - the same for a string */
static inline void
vc_wipe_text (char *text)
{
  vc_wipe_free (text, text != NULL ? strlen (text) : 0);
}
