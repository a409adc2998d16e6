/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/reach.h"

typedef struct
{
  gboolean inactive, secure, migratable;
  char *domain;
} Dumpxml;

static const VcField options[]
    = { VC_FLAG (Dumpxml, inactive, "--inactive", .doc = "the definition, not what runs"),
        VC_FLAG (Dumpxml, secure, "--security-info", .doc = "with passwords"),
        VC_FLAG (Dumpxml, migratable, "--migratable",
                 .doc = "for another host, without what came from this one"),
        VC_DOMAIN (Dumpxml, domain, "[--domain] DOMAIN", .flags = VC_REQUIRED,
                   .doc = "name, UUID or number of the guest"),
        { 0 } };

static gboolean
act (VirtcardDomain *domain, gconstpointer data, GString *out, GError **error)
{
  const Dumpxml *self = data;
  guint flags = (self->inactive ? VIRTCARD_XML_INACTIVE : 0u) | (self->secure ? VIRTCARD_XML_SECURE : 0u)
                | (self->migratable ? VIRTCARD_XML_MIGRATABLE : 0u);
  g_autofree char *xml = virtcard_domain_get_xml (domain, flags, error);

  if (xml != NULL)
    g_string_append (out, xml);
  return xml != NULL;
}

static int
run (const VcCli *cli, gconstpointer data)
{
  return vc_reach_act (cli, ((const Dumpxml *) data)->domain, act, data, NULL);
}

const VcCommand vc_command_dumpxml = {
  .name = "dumpxml",
  .summary = "print a guest's XML",
  .about = "Prints the description of what runs, or the definition of a guest that is off. It can be fed to "
           "define or create again.",
  .options = options,
  .size = sizeof (Dumpxml),
  .connects = TRUE,
  .run = run,
};
