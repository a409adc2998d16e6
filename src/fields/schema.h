/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fields/field.h"

/* Rows as a tree of elements, for the schema and the manual. */
typedef struct VcShape VcShape;

/* vc_shape_new - an element named name with nothing in it (free with vc_shape_free) */
VcShape *vc_shape_new (const char *name);
void vc_shape_free (VcShape *shape);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcShape, vc_shape_free)

/* vc_shape_add - put a table of rows into the element; borrows the rows */
void vc_shape_add (VcShape *shape, const VcField *rows);

/* vc_shape_holder - the element a place's attribute stands in; owned by shape */
VcShape *vc_shape_holder (VcShape *shape, const char *place);

/* vc_shape_fix - an attribute at a place must have one value (optional: or be left out) */
void vc_shape_fix (VcShape *shape, const char *place, const char *value, gboolean optional);

/* vc_shape_raw - a pattern of its own below the element */
void vc_shape_raw (VcShape *shape, const char *pattern);

/* vc_shape_print - the element as RELAX NG */
void vc_shape_print (const VcShape *shape, GString *out);
