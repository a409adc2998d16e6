/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "devices/chardev.h"
#include "domain/internal.h"

/* QEMU's ids, as libvirt gives them: the stem of the kind and a running number within the element,
 * unless the kind names its devices itself or the user did. */

void
vc_domain_name_all (VcDomain *domain)
{
  const VcPeers *peers = vc_domain_peers (domain);
  g_autoptr (GHashTable) counts = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < domain->devices->len; i++)
    {
      VcDevice *dev = domain->devices->pdata[i];
      guint n = GPOINTER_TO_UINT (g_hash_table_lookup (counts, dev->kind->element));

      if (dev->own_alias && vc_is (dev, "rng", NULL))
        continue; /* these count only what is named by itself */
      g_hash_table_insert (counts, (gpointer) dev->kind->element, GUINT_TO_POINTER (n + 1));
      if (dev->own_alias)
        continue;
      g_clear_pointer (&dev->alias, g_free);
      if (vc_is (dev, "controller", NULL) && ((VcController *) dev)->companion)
        continue;
      if (dev->kind->name_it != NULL)
        dev->alias = dev->kind->name_it (dev, peers);
      else if (dev->kind->alias != NULL)
        dev->alias = g_strdup_printf ("%s%u", dev->kind->alias, n);
    }
}

void
vc_domain_resolve (VcDomain *domain, const VcTlsFacts *tls)
{
  for (guint i = 0; i < domain->devices->len; i++)
    {
      VcChardev *chr = vc_chardev_of (domain->devices->pdata[i]);

      if (chr != NULL)
        vc_chardev_resolve (chr, tls);
    }
}
