/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/input.h"
#include "cli/say.h"

typedef struct
{
  int format;
  char *file;
} DomxmlToNative;

static const char *const formats[] = { "", "qemu-argv", NULL };

static gboolean
read_format (const VcField *row, const char *text, gpointer at, char **ret_why)
{
  *(int *) at = vc_choice_find (row->choices, text);
  if (*(int *) at == 0)
    *ret_why = g_strdup_printf ("'%s' is unsupported: the only one is qemu-argv", text);
  return *(int *) at != 0;
}

static const VcType type_format = { .name = "format", .read = read_format };

static const VcField options[] = { VC_ROW (DomxmlToNative, format, int, type_format, "[--format] FORMAT",
                                           .flags = VC_REQUIRED, .choices = formats, .doc = "what to print"),
                                   VC_FILE (DomxmlToNative, file, "[--xml] FILE", .flags = VC_REQUIRED,
                                            .doc = "domain XML to read; - is the standard input"),
                                   { 0 } };

static int
run (const VcCli *cli, gconstpointer data)
{
  const DomxmlToNative *self = data;
  g_autoptr (VcDescription) description = vc_input_describe (cli, self->file, FALSE);
  g_autoptr (VcQemuConf) conf = NULL;
  g_autoptr (GPtrArray) argv = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (description == NULL)
    return VC_EXIT_FAILED;
  conf = vc_qemu_conf_read (cli->paths->qemu_conf, &error);
  if (conf != NULL)
    argv = vc_describe_argv (description, cli->paths, conf, &error);
  if (argv == NULL)
    {
      vc_say ("%s", error->message);
      return VC_EXIT_FAILED;
    }
  text = vc_quote_argv (argv);
  return vc_put (text) ? VC_EXIT_OK : VC_EXIT_FAILED;
}

const VcCommand vc_command_domxml_to_native = {
  .name = "domxml-to-native",
  .summary = "print the QEMU command line of a domain",
  .about
  = "Prints the command line that QEMU would be started with, quoted for a shell, an option a line. Besides "
    "the file it looks only at qemu.conf and at the QEMU binary, which it asks what it can do; the answer is "
    "kept. An emulator that is not installed is printed as given, with the capabilities of the installed "
    "one.\n\n"
    "What QEMU cannot do, though the domain is valid, is an error here. Sockets, descriptors and secrets "
    "that "
    "exist only while a guest runs are those a start would use: the line is for reading and comparing.",
  .options = options,
  .size = sizeof (DomxmlToNative),
  .run = run,
};
