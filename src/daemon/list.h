/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "daemon/daemon.h"

/* Lists of what is known by name and UUID, may be active, may be kept, and may start with the host: pools,
 * networks. */

enum /* flags of libvirt's CONNECT_LIST_ALL_…; above them each sort has its own */
{
  VC_LIST_INACTIVE = 1 << 0,
  VC_LIST_ACTIVE = 1 << 1,
  VC_LIST_PERSISTENT = 1 << 2,
  VC_LIST_TRANSIENT = 1 << 3,
  VC_LIST_STARTS = 1 << 4,
  VC_LIST_STARTS_NOT = 1 << 5,
};

typedef struct
{
  const char *name, *uuid; /* borrowed */
  gboolean is_active, is_persistent, starts;
  guint type; /* one of the sort's own flags, or 0 */
} VcListed;

/* A sort of them. */
typedef struct
{
  guint (*n) (VcDaemon *daemon);
  VcListed (*nth) (VcDaemon *daemon, guint n);
  guint types; /* the sort's own flags, or 0 */
} VcList;

/* vc_list_count - CONNECT_NUM_OF_…: those that flags mean.  Returns: TRUE */
gboolean vc_list_count (VcRpcRequest *request, const VcList *list, VcXdrWriter *ret, guint flags);

/* vc_list_names - CONNECT_LIST_…: as many names as the client has room for.  Returns: TRUE */
gboolean vc_list_names (VcRpcRequest *request, const VcList *list, VcXdrReader *args, VcXdrWriter *ret,
                        guint flags);

/* vc_list_all - CONNECT_LIST_ALL_….  Returns: FALSE with error for unknown flags */
gboolean vc_list_all (VcRpcRequest *request, const VcList *list, VcXdrReader *args, VcXdrWriter *ret,
                      GError **error);

/* vc_list_put - name and UUID: a NET, a POOL */
void vc_list_put (VcXdrWriter *ret, const char *name, const char *uuid);
