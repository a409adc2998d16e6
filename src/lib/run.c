/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lib/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "devices/disk.h"
#include "devices/graphics.h"
#include "host/chardevtls.h"
#include "host/masterkey.h"
#include "host/ports.h"
#include "host/place.h"
#include "host/record.h"
#include "host/spicepki.h"
#include "lib/startplan.h"
#include "plan/spell.h"

#define MAX_RETRIES 5u /* when somebody took a port that was free a moment ago */

static const char *
get_uuid (const VcRun *run)
{
  return run->description->domain->uuid;
}

static void
step (const VcRun *run, const char *words)
{
  if (run->watch.on_step != NULL)
    run->watch.on_step (words, run->data);
}

/* An earlier run may have been killed, and its QEMU not. */
static gboolean
check_orphan (const VcRun *run, GError **error)
{
  g_autofree char *monitor = vc_start_monitor (run->description, run->paths);
  VcRecord record;

  if (!vc_record_read (run->paths->run, get_uuid (run), &record, NULL))
    return !vc_socket_is_served (monitor)
           || vc_fail (error, VC_ERROR_BUSY,
                       "domain '%s' still runs, whose virtcard has gone: '%s' is served", get_uuid (run),
                       monitor);
  if (!vc_record_is_alive (&record))
    return TRUE;
  return vc_fail (error, VC_ERROR_BUSY,
                  "domain '%s' still runs in process %d, whose virtcard has gone: end that process first",
                  get_uuid (run), (int) record.pid);
}

static gboolean
take (VcRun *run, GError **error)
{
  run->conf = vc_qemu_conf_read (run->paths->qemu_conf, error);
  if (run->conf == NULL)
    return FALSE;
  run->user = vc_user_find (run->conf, error);
  if (run->user == NULL || !vc_paths_make_run (run->paths, error))
    return FALSE;
  run->lock = vc_lock_new (run->paths->run, get_uuid (run), error);
  return run->lock != NULL;
}

static char *
get_log (const VcRun *run)
{
  g_autofree char *folder = vc_paths_get_guest (run->paths, get_uuid (run));

  return g_build_filename (folder, "qemu.log", NULL);
}

static gboolean
open_log (VcRun *run, GError **error)
{
  g_autofree char *path = get_log (run);

  run->log = open (path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (run->log < 0)
    return vc_fail_errno (error, errno, "cannot make '%s'", path);
  run->cap = vc_log_cap_new (run->log, VC_LOG_CAP);
  return TRUE;
}

static void
close_log (VcRun *run)
{
  g_clear_pointer (&run->cap, vc_log_cap_free);
  if (run->log >= 0)
    close (run->log);
  run->log = -1;
}

/* What QEMU must not be told on its command line. */
static gboolean
make_secrets (const VcRun *run, GError **error)
{
  g_autofree char *folder = vc_paths_get_guest (run->paths, get_uuid (run));
  g_autoptr (VcChardevTls) tls = vc_chardev_tls_find (run->conf, NULL, error);

  if (tls == NULL)
    return FALSE;
  return tls->secret == NULL
         || (vc_master_key_make (folder, run->user, error)
             && vc_chardev_tls_seal (tls, run->paths, folder, run->plan, error));
}

static gboolean
make_files (VcRun *run, GError **error)
{
  g_autofree char *pki = NULL;
  VcTlsFacts tls;

  if (!vc_spice_pki_find (run->conf, &pki, error)
      || !vc_ports_find (run->description->domain, pki != NULL, error))
    return FALSE;
  run->plan = vc_start_plan (run->description, run->paths, run->conf, error);
  tls = vc_chardev_tls_facts (run->conf, NULL);
  vc_domain_resolve (run->description->domain, &tls);
  vc_disk_number_all (vc_domain_peers (run->description->domain));
  if (run->plan == NULL || !vc_paths_make_guest (run->paths, get_uuid (run), run->user, error))
    return FALSE;
  run->has_folder = TRUE;
  run->last_set = 0;
  run->fds = vc_fds_open_more (run->plan, run->user, &run->last_set, error);
  if (run->fds == NULL)
    return FALSE;
  vc_fds_name_taps (run->fds, run->description->domain->devices);
  return make_secrets (run, error) && open_log (run, error);
}

static gboolean
has_ptys (const VcPlan *plan)
{
  for (guint n = 0; n < vc_plan_n (plan); n++)
    {
      const VcPlanItem *item = vc_plan_nth (plan, n);

      if (item->what == VC_Q_CHARDEV && g_strcmp0 (vc_props_driver (item->props), "pty") == 0)
        return TRUE;
    }
  return FALSE;
}

static VcVmAction
action (int on_what, VcVmAction otherwise)
{
  switch (on_what)
    {
    case VC_ON_DESTROY:
      return VC_VM_DESTROY;
    case VC_ON_RESTART:
    case VC_ON_RENAME_RESTART:
      return VC_VM_RESTART;
    case VC_ON_PRESERVE:
      return VC_VM_PRESERVE;
    default:
      return otherwise;
    }
}

/* What QEMU's modules for cards may need of our environment, so that they see what the check before the
 * start saw; and its own folder in place of ours. */
static char **
new_env (const VcRun *run)
{
  static const char *const kept[]
      = { "SOFTHSM2_CONF", "OPENSC_CONF", "PCSCLITE_CSOCK_NAME", "G_MESSAGES_DEBUG" };
  GPtrArray *env = g_ptr_array_new ();

  if (!run->user->self)
    {
      g_autofree char *folder = vc_paths_get_guest (run->paths, get_uuid (run));

      g_ptr_array_add (env, g_strconcat ("HOME=", folder, NULL));
    }
  if (run->description->domain->timezone != NULL) /* what its localtime is */
    g_ptr_array_add (env, g_strconcat ("TZ=", run->description->domain->timezone, NULL));
  for (gsize n = 0; n < G_N_ELEMENTS (kept); n++)
    if (g_getenv (kept[n]) != NULL)
      g_ptr_array_add (env, g_strdup_printf ("%s=%s", kept[n], g_getenv (kept[n])));
  g_ptr_array_add (env, NULL);
  return (char **) g_ptr_array_free (env, FALSE);
}

static void
on_event (VcVm *vm, const char *event, VcJson *values, gpointer data)
{
  VcRun *run = data;

  if (run->watch.on_event != NULL)
    run->watch.on_event (run, event, values, run->data);
}

static void
on_news (VcVm *vm, VcVmNews news, gpointer data)
{
  VcRun *run = data;

  if (news == VC_VM_IS_READY)
    {
      run->was_ready = TRUE;
      vc_plug_begin (run);
      vc_links_begin (run);
      step (run, NULL);
    }
  run->watch.on_news (run, news, run->data);
}

static gboolean on_retry (gpointer data);

static void
on_off (VcVm *vm, VcVmEnd end, const GError *error, gpointer data)
{
  VcRun *run = data;

  if (!run->was_ready && end == VC_VM_BY_FAULT && run->retries < MAX_RETRIES
      && vc_ports_are_lost (run->description->domain))
    {
      run->retries++;
      run->retry = g_idle_add (on_retry, run);
      return;
    }
  step (run, NULL);
  if (!run->was_ready)
    vc_fds_undo (run->fds);
  run->watch.on_end (run, end, error, run->data);
}

static const VcVmWatch vm_watch = { .on_news = on_news, .on_event = on_event, .on_off = on_off };

static void
set_actions (VcVmStart *how, const VcDomain *domain)
{
  how->on_poweroff = action (domain->on_poweroff, VC_VM_DESTROY);
  how->on_reboot = action (domain->on_reboot, VC_VM_RESTART);
  how->on_crash = action (domain->on_crash, VC_VM_DESTROY);
}

static gboolean
start (VcRun *run, GError **error)
{
  const VcDomain *domain = run->description->domain;
  g_autofree char *monitor = vc_start_monitor (run->description, run->paths);
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) env = new_env (run);
  VcVmStart how = { .env = (const char *const *) env,
                    .monitor = monitor,
                    .log = run->log,
                    .record = -1,
                    .user = run->user,
                    .paused = run->paused,
                    .has_ptys = has_ptys (run->plan) };

  set_actions (&how, domain);
  g_ptr_array_add (argv, g_strdup (domain->emulator));
  if (!vc_plan_to_argv (run->plan, argv, error))
    return FALSE;
  if (run->incoming)
    {
      g_ptr_array_add (argv, g_strdup ("-incoming"));
      g_ptr_array_add (argv, g_strdup ("defer"));
    }
  g_ptr_array_add (argv, NULL);
  how.argv = (const char *const *) argv->pdata;
  how.fds = vc_fds_get (run->fds, &how.n_fds);
  step (run, "starting QEMU");
  how.record = vc_record_open (run->paths->run, get_uuid (run), error);
  if (how.record < 0)
    return FALSE;
  run->has_record = TRUE;
  run->vm = vc_vm_new (&how, &vm_watch, run, error);
  close (how.record);
  if (run->vm == NULL)
    return FALSE;
  vc_fds_close (run->fds);
  return TRUE;
}

/* Backwards through what make_files and start made. */
static void
remove_files (VcRun *run)
{
  if (run->vm != NULL)
    vc_vm_kill (run->vm);
  g_clear_pointer (&run->vm, vc_vm_free);
  if (run->has_record)
    vc_record_remove (run->paths->run, get_uuid (run));
  run->has_record = FALSE;
  g_clear_pointer (&run->fds, vc_fds_free);
  g_clear_pointer (&run->plan, vc_plan_free);
  close_log (run);
  if (run->has_folder)
    vc_paths_remove_guest (run->paths, get_uuid (run), NULL);
  run->has_folder = FALSE;
}

static gboolean
on_retry (gpointer data)
{
  VcRun *run = data;
  g_autoptr (GError) error = NULL;

  run->retry = 0;
  vc_fds_undo (run->fds);
  remove_files (run);
  if (make_files (run, &error) && start (run, &error))
    return G_SOURCE_REMOVE;
  step (run, NULL);
  if (run->fds != NULL)
    vc_fds_undo (run->fds);
  run->watch.on_end (run, VC_VM_BY_FAULT, error, run->data);
  return G_SOURCE_REMOVE;
}

static VcRun *
new_idle (VcDescription *description, const VcPaths *paths, const VcRunWatch *watch, gpointer data)
{
  VcRun *run = g_new0 (VcRun, 1);

  run->description = description;
  run->paths = paths;
  run->watch = *watch;
  run->data = data;
  run->log = -1;
  return run;
}

VcRun *
vc_run_new (VcDescription *description, const VcPaths *paths, guint flags, const VcRunWatch *watch,
            gpointer data, GPtrArray *warnings, GPtrArray *errors)
{
  g_autoptr (VcRun) run = new_idle (description, paths, watch, data);
  GError *error = NULL;

  run->paused = (flags & (VC_RUN_PAUSED | VC_RUN_INCOMING)) != 0;
  run->incoming = (flags & VC_RUN_INCOMING) != 0;
  if (take (run, &error) && check_orphan (run, &error))
    {
      gboolean fine = (flags & VC_RUN_CHECKED) != 0
                      || vc_check_host (description, paths, run->conf, run->user, watch->on_step, data,
                                        warnings, errors);

      step (run, NULL);
      if (!fine)
        return NULL;
      if (make_files (run, &error) && start (run, &error))
        return g_steal_pointer (&run);
    }
  if (run->fds != NULL)
    vc_fds_undo (run->fds);
  step (run, NULL);
  g_ptr_array_add (errors, error);
  return NULL;
}

VcRun *
vc_run_find (VcDescription *description, const VcPaths *paths, const VcRunFacts *facts,
             const VcRunWatch *watch, gpointer data, GError **error)
{
  g_autoptr (VcRun) run = new_idle (description, paths, watch, data);
  g_autofree char *monitor = vc_start_monitor (description, paths);
  g_autofree char *path = get_log (run);
  VcVmStart how = { .monitor = monitor, .record = -1, .has_ptys = TRUE, .reboots = facts->reboots };
  g_autoptr (GError) why = NULL;
  VcRecord record;

  if (!take (run, error))
    return NULL;
  run->fds = vc_fds_find ((const char *const *) facts->sockets, run->user);
  run->log = vc_log_cap_open (path);
  if (run->log >= 0)
    run->cap = vc_log_cap_new (run->log, VC_LOG_CAP);
  run->was_ready = run->found = TRUE;
  run->last_set = facts->last_set;
  run->card = g_strdup (facts->card);
  run->no_card = facts->no_card;
  run->viewer_card = facts->viewer_card;
  how.log = run->log;
  set_actions (&how, description->domain);
  if (!vc_record_read (paths->run, get_uuid (run), &record, &why) && vc_socket_is_served (monitor))
    {
      g_propagate_error (error, g_steal_pointer (&why));
      return NULL;
    }
  run->has_folder = run->has_record = TRUE;
  if (why != NULL || !vc_record_is_alive (&record))
    return vc_fail_null (error, VC_ERROR_GONE, "QEMU has ended");
  run->vm = vc_vm_find (&how, &record, &vm_watch, run, error);
  if (run->vm == NULL)
    return NULL;
  /* What QEMU was told.  Where it is not known any more devices cannot leave. */
  run->plan = vc_live_plan (description, paths, run->conf, NULL);
  if (run->plan == NULL)
    run->plan = vc_plan_new ();
  return g_steal_pointer (&run);
}

VcRunFacts
vc_run_get_facts (const VcRun *run)
{
  g_autoptr (GStrvBuilder) sockets = g_strv_builder_new ();

  if (run->fds != NULL)
    vc_fds_add_sockets (run->fds, sockets);
  vc_plug_add_sockets (run, sockets);
  return (VcRunFacts){ .sockets = g_strv_builder_end (sockets),
                       .reboots = run->vm != NULL && vc_vm_reboots (run->vm),
                       .last_set = run->last_set,
                       .card = g_strdup (run->card),
                       .no_card = run->no_card,
                       .viewer_card = run->viewer_card };
}

void
vc_run_facts_clear (VcRunFacts *facts)
{
  g_strfreev (facts->sockets);
  g_free (facts->card);
}

static void
ignore_news (VcRun *run, VcVmNews news, gpointer data)
{
}

static void
ignore_end (VcRun *run, VcVmEnd end, const GError *error, gpointer data)
{
}

static void
let_go (VcRun *run)
{
  vc_plug_end (run);
  vc_lock_free (run->lock);
  vc_user_free (run->user);
  vc_qemu_conf_free (run->conf);
  g_free (run);
}

static void
hush (VcRun *run)
{
  run->watch = (VcRunWatch){ .on_news = ignore_news, .on_end = ignore_end };
  g_clear_handle_id (&run->retry, g_source_remove);
}

void
vc_run_leave (VcRun *run)
{
  if (run == NULL)
    return;
  hush (run);
  g_clear_pointer (&run->vm, vc_vm_free);
  g_clear_pointer (&run->fds, vc_fds_leave);
  g_clear_pointer (&run->plan, vc_plan_free);
  close_log (run);
  let_go (run);
}

void
vc_run_free (VcRun *run)
{
  if (run == NULL)
    return;
  hush (run);
  remove_files (run);
  let_go (run);
}

VcVm *
vc_run_vm (VcRun *run)
{
  return run->vm;
}

gboolean
vc_run_was_ready (const VcRun *run)
{
  return run->was_ready;
}

static const char *
get_pty (const VcRun *run, const VcDevice *dev)
{
  g_autofree char *id = g_strconcat ("char", dev->alias, NULL);

  return vc_vm_pty (run->vm, id);
}

/* A serial console is the first serial port under its other name. */
static const VcDevice *
find_console (const VcDomain *domain)
{
  const VcPeers *peers = vc_domain_peers ((VcDomain *) domain);
  const VcDevice *console = vc_peers_find (peers, "console", NULL, 0);

  if (console == NULL || vc_is (console, "console", "serial"))
    console = vc_peers_find (peers, "serial", NULL, 0);
  return console;
}

const char *
vc_run_console (const VcRun *run, GError **error)
{
  const VcDevice *console = find_console (run->description->domain);
  const char *path = console != NULL ? get_pty (run, console) : NULL;

  if (console == NULL)
    return vc_fail_null (error, VC_ERROR_UNSUPPORTED, "the guest has no console and no serial port");
  if (path == NULL)
    {
      vc_fail (error, VC_ERROR_UNSUPPORTED, "the guest's first console is no pseudo-terminal");
      vc_place_prefix (console, error);
    }
  return path;
}

static void
add_port (GPtrArray *places, const VcGraphics *self, const char *what, int port)
{
  const char *address = self->address != NULL ? self->address : VC_GRAPHICS_ADDRESS;

  if (port > 0)
    g_ptr_array_add (places, g_strdup_printf (strchr (address, ':') != NULL ? "%s: [%s]:%d" : "%s: %s:%d",
                                              what, address, port));
}

GPtrArray *
vc_run_places (const VcRun *run)
{
  GPtrArray *places = g_ptr_array_new_with_free_func (g_free);
  const GPtrArray *devices = run->description->domain->devices;

  for (guint n = 0; n < devices->len; n++)
    {
      const VcDevice *dev = devices->pdata[n];
      const char *pty = dev->alias != NULL ? get_pty (run, dev) : NULL;
      const VcGraphics *graphics = (const VcGraphics *) dev;

      if (pty != NULL)
        g_ptr_array_add (places, g_strdup_printf ("%s: %s", dev->alias, pty));
      if (!vc_is (dev, "graphics", NULL) || graphics->listen_type != VC_LISTEN_ADDRESS)
        continue;
      add_port (places, graphics, dev->kind->value, graphics->port);
      if (graphics->tls_port > 0)
        add_port (places, graphics, "spice with TLS", graphics->tls_port);
    }
  return places;
}
