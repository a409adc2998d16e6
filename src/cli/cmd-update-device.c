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
} Update;

static const VcField options[]
    = { VC_FLAG (Update, live, "--live", .doc = "what runs"),
        VC_FLAG (Update, config, "--config", .doc = "the definition: from the next start on"),
        VC_FLAG (Update, current, "--current",
                 .doc = "what runs, if it runs, else the definition; the usual"),
        VC_DOMAIN (Update, domain, "[--domain] DOMAIN", .flags = VC_REQUIRED,
                   .doc = "name, UUID or number of the guest"),
        VC_FILE (Update, file, "[--file] FILE", .flags = VC_REQUIRED,
                 .doc = "XML of the device as it shall be; - is the standard input"),
        { 0 } };

static gboolean
act (VirtcardDomain *domain, gconstpointer data, GString *out, GError **error)
{
  const Update *self = data;

  return virtcard_domain_update_device (domain, self->xml, self->parts, error);
}

static int
run (const VcCli *cli, gconstpointer data)
{
  Update self = *(const Update *) data;
  g_autoptr (GError) error = NULL;
  g_autofree char *xml = NULL;
  gsize len;
  int status;

  if (!vc_reach_parts ("update-device", self.live, self.config, self.current, &self.parts))
    return VC_EXIT_USAGE;
  xml = vc_input_read (self.file, &len, &error);
  if (xml == NULL)
    {
      vc_say ("%s", error->message);
      return VC_EXIT_FAILED;
    }
  self.xml = xml;
  status = vc_reach_act (cli, self.domain, act, &self, NULL);
  return status == VC_EXIT_OK ? vc_reach_put ("Device updated successfully") : status;
}

const VcCommand vc_command_update_device = {
  .name = "update-device",
  .summary = "change a device of a guest",
  .about = "Changes what can be changed of a device while a guest runs, such as the medium of a drive. "
           "Everything else in the XML must be as it is.",
  .options = options,
  .size = sizeof (Update),
  .connects = TRUE,
  .run = run,
};
