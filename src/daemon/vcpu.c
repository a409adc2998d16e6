/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "daemon/daemon.h"
#include "domain/cpuset.h"
#include "fields/list.h"
#include "qemu/qmp.h"

/* Where a guest's processors and other threads run, and where they may. */

#define MAX_MAP  8192u /* bytes of a map of the host's processors */
#define MAX_MAPS 8388608u

enum
{
  PARTS = VC_GUEST_LIVE | VC_GUEST_CONFIG,
  RUNS = 1, /* of a processor */
};

/* Maps: bit n is processor n of the host. */

static gsize
host_bytes (void)
{
  long n = sysconf (_SC_NPROCESSORS_CONF);

  return MIN ((gsize) (n > 0 ? n : 1) / 8 + 1, MAX_MAP);
}

static void
set_bits (guint8 *map, gsize len, guint first, guint last)
{
  for (guint n = first; n <= last && n / 8 < len; n++)
    map[n / 8] |= (guint8) (1u << n % 8);
}

/* set NULL: wherever the host has processors. */
static void
put_set (guint8 *map, gsize len, const char *set)
{
  guint first, last;

  if (set == NULL)
    set_bits (map, len, 0, (guint) MAX (sysconf (_SC_NPROCESSORS_CONF), 1) - 1);
  while (set != NULL && vc_cpuset_next (&set, &first, &last))
    set_bits (map, len, first, last);
}

static void
put_thread (guint8 *map, gsize len, pid_t thread)
{
  guint8 all[MAX_MAP] = { 0 };

  if (syscall (SYS_sched_getaffinity, thread, sizeof all, all) > 0)
    memcpy (map, all, MIN (len, sizeof all));
}

static const char *
find_pin (const GPtrArray *pins, guint number, const char *others)
{
  for (guint i = 0; i < vc_list_n (pins); i++)
    {
      const VcPin *pin = vc_list_nth (pins, i);

      if (pin->number.value == number)
        return pin->cpus;
    }
  return others;
}

static gboolean
check_room (int n, int len, GError **error)
{
  if (n < 0 || len < 0 || (guint64) n * (guint64) len > MAX_MAPS)
    return vc_wire_fail (error, VC_WIRE_INVALID_ARG, "room for %d maps of %d bytes", n, len);
  return TRUE;
}

static const VcDomain *
find_domain (VcRpcRequest *request, VcGuest *guest, guint flags, GError **error)
{
  return vc_wire_flags (request, flags, PARTS, error)
             ? vc_guest_domain (guest, flags == PARTS ? VC_GUEST_LIVE : (VcGuestPart) flags, error)
             : NULL;
}

static gboolean
get_pins (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  int n = vc_xdr_read_int (args);
  int len = vc_xdr_read_int (args);
  guint flags = vc_xdr_read_uint (args);
  const VcDomain *domain;
  g_autofree guint8 *maps = NULL;

  if (guest == NULL || !check_room (n, len, error)
      || (domain = find_domain (request, guest, flags, error)) == NULL)
    return FALSE;
  n = MIN (n, (int) vc_u32_or (domain->vcpus, 1));
  maps = g_malloc0 ((gsize) n * (gsize) len + 1);
  for (int i = 0; i < n; i++)
    put_set (maps + (gsize) i * (gsize) len, (gsize) len,
             find_pin (domain->vcpu_pins, (guint) i, domain->cpus));
  vc_xdr_put_bytes (ret, maps, (gsize) n * (gsize) len);
  vc_xdr_put_int (ret, n);
  return TRUE;
}

static gboolean
get_emulator_pin (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  int len = vc_xdr_read_int (args);
  guint flags = vc_xdr_read_uint (args);
  const VcDomain *domain;
  g_autofree guint8 *map = NULL;

  if (guest == NULL || !check_room (1, len, error)
      || (domain = find_domain (request, guest, flags, error)) == NULL)
    return FALSE;
  map = g_malloc0 ((gsize) len + 1);
  put_set (map, (gsize) len, domain->emulator_cpus != NULL ? domain->emulator_cpus : domain->cpus);
  vc_xdr_put_bytes (ret, map, (gsize) len);
  vc_xdr_put_int (ret, 1);
  return TRUE;
}

/* What runs: QEMU knows the threads. */

typedef struct
{
  VcRpcRequest *request;
  gsize n, len; /* room */
} Asked;

/* Processor it ran on last, and time it has used in ns; 0 when the thread is gone. */
static void
read_thread (pid_t thread, int *ret_cpu, guint64 *ret_ns)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/task/%d/stat", (int) thread, (int) thread);
  g_autofree char *text = NULL;
  g_auto (GStrv) words = NULL;
  const char *rest;

  *ret_cpu = 0;
  *ret_ns = 0;
  if (!g_file_get_contents (path, &text, NULL, NULL) || (rest = strrchr (text, ')')) == NULL)
    return;
  words = g_strsplit (rest + 1, " ", -1); /* [1] is the third number of the file */
  if (g_strv_length (words) < 38)
    return;
  *ret_ns = (g_ascii_strtoull (words[12], NULL, 10) + g_ascii_strtoull (words[13], NULL, 10))
            * (G_GUINT64_CONSTANT (1000000000) / (guint64) sysconf (_SC_CLK_TCK));
  *ret_cpu = (int) g_ascii_strtoll (words[37], NULL, 10);
}

static void
put_vcpus (VcXdrWriter *ret, const VcJson *cpus, const Asked *asked)
{
  gsize n = MIN (asked->n, json_array_size (cpus));
  g_autofree guint8 *maps = g_malloc0 (n * asked->len + 1);

  vc_xdr_put_list (ret);
  for (gsize i = 0; i < n; i++)
    {
      gint64 thread = 0, number = (gint64) i;
      guint64 ns;
      int cpu;

      vc_json_int (json_array_get (cpus, i), "thread-id", &thread);
      vc_json_int (json_array_get (cpus, i), "cpu-index", &number);
      read_thread ((pid_t) thread, &cpu, &ns);
      vc_xdr_put_uint (ret, (guint) number);
      vc_xdr_put_int (ret, RUNS);
      vc_xdr_put_uhyper (ret, ns);
      vc_xdr_put_int (ret, cpu);
      put_thread (maps + i * asked->len, asked->len, (pid_t) thread);
    }
  vc_xdr_end_list (ret);
  vc_xdr_put_bytes (ret, maps, n * asked->len);
}

static void
on_cpus (VcJson *value, const GError *error, gpointer data)
{
  Asked *asked = data;

  if (value != NULL)
    {
      put_vcpus (vc_rpc_begin (asked->request), value, asked);
      vc_rpc_answer (asked->request);
    }
  else
    vc_rpc_answer_error (asked->request, error);
  g_free (asked);
}

static gboolean
get_vcpus (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  int n = vc_xdr_read_int (args);
  int len = vc_xdr_read_int (args);
  Asked *asked;

  if (guest == NULL || !check_room (n, len, error) || vc_guest_domain (guest, VC_GUEST_LIVE, error) == NULL)
    return FALSE;
  asked = g_new (Asked, 1);
  *asked = (Asked){ vc_rpc_keep (request), (gsize) n, (gsize) len };
  vc_guest_call (guest, vc_qmp_command ("query-cpus-fast", NULL), on_cpus, asked);
  return TRUE;
}

/* Threads for disks. */

static void
put_iothread (VcXdrWriter *ret, guint number, const char *set, pid_t thread)
{
  guint8 map[MAX_MAP] = { 0 };

  if (thread > 0)
    put_thread (map, sizeof map, thread);
  else
    put_set (map, sizeof map, set);
  vc_xdr_put_uint (ret, number);
  vc_xdr_put_bytes (ret, map, host_bytes ());
}

static void
on_iothreads (VcJson *value, const GError *error, gpointer data)
{
  VcXdrWriter *ret;
  guint n = 0;

  if (value == NULL)
    {
      vc_rpc_answer_error (data, error);
      return;
    }
  ret = vc_rpc_begin (data);
  vc_xdr_put_list (ret);
  for (gsize i = 0; i < json_array_size (value); i++)
    {
      const VcJson *one = json_array_get (value, i);
      const char *id = vc_json_str (one, "id");
      gint64 thread = 0;
      guint number;

      if (id == NULL || sscanf (id, "iothread%u", &number) != 1 || !vc_json_int (one, "thread-id", &thread))
        continue;
      put_iothread (ret, number, NULL, (pid_t) thread);
      n++;
    }
  vc_xdr_end_list (ret);
  vc_xdr_put_uint (ret, n);
  vc_rpc_answer (data);
}

static gboolean
get_iothreads (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  guint flags = vc_xdr_read_uint (args);
  const VcDomain *domain = guest != NULL ? find_domain (request, guest, flags, error) : NULL;
  guint n;

  if (domain == NULL)
    return FALSE;
  if (vc_guest_is_active (guest) && (flags & VC_GUEST_CONFIG) == 0)
    {
      vc_guest_call (guest, vc_qmp_command ("query-iothreads", NULL), on_iothreads, vc_rpc_keep (request));
      return TRUE;
    }
  n = domain->iothread_numbers != NULL ? domain->iothread_numbers->len : 0;
  vc_xdr_put_list (ret);
  for (guint i = 0; i < n; i++)
    {
      guint number = g_array_index (domain->iothread_numbers, guint32, i);

      put_iothread (ret, number, find_pin (domain->iothread_pins, number, domain->cpus), 0);
    }
  vc_xdr_end_list (ret);
  vc_xdr_put_uint (ret, n);
  return TRUE;
}

const VcHandlerRow vc_handlers_vcpu[] = {
  { VC_CALL_DOMAIN_GET_VCPUS, get_vcpus },
  { VC_CALL_DOMAIN_GET_VCPU_PIN_INFO, get_pins },
  { VC_CALL_DOMAIN_GET_EMULATOR_PIN_INFO, get_emulator_pin },
  { VC_CALL_DOMAIN_GET_IOTHREAD_INFO, get_iothreads },
  VC_HANDLERS_END,
};
