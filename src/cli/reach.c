/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/reach.h"

#include <signal.h>
#include <unistd.h>

#include "cli/console.h"
#include "cli/login.h"
#include "cli/say.h"
#include "cli/server.h"

const VcField vc_reach_options[]
    = { VC_DOMAIN (VcReachOptions, domain, "[--domain] DOMAIN", .flags = VC_REQUIRED,
                   .doc = "name, UUID or number of the guest"),
        { 0 } };

VirtcardConnect *
vc_reach (const VcCli *cli)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) hint = g_string_new (NULL);
  g_autoptr (VirtcardTls) tls = NULL;
  g_autofree char *uri
      = cli->connect != NULL ? g_strdup (cli->connect) : virtcard_connect_choose (cli->root, &error);
  g_autoptr (VirtcardAuth) auth = NULL;
  VirtcardConnect *connect = NULL;

  tls = uri != NULL ? vc_server_tls (cli, hint, &error) : NULL;
  auth = tls != NULL ? vc_login_new (cli->user, cli->password, &error) : NULL;
  connect = auth != NULL ? virtcard_connect_open_auth (uri, 0, tls, auth, &error) : NULL;
  if (connect == NULL)
    {
      vc_say ("%s", error->message);
      if (hint->len > 0)
        vc_say ("%s", hint->str);
      return NULL;
    }
  for (const char *const *warning = virtcard_connect_warnings (connect); *warning != NULL; warning++)
    vc_say ("%s", *warning);
  return connect;
}

VirtcardDomain *
vc_reach_domain (VirtcardConnect *connect, const char *what)
{
  g_autoptr (GError) error = NULL;
  VirtcardDomain *domain = virtcard_domain_find (connect, what, &error);

  if (domain == NULL)
    vc_say ("%s", error->message);
  return domain;
}

int
vc_reach_put (const char *fmt, ...)
{
  g_autofree char *words = NULL;
  g_autofree char *line = NULL;
  va_list args;

  va_start (args, fmt);
  words = g_strdup_vprintf (fmt, args);
  va_end (args);
  line = g_strconcat (words, "\n", NULL);
  return vc_put (line) ? VC_EXIT_OK : VC_EXIT_FAILED;
}

int
vc_reach_act (const VcCli *cli, const char *what, VcActFn act, gconstpointer data, const char *done)
{
  g_autoptr (VirtcardConnect) connect = vc_reach (cli);
  g_autoptr (VirtcardDomain) domain = connect != NULL ? vc_reach_domain (connect, what) : NULL;
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  if (domain == NULL)
    return VC_EXIT_FAILED;
  if (!act (domain, data, out, &error))
    {
      vc_say ("domain '%s': %s", virtcard_domain_name (domain), error->message);
      return VC_EXIT_FAILED;
    }
  if (done != NULL)
    g_string_append_printf (out, "Domain '%s' %s\n", virtcard_domain_name (domain), done);
  return vc_put (out->str) ? VC_EXIT_OK : VC_EXIT_FAILED;
}

gboolean
vc_reach_parts (const char *command, gboolean live, gboolean config, gboolean current, guint *ret_parts)
{
  if (current && (live || config))
    {
      vc_say ("%s: --current excludes --live and --config", command);
      return FALSE;
    }
  *ret_parts = (live ? VIRTCARD_PART_LIVE : 0u) | (config ? VIRTCARD_PART_CONFIG : 0u);
  return TRUE;
}

typedef struct
{
  gboolean is_over;
  gboolean is_lost; /* the connection is */
} Session;

static void
on_console_end (gpointer data)
{
  ((Session *) data)->is_over = TRUE;
}

static void
on_lost (VirtcardConnect *connect, const GError *error, gpointer data)
{
  Session *session = data;

  session->is_over = session->is_lost = TRUE;
  vc_say ("%s", error->message);
}

int
vc_reach_console (VirtcardConnect *connect, VirtcardDomain *domain, const char *device, guint flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcConsole) console = NULL;
  Session session = { 0 };
  int fd;

  signal (SIGPIPE, SIG_IGN);
  fd = virtcard_domain_open_console (domain, device, flags, &error);
  if (fd >= 0 && isatty (STDIN_FILENO))
    vc_say ("console of guest '%s'; Ctrl-] leaves it", virtcard_domain_name (domain));
  console = fd >= 0 ? vc_console_new (fd, on_console_end, &session, &error) : NULL;
  if (console == NULL)
    {
      vc_say ("domain '%s': %s", virtcard_domain_name (domain), error->message);
      return VC_EXIT_FAILED;
    }
  virtcard_connect_watch (connect, on_lost, &session);
  while (!session.is_over)
    g_main_context_iteration (NULL, TRUE);
  virtcard_connect_watch (connect, NULL, NULL);
  return session.is_lost ? VC_EXIT_FAILED : VC_EXIT_OK;
}
