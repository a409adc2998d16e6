/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "domain/domain.h"
#include "domain/section.h"

/* libvirt's order of elements below <devices>. */
static const char *const elements[]
    = { "disk",    "controller", "lease",       "filesystem", "interface", "smartcard",  "serial", "parallel",
        "console", "channel",    "input",       "tpm",        "graphics",  "sound",      "audio",  "video",
        "hostdev", "redirdev",   "redirfilter", "hub",        "watchdog",  "memballoon", "rng",    "nvram",
        "panic",   "shmem",      "memory",      "iommu",      "vsock" };

static void
print_devices (const VcDomain *domain, VcNode *root, VcPrint how)
{
  VcNode *node = vc_node_add (root, "devices");

  if (domain->emulator != NULL)
    vc_fields_print (vc_emulator_rows, domain, vc_node_add (node, "emulator"), how);
  for (guint i = 0; i < G_N_ELEMENTS (elements); i++)
    for (guint j = 0; j < domain->devices->len; j++)
      if (vc_is (domain->devices->pdata[j], elements[i], NULL))
        vc_device_print (domain->devices->pdata[j], node, how);
}

char *
vc_domain_print (const VcDomain *domain, VcPrint how)
{
  g_autoptr (VcXml) xml = vc_xml_new ("domain");
  VcNode *root = vc_xml_root (xml);

  vc_fields_print (vc_domain_rows, domain, root, how);
  for (guint i = 0; vc_sections[i].element != NULL; i++)
    {
      VcNode *node;

      if (strcmp (vc_sections[i].element, "metadata") == 0)
        {
          if (domain->metadata != NULL)
            vc_node_add_copy (root, domain->metadata);
          continue;
        }
      node = vc_node_add (root, vc_sections[i].element);
      vc_fields_print (vc_sections[i].rows, domain, node, how);
      vc_node_drop_if_empty (node);
    }
  print_devices (domain, root, how);
  return vc_xml_print (xml);
}
