/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lib/hostcheck.h"

#include <string.h>

#include "base/error.h"
#include "host/cardhost.h"
#include "host/chardevtls.h"
#include "host/kvm.h"
#include "host/nss.h"
#include "host/place.h"
#include "host/ports.h"
#include "host/reach.h"
#include "host/tap.h"
#include "lib/startplan.h"

/* How this works
 *
 * The plan says what QEMU will open, and the source of each item in which line that stands.  A row for
 * each sort of item collects paths, which are asked about together, by one child of QEMU's user and, for
 * what we open ourselves, by one of ours; or it asks at once. */

typedef struct
{
  VcDescription *description;
  const VcPaths *paths;
  const VcUser *user;
  VcChardevTls *tls;
  const VcPlan *plan;
  char *folder;     /* the guest's own, which a start makes                             */
  GPtrArray *by_it; /* VcReach, for QEMU's user                                         */
  GPtrArray *by_us; /* … and for us                                                     */
  VcStepFn on_step;
  gpointer data;
  GPtrArray *warnings;
  GPtrArray *errors;
} Check;

static void
want_free (gpointer data)
{
  VcReach *want = data;

  g_free ((char *) want->path);
  g_free ((char *) want->what);
  g_free (want);
}

static void
want (GPtrArray *wants, const char *path, VcReachHow how, char *place_taken)
{
  VcReach *reach = g_new0 (VcReach, 1);

  reach->path = g_strdup (path);
  reach->how = how;
  reach->what = place_taken;
  g_ptr_array_add (wants, reach);
}

static char *
place_of_section (const Check *check, const char *element)
{
  const VcDomain *domain = check->description->domain;

  return g_strdup_printf ("%s:%u: <%s>", domain->origin, vc_domain_line (domain, element), element);
}

static void
add_error (Check *check, const VcDevice *dev, GError *error_taken)
{
  vc_place_prefix (dev, &error_taken);
  g_ptr_array_add (check->errors, error_taken);
}

/* "a.xml:14: warning: <smartcard>: ..." from words without a place */
static void
add_warnings (Check *check, const VcDevice *dev, const GPtrArray *words)
{
  for (guint n = 0; n < words->len; n++)
    g_ptr_array_add (check->warnings,
                     g_strdup_printf ("%s:%u: warning: <%s>: %s", dev->origin, MAX (dev->line, 1),
                                      dev->kind->element, (const char *) words->pdata[n]));
}

static void
begin (Check *check, const char *words)
{
  if (check->on_step != NULL)
    check->on_step (words, check->data);
}

static const char *
get_text (const VcPlanItem *item, const char *name)
{
  const VcProp *prop = vc_props_get (item->props, name);

  return prop != NULL && prop->type == VC_PROP_STR ? prop->text : NULL;
}

static gboolean
is_set (const VcPlanItem *item, const char *name)
{
  const VcProp *prop = vc_props_get (item->props, name);

  return prop != NULL && (prop->type == VC_PROP_BOOL ? prop->flag : prop->number != 0);
}

static void
check_boot_file (Check *check, const VcPlanItem *item)
{
  want (check->by_it, item->word, VC_REACH_READ, place_of_section (check, "os"));
}

static void
check_accelerator (Check *check, const VcPlanItem *item)
{
  const VcKvm kvm
      = { .binary = check->description->domain->emulator, .folder = check->paths->caps, .user = check->user };
  GError *error = NULL;

  if (g_strcmp0 (vc_props_driver (item->props), "kvm") != 0)
    return;
  begin (check, "trying KVM");
  if (!vc_kvm_check (&kvm, &error))
    {
      vc_prefix (&error, "%s:1: <domain>: ", check->description->domain->origin);
      g_ptr_array_add (check->errors, error);
    }
}

/* A block node of a file is read-only when the node above it is. */
static gboolean
is_read_only (const VcPlan *plan, const char *node)
{
  for (guint n = 0; n < vc_plan_n (plan); n++)
    {
      const VcPlanItem *item = vc_plan_nth (plan, n);

      if (item->what == VC_Q_BLOCK && g_strcmp0 (get_text (item, "file"), node) == 0)
        return is_set (item, "read-only");
    }
  return FALSE;
}

static void
check_image (Check *check, const VcPlanItem *item)
{
  gboolean read_only = is_read_only (check->plan, vc_props_id (item->props));
  char *place = item->source != NULL ? vc_place_print (item->source) : place_of_section (check, "os");

  want (check->by_it, get_text (item, "filename"), read_only ? VC_REACH_READ : VC_REACH_WRITE, place);
}

static void
check_rng (Check *check, const VcPlanItem *item)
{
  want (check->by_it, get_text (item, "filename"), VC_REACH_READ, vc_place_print (item->source));
}

/* A device of the host, or a named pipe: one file, or one for each direction. */
static void
check_device (Check *check, const VcPlanItem *item)
{
  want (check->by_it, get_text (item, "path"), VC_REACH_WRITE, vc_place_print (item->source));
}

static void
check_pipe (Check *check, const VcPlanItem *item)
{
  const char *path = get_text (item, "path");
  g_autofree char *in = g_strconcat (path, ".in", NULL), *out = g_strconcat (path, ".out", NULL);

  if (g_file_test (path, G_FILE_TEST_EXISTS) || !g_file_test (in, G_FILE_TEST_EXISTS))
    {
      want (check->by_it, path, VC_REACH_WRITE, vc_place_print (item->source));
      return;
    }
  want (check->by_it, in, VC_REACH_WRITE, vc_place_print (item->source));
  want (check->by_it, out, VC_REACH_WRITE, vc_place_print (item->source));
}

/* The host's settings as a device has them, which may have a folder of its own.  Borrows all. */
static VcChardevTls
get_tls (const Check *check, const VcPlanItem *item)
{
  gboolean has_secret = get_text (item, "passwordid") != NULL;
  const char *folder = get_text (item, "dir");
  VcChardevTls tls = { .folder = (char *) folder };

  if (g_strcmp0 (folder, check->tls->folder) == 0 && has_secret == (check->tls->secret != NULL))
    tls = *check->tls;
  tls.verify = is_set (item, "verify-peer");
  return tls;
}

/* As under libvirt; a terminal cannot be given away, QEMU would change how it works for us, too. */
static void
check_stdio (Check *check, const VcPlanItem *item)
{
  static char words[] = "type='stdio' reads nothing and writes to QEMU's log: type='pty' can be talked to";
  g_autoptr (GPtrArray) warnings = g_ptr_array_new ();

  g_ptr_array_add (warnings, words);
  add_warnings (check, item->source, warnings);
}

/* The folder of certificates, before anything is started that should be encrypted. */
static void
check_tls (Check *check, const VcPlanItem *item)
{
  gboolean server = g_strcmp0 (get_text (item, "endpoint"), "server") == 0;
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  const VcChardevTls tls = get_tls (check, item);
  GError *error = NULL;

  if (!vc_chardev_tls_check (&tls, server ? VC_PKI_SERVER : VC_PKI_CLIENT, check->paths, check->user,
                             warnings, &error))
    add_error (check, item->source, error);
  for (guint n = 0; n < warnings->len; n++)
    {
      g_auto (GStrv) parts = g_strsplit (warnings->pdata[n], ": warning: ", 2);

      g_free (warnings->pdata[n]); /* that it is one is said once */
      warnings->pdata[n] = g_strjoinv (": ", parts);
    }
  add_warnings (check, item->source, warnings);
}

/* The one file in the guest's folder that QEMU opens by its path. */
static void
check_secret (Check *check, const VcPlanItem *item)
{
  if (get_text (item, "file") != NULL && g_file_test (check->paths->run, G_FILE_TEST_EXISTS))
    want (check->by_it, check->paths->run, VC_REACH_FOLDER, g_strdup ("the guest's master key"));
}

static void
check_port (Check *check, const VcPlanItem *item)
{
  guint64 port = 0;
  GError *error = NULL;

  if (!g_ascii_string_to_unsigned (get_text (item, "port"), 10, 1, 65535, &port, NULL))
    return;
  if (!vc_port_check (get_text (item, "host"), (guint) port, &error))
    add_error (check, item->source, error);
}

/* What is to be connected to again and again may come later. */
static void
check_socket (Check *check, const VcPlanItem *item)
{
  const char *path = get_text (item, "path");

  if (is_set (item, "server") && get_text (item, "port") != NULL)
    check_port (check, item);
  else if (path != NULL && !is_set (item, "server") && !is_set (item, "reconnect"))
    want (check->by_it, path, VC_REACH_CONNECT, vc_place_print (item->source));
}

static void
check_certificates (Check *check, const VcPlanItem *item)
{
  const char *names[]
      = { get_text (item, "cert1"), get_text (item, "cert2"), get_text (item, "cert3"), NULL };
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  GError *error = NULL;

  begin (check, "looking at the certificates");
  if (!vc_nss_check_certificates (get_text (item, "db"), names, check->user, NULL, warnings, &error))
    add_error (check, item->source, error);
  add_warnings (check, item->source, warnings);
}

static void
check_card (Check *check, const VcPlanItem *item)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  GError *error = NULL;

  if (g_strcmp0 (get_text (item, "backend"), "certificates") == 0)
    {
      check_certificates (check, item);
      return;
    }
  begin (check, "asking the card readers of this host");
  if (!vc_cardhost_check (VC_NSS_DATABASE, check->user, NULL, warnings, &error))
    add_error (check, item->source, error);
  add_warnings (check, item->source, warnings);
}

static void
check_tap (Check *check, const VcPlanItem *item)
{
  const VcProp *bridge = vc_props_get (item->props, "br");
  GError *error = NULL;

  if (!vc_tap_check (item->source, bridge != NULL ? bridge->text : NULL, &error))
    add_error (check, item->source, error);
}

static const struct
{
  VcQClass what;
  const char *name; /* option or driver */
  void (*fn) (Check *check, const VcPlanItem *item);
} rows[] = {
  { VC_Q_WORD, "-kernel", check_boot_file },
  { VC_Q_WORD, "-initrd", check_boot_file },
  { VC_Q_WORD, "-bios", check_boot_file },
  { VC_Q_OPTION, "-accel", check_accelerator },
  { VC_Q_BLOCK, "file", check_image },
  { VC_Q_BLOCK, "host_device", check_image },
  { VC_Q_OBJECT, "rng-random", check_rng },
  { VC_Q_CHARDEV, "socket", check_socket },
  { VC_Q_DEVICE, "ccid-card-emulated", check_card },
  { VC_Q_CHARDEV, "serial", check_device },
  { VC_Q_CHARDEV, "parallel", check_device },
  { VC_Q_CHARDEV, "pipe", check_pipe },
  { VC_Q_OBJECT, "tls-creds-x509", check_tls },
  { VC_Q_OBJECT, "secret", check_secret },
  { VC_Q_CHARDEV, "stdio", check_stdio },
  { VC_Q_NETDEV, "tap", check_tap }, /* bridge, ethernet */
};

static gboolean
is_in_own_folder (const Check *check, const char *path)
{
  gsize len = strlen (check->folder);

  return strncmp (path, check->folder, len) == 0 && path[len] == '/';
}

/* Files and sockets that we make. */
static void
check_made (Check *check, const VcPlanItem *item)
{
  for (guint n = 0; item->props != NULL && n < vc_props_n (item->props); n++)
    {
      const VcProp *prop = vc_props_nth (item->props, n);

      if ((prop->type != VC_PROP_FILE && prop->type != VC_PROP_LISTEN)
          || is_in_own_folder (check, prop->text))
        continue;
      want (check->by_us, prop->text, prop->type == VC_PROP_FILE ? VC_REACH_MAKE : VC_REACH_BIND,
            vc_place_print (item->source));
    }
}

static void
check_item (Check *check, const VcPlanItem *item)
{
  const char *name = item->option != NULL ? item->option : vc_props_driver (item->props);

  for (gsize n = 0; n < G_N_ELEMENTS (rows); n++)
    if (rows[n].what == item->what && g_strcmp0 (rows[n].name, name) == 0)
      rows[n].fn (check, item);
  check_made (check, item);
}

/* All together; only where something is wrong one by one, to say everything. */
static void
ask (Check *check, const VcUser *user, const GPtrArray *wants)
{
  if (wants->len == 0 || vc_reach_check (user, wants, NULL))
    return;
  for (guint n = 0; n < wants->len; n++)
    {
      const VcReach *reach = wants->pdata[n];
      GError *error = NULL;

      if (!vc_reach_check_one (user, reach->path, reach->how, reach->what, &error))
        g_ptr_array_add (check->errors, error);
    }
}

static void
check_items (Check *check)
{
  g_autoptr (VcUser) us = vc_user_self ();

  for (guint n = 0; n < vc_plan_n (check->plan); n++)
    check_item (check, vc_plan_nth (check->plan, n));
  ask (check, check->user, check->by_it);
  ask (check, us, check->by_us);
}

static void
check_plan (Check *check)
{
  want (check->by_it, check->description->domain->emulator, VC_REACH_RUN,
        place_of_section (check, "emulator"));
  check_items (check);
  vc_ports_check (check->description->domain, check->errors);
}

/* There is no plan without it. */
static gboolean
check_emulator (const Check *check, GError **error)
{
  const char *emulator = check->description->domain->emulator;
  g_autofree char *place = place_of_section (check, "emulator");

  if (check->description->caps != NULL)
    return TRUE;
  return vc_reach_check_one (check->user, emulator, VC_REACH_RUN, place, error)
         && vc_fail (error, VC_ERROR_UNSUPPORTED, "%s: '%s' does not work as an emulator", place, emulator);
}

/* What both have in common; cleared whether it fails or not. */
static gboolean
check_init (Check *check, const VcQemuConf *conf, GError **error)
{
  check->folder = vc_paths_get_guest (check->paths, check->description->domain->uuid);
  check->by_it = g_ptr_array_new_with_free_func (want_free);
  check->by_us = g_ptr_array_new_with_free_func (want_free);
  if (check_emulator (check, error))
    check->tls = vc_chardev_tls_find (conf, NULL, error);
  return check->tls != NULL;
}

static void
check_clear (Check *check)
{
  g_free (check->folder);
  g_ptr_array_unref (check->by_it);
  g_ptr_array_unref (check->by_us);
  vc_chardev_tls_free (check->tls);
}

gboolean
vc_check_host_items (VcDescription *description, const VcPaths *paths, const VcQemuConf *conf,
                     const VcUser *user, const VcPlan *plan, VcStepFn on_step, gpointer data,
                     GPtrArray *warnings, GPtrArray *errors)
{
  Check check = { .description = description,
                  .paths = paths,
                  .user = user,
                  .plan = plan,
                  .on_step = on_step,
                  .data = data,
                  .warnings = warnings,
                  .errors = errors };
  GError *error = NULL;

  if (check_init (&check, conf, &error))
    check_items (&check);
  else
    g_ptr_array_add (errors, error);
  check_clear (&check);
  return errors->len == 0;
}

gboolean
vc_check_host (VcDescription *description, const VcPaths *paths, const VcQemuConf *conf, const VcUser *user,
               VcStepFn on_step, gpointer data, GPtrArray *warnings, GPtrArray *errors)
{
  g_autoptr (VcPlan) plan = NULL;
  GError *error = NULL;
  Check check = { .description = description,
                  .paths = paths,
                  .user = user,
                  .on_step = on_step,
                  .data = data,
                  .warnings = warnings,
                  .errors = errors };

  if (check_init (&check, conf, &error))
    check.plan = plan = vc_start_plan (description, paths, conf, &error);
  if (plan != NULL)
    check_plan (&check);
  else
    g_ptr_array_add (errors, error);
  check_clear (&check);
  vc_domain_sort_errors (errors);
  return errors->len == 0;
}
