/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fields/field.h"

/* Sizes of memory with a unit, kept in KiB, rounded up; 0 is unset. */

/* An element's text, @unit beside it: printed in KiB. */
extern const VcType vc_type_memory;

/* The same, printed in the largest unit that leaves a whole number. */
extern const VcType vc_type_memory_short;

/* An attribute, @unit beside it: its place must be "@NAME". */
extern const VcType vc_type_memory_beside;
