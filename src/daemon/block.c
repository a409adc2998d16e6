/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "daemon/daemon.h"
#include "devices/disk.h"
#include "qemu/qmp.h"

/* Numbers about a guest's disks, which are named by target or source. */

#define QCOW2_MAGIC 0x514649fbu

typedef struct
{
  VcRpcRequest *request;
  char *alias; /* of the disk; NULL: all of them */
  char *path;  /* of its image, or NULL          */
  void (*put) (VcXdrWriter *ret, const VcJson *found, const char *path);
} Asked;

static const VcDevice *
find_disk (const VcDomain *domain, const char *name, GError **error)
{
  for (guint i = 0; i < domain->devices->len; i++)
    {
      const VcDevice *dev = domain->devices->pdata[i];

      if (vc_is (dev, "disk", NULL)
          && (g_strcmp0 (vc_disk_target (dev), name) == 0 || g_strcmp0 (vc_disk_path (dev), name) == 0))
        return dev;
    }
  vc_wire_fail (error, VC_WIRE_INVALID_ARG, "invalid path: %s", name);
  return NULL;
}

/* QEMU names the device that has an image by its id, or by where it stands. */
static gboolean
is_of (const VcJson *entry, const char *alias)
{
  const char *qdev = vc_json_str (entry, "qdev");
  g_auto (GStrv) words = NULL;

  if (qdev == NULL || alias == NULL)
    return qdev != NULL;
  words = g_strsplit (qdev, "/", -1);
  return g_strv_contains ((const char *const *) words, alias);
}

static void
on_answer (VcJson *value, const GError *error, gpointer data)
{
  Asked *asked = data;
  g_autoptr (json_t) found = json_array ();
  g_autoptr (GError) none = NULL;

  for (gsize i = 0; i < json_array_size (value); i++)
    if (is_of (json_array_get (value, i), asked->alias))
      json_array_append (found, json_array_get (value, i));
  if (value != NULL && asked->alias != NULL && json_array_size (found) == 0)
    vc_wire_fail (&none, VC_WIRE_INTERNAL, "QEMU has no disk '%s'", asked->alias);
  if (value == NULL || none != NULL)
    vc_rpc_answer_error (asked->request, none != NULL ? none : error);
  else
    {
      asked->put (vc_rpc_begin (asked->request), found, asked->path);
      vc_rpc_answer (asked->request);
    }
  g_free (asked->alias);
  g_free (asked->path);
  g_free (asked);
}

static void
ask (VcRpcRequest *request, VcGuest *guest, const char *command, const VcDevice *disk,
     void (*put) (VcXdrWriter *ret, const VcJson *found, const char *path))
{
  Asked *asked = g_new (Asked, 1);

  *asked = (Asked){ vc_rpc_keep (request), g_strdup (disk != NULL ? disk->alias : NULL),
                    g_strdup (disk != NULL ? vc_disk_path (disk) : NULL), put };
  vc_guest_call (guest, vc_qmp_command (command, NULL), on_answer, asked);
}

/* Statistics */

static gint64
sum (const VcJson *found, const char *name)
{
  gint64 total = 0;

  for (gsize i = 0; i < json_array_size (found); i++)
    {
      gint64 one = 0;

      vc_json_int (vc_json_get (json_array_get (found, i), "stats"), name, &one);
      total += one;
    }
  return total;
}

static const struct
{
  const char *field, *name;
} numbers[] = {
  { "rd_operations", "rd_operations" },
  { "rd_bytes", "rd_bytes" },
  { "rd_total_times", "rd_total_time_ns" },
  { "wr_operations", "wr_operations" },
  { "wr_bytes", "wr_bytes" },
  { "wr_total_times", "wr_total_time_ns" },
  { "flush_operations", "flush_operations" },
  { "flush_total_times", "flush_total_time_ns" },
};

static void
put_params (VcXdrWriter *ret, const VcJson *found, const char *path)
{
  vc_xdr_put_list (ret);
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    vc_xdr_put_param (ret,
                      &(VcXdrParam){ numbers[i].field, VC_PARAM_LLONG, .h = sum (found, numbers[i].name) });
  vc_xdr_end_list (ret);
  vc_xdr_put_int (ret, 0);
}

static void
put_stats (VcXdrWriter *ret, const VcJson *found, const char *path)
{
  vc_xdr_put_hyper (ret, sum (found, "rd_operations"));
  vc_xdr_put_hyper (ret, sum (found, "rd_bytes"));
  vc_xdr_put_hyper (ret, sum (found, "wr_operations"));
  vc_xdr_put_hyper (ret, sum (found, "wr_bytes"));
  vc_xdr_put_hyper (ret, -1); /* errors: not counted */
}

/* name "": all disks. */
static gboolean
ask_stats (VcRpcRequest *request, VcGuest *guest, const char *name,
           void (*put) (VcXdrWriter *ret, const VcJson *found, const char *path), GError **error)
{
  const VcDomain *domain = vc_guest_domain (guest, VC_GUEST_LIVE, error);
  const VcDevice *disk = NULL;

  if (domain == NULL || (*name != '\0' && (disk = find_disk (domain, name, error)) == NULL))
    return FALSE;
  ask (request, guest, "query-blockstats", disk, put);
  return TRUE;
}

static gboolean
get_stats (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);

  return guest != NULL && ask_stats (request, guest, vc_xdr_read_text (args), put_stats, error);
}

static gboolean
get_stats_flags (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  const char *name = vc_xdr_read_text (args);
  int room = vc_xdr_read_int (args);
  const VcDomain *domain;

  if (guest == NULL || !vc_wire_flags (request, vc_xdr_read_uint (args) & ~4u, 0, error))
    return FALSE;
  if (room >= (int) G_N_ELEMENTS (numbers))
    return ask_stats (request, guest, name, put_params, error);
  if (room > 0)
    return vc_wire_fail (error, VC_WIRE_INVALID_ARG, "room for %d numbers, and there are %zu", room,
                         G_N_ELEMENTS (numbers));
  domain = vc_guest_domain (guest, VC_GUEST_LIVE, error);
  if (domain == NULL || (*name != '\0' && find_disk (domain, name, error) == NULL))
    return FALSE;
  vc_xdr_put_list (ret); /* only how many there are is asked */
  vc_xdr_end_list (ret);
  vc_xdr_put_int (ret, (int) G_N_ELEMENTS (numbers));
  return TRUE;
}

/* Sizes */

static void
put_sizes (VcXdrWriter *ret, guint64 allocation, guint64 capacity, guint64 physical)
{
  vc_xdr_put_uhyper (ret, allocation);
  vc_xdr_put_uhyper (ret, capacity);
  vc_xdr_put_uhyper (ret, physical);
}

static void
put_info (VcXdrWriter *ret, const VcJson *found, const char *path)
{
  const VcJson *image = vc_json_get (vc_json_get (json_array_get (found, 0), "inserted"), "image");
  gint64 capacity = 0, allocation = 0;
  struct stat st;

  vc_json_int (image, "virtual-size", &capacity);
  allocation = capacity;
  vc_json_int (image, "actual-size", &allocation);
  put_sizes (ret, (guint64) allocation, (guint64) capacity,
             path != NULL && stat (path, &st) == 0 && S_ISREG (st.st_mode) ? (guint64) st.st_size
                                                                           : (guint64) capacity);
}

/* What an image that nobody runs says of itself. */
static gboolean
read_info (const char *path, gboolean is_qcow2, VcXdrWriter *ret, GError **error)
{
  int fd = open (path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  struct
  {
    guint32 magic, version;
    guint64 backing;
    guint32 backing_size, cluster_bits;
    guint64 size;
  } head = { 0 };
  struct stat st;
  guint64 size;
  gssize n;

  if (fd < 0)
    return vc_fail_errno (error, errno, "cannot open '%s'", path);
  if (fstat (fd, &st) < 0 || (!S_ISREG (st.st_mode) && !S_ISBLK (st.st_mode)))
    {
      close (fd);
      return vc_fail (error, VC_ERROR_FAILED, "'%s' is no file and no block device", path);
    }
  n = pread (fd, &head, sizeof head, 0);
  size = S_ISREG (st.st_mode) ? (guint64) st.st_size : (guint64) lseek (fd, 0, SEEK_END);
  close (fd);
  if (is_qcow2 && (n != sizeof head || GUINT32_FROM_BE (head.magic) != QCOW2_MAGIC))
    return vc_fail (error, VC_ERROR_FAILED, "'%s' is no qcow2 image", path);
  put_sizes (ret, S_ISREG (st.st_mode) ? (guint64) st.st_blocks * 512 : size,
             is_qcow2 ? GUINT64_FROM_BE (head.size) : size, size);
  return TRUE;
}

static gboolean
get_info (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  const char *name = vc_xdr_read_text (args);
  const VcDomain *domain;
  const VcDevice *disk;

  if (guest == NULL || !vc_wire_flags (request, vc_xdr_read_uint (args), 0, error)
      || (domain = vc_guest_domain (guest, VC_GUEST_CURRENT, error)) == NULL)
    return FALSE;
  disk = find_disk (domain, name, NULL);
  if (disk == NULL)
    return vc_wire_fail (error, VC_WIRE_INVALID_ARG, "invalid path %s not assigned to domain", name);
  if (vc_guest_is_active (guest))
    {
      ask (request, guest, "query-block", disk, put_info);
      return TRUE;
    }
  if (vc_disk_path (disk) == NULL)
    return vc_wire_fail (error, VC_WIRE_INVALID_ARG, "disk '%s' does not currently have a source assigned",
                         name);
  return read_info (vc_disk_path (disk), vc_disk_is_qcow2 (disk), ret, error);
}

/* Errors: those after which QEMU stopped the guest. */

typedef struct
{
  VcRpcRequest *request;
  GPtrArray *names; /* alias and target, one after the other */
  guint room;
} Errors;

static int
read_status (const VcJson *found, const char *alias)
{
  for (gsize i = 0; i < json_array_size (found); i++)
    {
      const VcJson *entry = json_array_get (found, i);
      const char *status = is_of (entry, alias) ? vc_json_str (entry, "io-status") : NULL;

      if (g_strcmp0 (status, "failed") == 0)
        return 1;
      if (g_strcmp0 (status, "nospace") == 0)
        return 2;
    }
  return 0;
}

static void
on_status (VcJson *value, const GError *error, gpointer data)
{
  Errors *asked = data;
  VcXdrWriter *ret;
  int n = 0;

  if (value == NULL)
    vc_rpc_answer_error (asked->request, error);
  else
    {
      ret = vc_rpc_begin (asked->request);
      vc_xdr_put_list (ret);
      for (guint i = 0; i + 1 < asked->names->len && (guint) n < asked->room; i += 2)
        {
          int status = read_status (value, asked->names->pdata[i]);

          if (status == 0)
            continue;
          vc_xdr_put_text (ret, asked->names->pdata[i + 1]);
          vc_xdr_put_int (ret, status);
          n++;
        }
      vc_xdr_end_list (ret);
      vc_xdr_put_int (ret, n);
      vc_rpc_answer (asked->request);
    }
  g_ptr_array_unref (asked->names);
  g_free (asked);
}

static gboolean
get_errors (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  guint room = vc_xdr_read_uint (args);
  const VcDomain *domain;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  Errors *asked;

  if (guest == NULL || !vc_wire_flags (request, vc_xdr_read_uint (args), 0, error)
      || (domain = vc_guest_domain (guest, VC_GUEST_LIVE, error)) == NULL)
    return FALSE;
  for (guint i = 0; i < domain->devices->len; i++)
    {
      const VcDevice *dev = domain->devices->pdata[i];

      if (!vc_is (dev, "disk", NULL))
        continue;
      g_ptr_array_add (names, g_strdup (dev->alias));
      g_ptr_array_add (names, g_strdup (vc_disk_target (dev)));
    }
  if (room == 0) /* only how many there can be is asked */
    {
      vc_xdr_put_list (ret);
      vc_xdr_end_list (ret);
      vc_xdr_put_int (ret, (int) names->len / 2);
      return TRUE;
    }
  asked = g_new (Errors, 1);
  *asked = (Errors){ vc_rpc_keep (request), g_steal_pointer (&names), room };
  vc_guest_call (guest, vc_qmp_command ("query-block", NULL), on_status, asked);
  return TRUE;
}

const VcHandlerRow vc_handlers_block[] = {
  { VC_CALL_DOMAIN_BLOCK_STATS, get_stats },
  { VC_CALL_DOMAIN_BLOCK_STATS_FLAGS, get_stats_flags },
  { VC_CALL_DOMAIN_GET_BLOCK_INFO, get_info },
  { VC_CALL_DOMAIN_GET_DISK_ERRORS, get_errors },
  VC_HANDLERS_END,
};
