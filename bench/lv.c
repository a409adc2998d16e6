/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "measure.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

/* What libvirt needs for the same things, through its own client library.
 *
 *   lv URI native COUNT FILE...     domain XML to QEMU's command line
 *   lv URI start COUNT FILE...      start paused and destroy: "FILE:start" and "FILE:destroy"
 */

static void G_GNUC_NORETURN
fail (const char *what)
{
  const virError *error = virGetLastError ();

  g_printerr ("%s: %s\n", what, error != NULL && error->message != NULL ? error->message : "failed");
  exit (1);
}

/* The caller prints what went wrong. */
static void
quiet (void *data, virErrorPtr error)
{
}

static void
native (virConnectPtr connection, const char *text, const char *name, guint count)
{
  g_autofree double *times = g_new (double, count);

  /* The first one is not counted: libvirt reads its cache. */
  for (guint i = 0; i <= count; i++)
    {
      double begin = now_us ();
      char *line = virConnectDomainXMLToNative (connection, "qemu-argv", text, 0);

      if (line == NULL)
        fail (name);
      times[i > 0 ? i - 1 : 0] = now_us () - begin;
      free (line);
    }
  report (name, times, count);
}

static void
start (virConnectPtr connection, const char *text, const char *name, guint count)
{
  g_autofree double *starts = g_new (double, count);
  g_autofree double *ends = g_new (double, count);
  g_autofree char *start_name = g_strconcat (name, ":start", NULL);
  g_autofree char *end_name = g_strconcat (name, ":destroy", NULL);

  for (guint i = 0; i < count; i++)
    {
      double begin = now_us ();
      virDomainPtr domain = virDomainCreateXML (connection, text, VIR_DOMAIN_START_PAUSED);

      if (domain == NULL)
        fail (name);
      starts[i] = now_us () - begin;
      begin = now_us ();
      if (virDomainDestroy (domain) < 0)
        fail (name);
      ends[i] = now_us () - begin;
      virDomainFree (domain);
    }
  report (start_name, starts, count);
  report (end_name, ends, count);
}

int
main (int argc, char **argv)
{
  virConnectPtr connection;
  gboolean is_native;

  if (argc < 5)
    g_error ("usage: lv URI native|start COUNT FILE...");
  is_native = g_str_equal (argv[2], "native");
  virSetErrorFunc (NULL, quiet);
  connection = virConnectOpen (argv[1]);
  if (connection == NULL)
    fail (argv[1]);
  for (int i = 4; i < argc; i++)
    {
      g_autofree char *name = g_path_get_basename (argv[i]);
      g_autofree char *text = NULL;
      g_autoptr (GError) error = NULL;
      guint count = (guint) MAX (atoi (argv[3]), 1);

      if (!g_file_get_contents (argv[i], &text, NULL, &error))
        g_error ("%s", error->message);
      (is_native ? native : start) (connection, text, name, count);
    }
  virConnectClose (connection);
  return 0;
}
