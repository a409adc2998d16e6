/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Values that know "unset": what a user did not write is not written back. */

typedef enum
{
  VC_TRI_UNSET = 0,
  VC_TRI_NO = 1,
  VC_TRI_YES = 2,
} VcTri;

typedef struct
{
  gboolean set;
  guint32 value;
} VcU32;

typedef struct
{
  gboolean set;
  guint64 value;
} VcU64;

/* vc_u32 - a set number */
static inline VcU32
vc_u32 (guint32 value)
{
  return (VcU32){ .set = TRUE, .value = value };
}

/* vc_u32_or - the number, or other where it is unset */
static inline guint32
vc_u32_or (VcU32 number, guint32 other)
{
  return number.set ? number.value : other;
}
