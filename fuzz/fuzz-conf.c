/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* qemu.conf as it may come. */
#include "host/conf.h"

int LLVMFuzzerTestOneInput (const guint8 *bytes, gsize len);

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize len)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcQemuConf) conf = vc_qemu_conf_read_text ((const char *) bytes, len, "q", &error);

  g_assert ((conf == NULL) == (error != NULL));
  if (error)
    g_assert (g_utf8_validate (error->message, -1, NULL));
  return 0;
}
