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
  vc_console_name (domain);
}

/* The number at the end of an alias, and one more; 0 when there is none. */
static guint
number_after (const VcDevice *dev)
{
  gsize len = dev->alias != NULL && !dev->own_alias ? strlen (dev->alias) : 0;
  gsize at = len;
  guint64 number;

  while (at > 0 && g_ascii_isdigit (dev->alias[at - 1]))
    at--;
  if (at == len || !g_ascii_string_to_unsigned (dev->alias + at, 10, 0, G_MAXINT, &number, NULL))
    return 0;
  return (guint) number + 1;
}

void
vc_domain_name_device (VcDomain *domain, VcDevice *dev)
{
  const VcPeers *peers = vc_domain_peers (domain);
  const VcDevice *other;
  guint n = 0;

  if (dev->own_alias)
    return;
  for (guint i = 0; (other = vc_peers_find (peers, dev->kind->element, NULL, i)) != NULL; i++)
    if (other != dev)
      n = MAX (n, number_after (other));
  g_clear_pointer (&dev->alias, g_free);
  if (dev->kind->name_it != NULL)
    dev->alias = dev->kind->name_it (dev, peers);
  else if (dev->kind->alias != NULL)
    dev->alias = g_strdup_printf ("%s%u", dev->kind->alias, n);
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
