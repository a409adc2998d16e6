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
} Detach;

static const VcField options[]
    = { VC_FLAG (Detach, live, "--live", .doc = "what runs"),
        VC_FLAG (Detach, config, "--config", .doc = "the definition: from the next start on"),
        VC_FLAG (Detach, current, "--current",
                 .doc = "what runs, if it runs, else the definition; the usual"),
        VC_DOMAIN (Detach, domain, "[--domain] DOMAIN", .flags = VC_REQUIRED,
                   .doc = "name, UUID or number of the guest"),
        VC_FILE (Detach, file, "[--file] FILE", .flags = VC_REQUIRED,
                 .doc = "XML of one device; - is the standard input"),
        { 0 } };

static gboolean
act (VirtcardDomain *domain, gconstpointer data, GString *out, GError **error)
{
  const Detach *self = data;

  return virtcard_domain_detach_device (domain, self->xml, self->parts, error);
}

static int
run (const VcCli *cli, gconstpointer data)
{
  Detach self = *(const Detach *) data;
  g_autoptr (GError) error = NULL;
  g_autofree char *xml = NULL;
  gsize len;
  int status;

  if (!vc_reach_parts ("detach-device", self.live, self.config, self.current, &self.parts))
    return VC_EXIT_USAGE;
  xml = vc_input_read (self.file, &len, &error);
  if (xml == NULL)
    {
      vc_say ("%s", error->message);
      return VC_EXIT_FAILED;
    }
  self.xml = xml;
  status = vc_reach_act (cli, self.domain, act, &self, NULL);
  return status == VC_EXIT_OK ? vc_reach_put ("Device detached successfully") : status;
}

const VcCommand vc_command_detach_device = {
  .name = "detach-device",
  .summary = "take a device from a guest",
  .about
  = "Removes the device that an XML file describes, by its address or alias or by all that it says. Waits "
    "until the guest has let go of it; one that does not is an error, and the device may go later.",
  .options = options,
  .size = sizeof (Detach),
  .connects = TRUE,
  .run = run,
};
