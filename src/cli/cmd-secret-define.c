/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/input.h"
#include "cli/say.h"
#include "lib/tlsplace.h"

typedef struct
{
  char *file;
} Define;

static const VcField options[] = { VC_FILE (Define, file, "[--file] FILE", .flags = VC_REQUIRED,
                                            .doc = "XML of the secret; - is the standard input"),
                                   { 0 } };

static int
run (const VcCli *cli, gconstpointer data)
{
  const Define *self = data;
  g_autoptr (GError) error = NULL;
  gsize len;
  g_autofree char *text = vc_input_read (self->file, &len, &error);
  g_autoptr (VcSecret) secret
      = text != NULL ? vc_secret_read (text, len, vc_input_origin (self->file), &error) : NULL;
  g_autofree char *line = secret != NULL ? g_strdup_printf ("Secret %s created\n", secret->uuid) : NULL;

  if (secret == NULL || !vc_secret_define (cli->paths, secret, &error))
    {
      vc_say ("%s", error->message);
      return VC_EXIT_FAILED;
    }
  return vc_put (line) ? VC_EXIT_OK : VC_EXIT_FAILED;
}

const VcCommand vc_command_secret_define = {
  .name = "secret-define",
  .summary = "define or change a secret",
  .about
  = "Keeps the description of a secret, libvirt's XML with the usage tls: a passphrase that opens the key of "
    "TLS certificates. qemu.conf names it by its UUID in chardev_tls_x509_secret_uuid or "
    "default_tls_x509_secret_uuid. One without a UUID is given one. It has no value until "
    "virtcard secret-set-value.",
  .options = options,
  .size = sizeof (Define),
  .run = run,
};
