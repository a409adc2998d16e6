/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fields/field.h"

/* Types of rows that storage has and a machine has not. */

/* VcU64: an element's text in bytes, @unit beside it */
extern const VcType vc_type_bytes;

/* VcU32: permissions in octal digits */
extern const VcType vc_type_mode;

/* VcU32: number of a user or group; -1, libvirt's "as it comes", is unset */
extern const VcType vc_type_owner;

/* Rows of these types. */
#define VC_BYTES(S, m, x, ...) VC_ROW (S, m, VcU64, vc_type_bytes, x, __VA_ARGS__)
#define VC_MODE(S, m, x, ...)  VC_ROW (S, m, VcU32, vc_type_mode, x, __VA_ARGS__)
#define VC_OWNER(S, m, x, ...) VC_ROW (S, m, VcU32, vc_type_owner, x, __VA_ARGS__)
