/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki/text.h"

/* Control characters of either sort, ends of lines and paragraphs, and what turns the direction of writing.
 */
static gboolean
is_shown (gunichar c)
{
  if (c < 0x20 || (c >= 0x7f && c < 0xa0))
    return FALSE;
  return c != 0x200e && c != 0x200f && !(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069);
}

char *
vc_pki_text (const void *bytes, gsize len)
{
  g_autofree char *text = g_utf8_make_valid (bytes, (gssize) len);
  g_autoptr (GString) out = g_string_new (NULL);

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (is_shown (c))
        g_string_append_unichar (out, c);
      else
        g_string_append_printf (out, c < 0x100 ? "\\x%02x" : "\\u%04x", c);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}
