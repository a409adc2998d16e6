/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fields/field.h"

/* A repeated child with facts of its own, read by rows: timers of a clock, cells of a NUMA topology.
 *
 * The member is a GPtrArray * of the struct, NULL when there is none. */
typedef struct
{
  gsize size; /* of the struct                                                  */
  const VcField *rows;

  /* Refuse what a row cannot; NULL: the rows say everything. */
  gboolean (*check) (gconstpointer item, const VcNode *node, GError **error);
} VcList;

extern const VcType vc_type_list;

#define VC_LIST(S, m, x, list, ...) VC_ROW (S, m, GPtrArray *, vc_type_list, x, .more = &(list), __VA_ARGS__)

/* vc_list_n, vc_list_nth - what is in a list that may be NULL */
guint vc_list_n (const GPtrArray *list);
gpointer vc_list_nth (const GPtrArray *list, guint n);

/* vc_list_add - put a new, empty item behind the others
 *
 * at is the member.  Returns: the item, owned by the list.
 */
gpointer vc_list_add (GPtrArray **at, const VcList *what);
