/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "json/json.h"

/* text_json - a string that may come from anywhere, made UTF-8; NULL is empty */
static inline VcJson *
text_json (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text ? text : "", -1);

  return json_string (valid);
}
