/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/device.h"

#include "cli/input.h"
#include "cli/say.h"

typedef struct
{
  VcDeviceFn fn;
  const char *xml;
  guint parts;
} Act;

static gboolean
act (VirtcardDomain *domain, gconstpointer data, GString *out, GError **error)
{
  const Act *self = data;

  return self->fn (domain, self->xml, self->parts, error);
}

int
vc_device_run (const VcCli *cli, const VcDeviceOptions *options, const char *verb, VcDeviceFn fn,
               const char *done_words)
{
  Act self = { .fn = fn };
  g_autoptr (GError) error = NULL;
  g_autofree char *xml = NULL;
  gsize len;
  int status;

  if (!vc_reach_parts (verb, options->live, options->config, options->current, &self.parts))
    return VC_EXIT_USAGE;
  xml = vc_input_read (options->file, &len, &error);
  if (xml == NULL)
    {
      vc_say ("%s", error->message);
      return VC_EXIT_FAILED;
    }
  self.xml = xml;
  status = vc_reach_act (cli, options->domain, act, &self, NULL);
  return status == VC_EXIT_OK ? vc_reach_put ("%s", done_words) : status;
}
