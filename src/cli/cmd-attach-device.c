/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/reach.h"
#include "cli/input.h"
#include "cli/say.h"

typedef struct
{
  gboolean live, config, current;
  char *domain;
  char *file;
  guint parts;
  char *xml;
} Attach;

static const VcField options[]
    = { VC_FLAG (Attach, live, "--live", .doc = "what runs"),
        VC_FLAG (Attach, config, "--config", .doc = "the definition: from the next start on"),
        VC_FLAG (Attach, current, "--current",
                 .doc = "what runs, if it runs, else the definition; the usual"),
        VC_DOMAIN (Attach, domain, "[--domain] DOMAIN", .flags = VC_REQUIRED,
                   .doc = "name, UUID or number of the guest"),
        VC_FILE (Attach, file, "[--file] FILE", .flags = VC_REQUIRED,
                 .doc = "XML of one device; - is the standard input"),
        { 0 } };

static gboolean
act (VirtcardDomain *domain, gconstpointer data, GString *out, GError **error)
{
  const Attach *self = data;

  return virtcard_domain_attach_device (domain, self->xml, self->parts, error);
}

static int
run (const VcCli *cli, gconstpointer data)
{
  Attach self = *(const Attach *) data;
  g_autoptr (GError) error = NULL;
  g_autofree char *xml = NULL;
  gsize len;
  int status;

  if (!vc_reach_parts ("attach-device", self.live, self.config, self.current, &self.parts))
    return VC_EXIT_USAGE;
  xml = vc_input_read (self.file, &len, &error);
  if (xml == NULL)
    {
      vc_say ("%s", error->message);
      return VC_EXIT_FAILED;
    }
  self.xml = xml;
  status = vc_reach_act (cli, self.domain, act, &self, NULL);
  return status == VC_EXIT_OK ? vc_reach_put ("Device attached successfully") : status;
}

const VcCommand vc_command_attach_device = {
  .name = "attach-device",
  .summary = "give a guest a device",
  .about = "Adds the device of an XML file to the guest, without stopping it when it runs. It is there when "
           "this returns; what is missing in the XML, such as its address, is filled in.",
  .options = options,
  .size = sizeof (Attach),
  .connects = TRUE,
  .run = run,
};
