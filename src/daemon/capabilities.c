/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>
#include <string.h>

#include "base/error.h"
#include "daemon/caps-xml.h"
#include "daemon/daemon.h"
#include "host/kvm.h"
#include "lib/describe.h"
#include "qemu/cache.h"

/* What needs QEMU or KVM to be tried out takes its time: a thread does it, with copies, and the request
 * waits. */
typedef struct Work Work;

struct Work
{
  VcPaths *paths; /* its own: the daemon may end before the thread does */
  VcRpcRequest *request;
  char *(*print) (const Work *work, GError **error);
  char *emulator, *arch, *machine, *type; /* as the client gave them; NULL: not */
  char *xml;                              /* to be turned into a command line   */
};

static void
work_free (gpointer data)
{
  Work *work = data;

  vc_rpc_request_free (work->request);
  vc_paths_free (work->paths);
  g_free (work->emulator);
  g_free (work->arch);
  g_free (work->machine);
  g_free (work->type);
  g_free (work->xml);
  g_free (work);
}

static void
run (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Work *work = data;
  GError *error = NULL;
  char *text = work->print (work, &error);

  if (text != NULL)
    g_task_return_pointer (task, text, g_free);
  else
    g_task_return_error (task, error);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  Work *work = g_task_get_task_data (G_TASK (result));
  VcRpcRequest *request = g_steal_pointer (&work->request);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_task_propagate_pointer (G_TASK (result), &error);

  if (text == NULL)
    {
      vc_rpc_answer_error (request, error);
      return;
    }
  vc_xdr_put_text (vc_rpc_begin (request), text);
  vc_rpc_answer (request);
}

static gboolean
start (VcRpcRequest *request, Work *work_taken, char *(*print) (const Work *work, GError **error),
       GError **error)
{
  g_autoptr (GTask) task = NULL;

  work_taken->paths = vc_paths_new (vc_daemon_of (request)->paths->root, error);
  if (work_taken->paths == NULL)
    {
      work_free (work_taken);
      return FALSE;
    }
  task = g_task_new (NULL, NULL, on_done, NULL);
  work_taken->request = vc_rpc_keep (request);
  work_taken->print = print;
  g_task_set_task_data (task, work_taken, work_free);
  g_task_run_in_thread (task, run);
  return TRUE;
}

/* In the thread. */

static gboolean
has_kvm (const Work *work, const char *binary)
{
  g_autoptr (VcQemuConf) conf = vc_qemu_conf_read (work->paths->qemu_conf, NULL);
  g_autoptr (VcUser) user = conf != NULL ? vc_user_find (conf, NULL) : NULL;

  return user != NULL
         && vc_kvm_check (&(VcKvm){ .binary = binary, .folder = work->paths->state, .user = user }, NULL);
}

static char *
print_host (const Work *work, GError **error)
{
  static const char *const names[] = { "i686", "x86_64" };
  VcGuestArch arches[G_N_ELEMENTS (names) + 1] = { 0 };
  VcHostFacts facts;
  char *text;

  if (!vc_host_facts (&facts, error))
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      arches[i].arch = names[i];
      arches[i].caps = vc_caps_find (vc_describe_emulator (names[i]), work->paths->caps, NULL);
      arches[i].has_kvm = arches[i].caps != NULL && has_kvm (work, arches[i].caps->binary);
    }
  text = vc_caps_print_host (&facts, arches);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    vc_caps_free (arches[i].caps);
  return text;
}

static char *
print_domain (const Work *work, GError **error)
{
  const char *arch = work->arch != NULL ? work->arch : "x86_64";
  const char *binary = work->emulator != NULL ? work->emulator : vc_describe_emulator (arch);
  const char *machine_name = work->machine != NULL ? work->machine : "pc";
  gboolean wants_kvm = g_strcmp0 (work->type, "kvm") == 0, kvm;
  g_autoptr (VcCaps) caps = NULL;
  const VcMachine *machine;

  if (strcmp (arch, "x86_64") != 0 && strcmp (arch, "i686") != 0)
    vc_wire_fail (error, VC_WIRE_INVALID_ARG, "unknown architecture: %s", arch);
  else if (work->type != NULL && !wants_kvm && strcmp (work->type, "qemu") != 0)
    vc_wire_fail (error, VC_WIRE_INVALID_ARG, "unknown virttype: %s", work->type);
  else if (*binary != '/')
    vc_wire_fail (error, VC_WIRE_INVALID_ARG, "'%s' is not an absolute path", binary);
  else
    caps = vc_caps_find (binary, work->paths->caps, error);
  if (caps == NULL)
    return NULL;
  machine = vc_caps_machine (caps, machine_name);
  kvm = g_strcmp0 (work->type, "qemu") != 0 && has_kvm (work, binary);
  if (machine == NULL)
    vc_wire_fail (error, VC_WIRE_INVALID_ARG, "the machine '%s' is not supported by emulator '%s'",
                  machine_name, binary);
  else if (wants_kvm && !kvm)
    vc_wire_fail (error, VC_WIRE_INVALID_ARG, "KVM is not supported by '%s' on this host", binary);
  else
    return vc_caps_print_domain (caps, arch, machine, kvm);
  return NULL;
}

static char *
print_native (const Work *work, GError **error)
{
  g_autoptr (GPtrArray) errors = vc_describe_new_errors ();
  g_autoptr (VcDescription) description
      = vc_describe (work->xml, strlen (work->xml), "(domain_definition)", work->paths, errors);
  g_autoptr (VcQemuConf) conf = NULL;
  g_autoptr (GPtrArray) argv = NULL;

  if (description == NULL)
    {
      g_propagate_error (error, g_error_copy (errors->pdata[0]));
      return NULL;
    }
  conf = vc_qemu_conf_read (work->paths->qemu_conf, error);
  argv = conf != NULL ? vc_describe_argv (description, work->paths, conf, error) : NULL;
  return argv != NULL ? vc_quote_argv (argv) : NULL;
}

/* The calls. */

static gboolean
get_capabilities (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return start (request, g_new0 (Work, 1), print_host, error);
}

static gboolean
get_domain_capabilities (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  Work *work = g_new0 (Work, 1);

  work->emulator = g_strdup (vc_xdr_read_text_or_null (args));
  work->arch = g_strdup (vc_xdr_read_text_or_null (args));
  work->machine = g_strdup (vc_xdr_read_text_or_null (args));
  work->type = g_strdup (vc_xdr_read_text_or_null (args));
  if (!vc_wire_flags (request, vc_xdr_read_uint (args), 0, error))
    {
      work_free (work);
      return FALSE;
    }
  return start (request, work, print_domain, error);
}

static gboolean
xml_to_native (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  const char *format = vc_xdr_read_text (args);
  const char *xml = vc_xdr_read_text (args);
  Work *work;

  if (!vc_wire_flags (request, vc_xdr_read_uint (args), 0, error))
    return FALSE;
  if (strcmp (format, "qemu-argv") != 0)
    return vc_wire_fail (error, VC_WIRE_INVALID_ARG, "unsupported config type %s", format);
  work = g_new0 (Work, 1);
  work->xml = g_strdup (xml);
  return start (request, work, print_native, error);
}

const VcHandlerRow vc_handlers_capabilities[] = {
  { VC_CALL_CONNECT_GET_CAPABILITIES, get_capabilities },
  { VC_CALL_CONNECT_GET_DOMAIN_CAPABILITIES, get_domain_capabilities },
  { VC_CALL_CONNECT_DOMAIN_XML_TO_NATIVE, xml_to_native },
  VC_HANDLERS_END,
};
