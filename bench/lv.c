/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lv.h"

#include <libvirt/virterror.h>
#include <poll.h>
#include <string.h>

/* What a daemon that speaks libvirt's protocol needs for things, seen through libvirt's client library.
 *
 *   lv URI VERB COUNT [WORD...]: see verbs, below
 */

#define UP_LIMIT_US 120e6

typedef struct
{
  const char *uri;
  guint count;
  char **words;
} Args;

void
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

static virConnectPtr
connect_to (const char *uri)
{
  virConnectPtr connection = virConnectOpen (uri);

  if (connection == NULL)
    fail (uri);
  return connection;
}

static char *
read_text (const char *path)
{
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, &error))
    g_error ("%s", error->message);
  return text;
}

/* A description for another guest: its name, and a uuid that it is still to be given. */
static char *
rename_guest (const char *text, guint number)
{
  const char *name = strstr (text, "<name>"), *uuid = strstr (text, "<uuid>");
  const char *name_end = name != NULL ? strstr (name, "</name>") : NULL;
  const char *uuid_end = uuid != NULL ? strstr (uuid, "</uuid>") : NULL;

  if (name_end == NULL || uuid_end == NULL || uuid < name_end)
    g_error ("no <name> and <uuid> after it");
  return g_strdup_printf ("%.*s<name>bench-%05u%.*s%s", (int) (name - text), text, number,
                          (int) (uuid - name_end), name_end, uuid_end + strlen ("</uuid>"));
}

static int
list (virConnectPtr connection, guint flags)
{
  virDomainPtr *domains = NULL;
  int n = virConnectListAllDomains (connection, &domains, flags);

  for (int i = 0; i < n; i++)
    virDomainFree (domains[i]);
  free (domains);
  return n;
}

/* Verbs. */

static void
native (virConnectPtr connection, const Args *args)
{
  for (guint w = 0; args->words[w] != NULL; w++)
    {
      g_autofree double *times = g_new (double, args->count);
      g_autofree char *name = g_path_get_basename (args->words[w]);
      g_autofree char *text = read_text (args->words[w]);

      /* The first one is not counted: caches are read. */
      for (guint i = 0; i <= args->count; i++)
        {
          double begin = now_us ();
          char *line = virConnectDomainXMLToNative (connection, "qemu-argv", text, 0);

          if (line == NULL)
            fail (name);
          times[i > 0 ? i - 1 : 0] = now_us () - begin;
          free (line);
        }
      report (name, times, args->count);
    }
}

static void
start (virConnectPtr connection, const Args *args)
{
  g_autofree double *starts = g_new (double, args->count);
  g_autofree double *ends = g_new (double, args->count);
  g_autofree char *text = read_text (args->words[0]);

  for (guint i = 0; i < args->count; i++)
    {
      double begin = now_us ();
      virDomainPtr domain = virDomainCreateXML (connection, text, VIR_DOMAIN_START_PAUSED);

      if (domain == NULL)
        fail (args->words[0]);
      starts[i] = now_us () - begin;
      begin = now_us ();
      if (virDomainDestroy (domain) < 0)
        fail (args->words[0]);
      ends[i] = now_us () - begin;
      virDomainFree (domain);
    }
  report ("start", starts, args->count);
  report ("destroy", ends, args->count);
}

static void
calls (virConnectPtr connection, const Args *args)
{
  for (guint w = 1; args->words[w] != NULL; w++)
    measure_calls (args->uri, args->words[w], (guint) MAX (atoi (args->words[0]), 1), args->count);
}

static void
measure_connect (virConnectPtr connection, const Args *args)
{
  g_autofree double *times = g_new (double, args->count);

  for (guint i = 0; i < args->count; i++)
    {
      double begin = now_us ();

      virConnectClose (connect_to (args->uri));
      times[i] = now_us () - begin;
    }
  report ("connect", times, args->count);
}

static void
measure_list (virConnectPtr connection, const Args *args)
{
  g_autofree double *times = g_new (double, args->count);

  for (guint i = 0; i < args->count; i++)
    {
      double begin = now_us ();

      if (list (connection, 0) < 0)
        fail ("list");
      times[i] = now_us () - begin;
    }
  report ("list", times, args->count);
}

/* One is defined and undefined again, count times. */
static void
redefine (virConnectPtr connection, const Args *args)
{
  g_autofree double *times = g_new (double, args->count);
  g_autofree char *text = read_text (args->words[0]);
  g_autofree char *other = rename_guest (text, 99999);

  for (guint i = 0; i < args->count; i++)
    {
      double begin = now_us ();
      virDomainPtr domain = virDomainDefineXML (connection, other);

      if (domain == NULL || virDomainUndefine (domain) < 0)
        fail (args->words[0]);
      times[i] = now_us () - begin;
      virDomainFree (domain);
    }
  report ("redefine", times, args->count);
}

/* Make sure that there are count definitions, or count guests that are held. */
static void
fill (virConnectPtr connection, const Args *args, gboolean held)
{
  g_autofree char *text = read_text (args->words[0]);
  int n = list (connection, held ? VIR_CONNECT_LIST_DOMAINS_ACTIVE : 0);

  for (guint i = (guint) MAX (n, 0); i < args->count; i++)
    {
      g_autofree char *other = rename_guest (text, i);
      virDomainPtr domain = held ? virDomainCreateXML (connection, other, VIR_DOMAIN_START_PAUSED)
                                 : virDomainDefineXML (connection, other);

      if (domain == NULL)
        fail (args->words[0]);
      virDomainFree (domain);
    }
}

static void
define (virConnectPtr connection, const Args *args)
{
  fill (connection, args, FALSE);
}

static void
hold (virConnectPtr connection, const Args *args)
{
  fill (connection, args, TRUE);
}

static void
end_all (virConnectPtr connection, const Args *args)
{
  virDomainPtr *domains = NULL;
  int n = virConnectListAllDomains (connection, &domains, VIR_CONNECT_LIST_DOMAINS_ACTIVE);

  for (int i = 0; i < n; i++)
    {
      if (virDomainDestroy (domains[i]) < 0)
        fail ("destroy");
      virDomainFree (domains[i]);
    }
  free (domains);
}

/* Wait until a daemon that is being started answers, and lists so many that are defined or run: the time on
 * the clock when it did.  Its own connection, for until then there is none. */
static void
up (virConnectPtr connection, const Args *args)
{
  double begin = now_us ();
  double time;

  for (;;)
    {
      virConnectPtr ours = virConnectOpen (args->uri);
      int n = ours != NULL ? list (ours, 0) : -1;

      time = now_us ();
      if (ours != NULL)
        virConnectClose (ours);
      if (n >= (int) args->count)
        break;
      if (time - begin > UP_LIMIT_US)
        fail ("it does not come up");
      poll (NULL, 0, 1); /* there is nothing to wait for yet: it is tried again */
    }
  report ("up", &time, 1);
}

/* So many connections stay, until our input ends. */
static void
idle (virConnectPtr connection, const Args *args)
{
  g_autofree virConnectPtr *connections = g_new0 (virConnectPtr, args->count);
  struct pollfd input = { .fd = 0, .events = POLLIN };
  double n = args->count;

  for (guint i = 0; i < args->count; i++)
    connections[i] = connect_to (args->uri);
  report ("idle", &n, 1);
  poll (&input, 1, -1);
  for (guint i = 0; i < args->count; i++)
    virConnectClose (connections[i]);
}

static const struct
{
  const char *name;
  void (*run) (virConnectPtr connection, const Args *args);
  gboolean alone; /* without a connection */
  const char *words;
} verbs[] = {
  { "native", native, FALSE, "FILE..." },
  { "start", start, FALSE, "FILE" },
  { "calls", calls, TRUE, "CONNECTIONS num|state|xml..." },
  { "connect", measure_connect, TRUE, "" },
  { "list", measure_list, FALSE, "" },
  { "redefine", redefine, FALSE, "FILE" },
  { "define", define, FALSE, "FILE" },
  { "hold", hold, FALSE, "FILE" },
  { "end", end_all, FALSE, "" },
  { "up", up, TRUE, "" },
  { "idle", idle, TRUE, "" },
};

int
main (int argc, char **argv)
{
  Args args = { .uri = argv[1] };

  virSetErrorFunc (NULL, quiet);
  virInitialize ();
  for (guint i = 0; argc >= 4 && i < G_N_ELEMENTS (verbs); i++)
    if (g_str_equal (argv[2], verbs[i].name) && (argc > 4 || *verbs[i].words == '\0'))
      {
        virConnectPtr connection = verbs[i].alone ? NULL : connect_to (args.uri);

        args.count = (guint) MAX (atoi (argv[3]), 0);
        args.words = argv + 4;
        verbs[i].run (connection, &args);
        if (connection != NULL)
          virConnectClose (connection);
        return 0;
      }
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    g_printerr ("lv URI %s COUNT %s\n", verbs[i].name, verbs[i].words);
  return 2;
}
