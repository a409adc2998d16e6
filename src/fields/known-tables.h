/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The names in the domain schema of libvirt 9.0.0, for known.c alone.  Every table is sorted by key in byte
 * order. */
typedef struct
{
  const char *key;
  const char *names; /* separated by spaces */
} VcKnown;

extern const VcKnown vc_known_elements[], vc_known_attributes[], vc_known_values[];
extern const gsize vc_known_n_elements, vc_known_n_attributes, vc_known_n_values;
