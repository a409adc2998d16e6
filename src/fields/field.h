/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stddef.h>

#include "fields/props.h"
#include "fields/values.h"
#include "xml/xml.h"

/* A row is one fact's whole life: where it stands in XML, which member holds it, what type it
 * has, which QEMU property it fills, and a noun phrase saying what it is.  Several small engines
 * read the rows: read, print, clear, put, schema, manual.
 *
 * Where a fact stands (`xml`), seen from the element of the thing:
 *   "@mode"                         its attribute
 *   "database"                      text of a child
 *   "source/@path"                  attribute of a child, any depth
 *   "source[?mode=connect]/@host"   … or without it
 *   "source[mode=connect]/@host"    of the child chosen by an attribute's value
 *   "certificate[]"                 a repeated child (types that read nodes)
 *   ""                              the element's own text
 */
typedef struct VcField VcField;

typedef enum
{
  VC_PRINT_INACTIVE,   /* what a user may edit: nothing that was generated or only lives */
  VC_PRINT_MIGRATABLE, /* for another host: nothing that came from this host's settings          */
  VC_PRINT_STATUS,     /* for a manager that comes back: everything                              */
  VC_PRINT_LIVE,       /* a running machine                                              */
} VcPrint;

typedef struct
{
  const char *name; /* "absolute path": used in the manual and in messages            */

  /* Reads text.  On failure says why ("'x' is not …", new string) and leaves at as it was. */
  gboolean (*read) (const VcField *row, const char *text, gpointer at, char **ret_why);

  /* In place of read, for what is more than one text: reads below node, with its own errors. */
  gboolean (*read_node) (const VcField *row, VcNode *node, gpointer at, GError **error);

  /* Returns: new text, or NULL when unset. */
  char *(*print) (const VcField *row, gconstpointer at);

  /* In place of print, together with read_node. */
  void (*print_node) (const VcField *row, gconstpointer at, VcNode *node, VcPrint how);

  void (*clear) (gpointer at);                                        /* NULL: nothing to free       */
  void (*put) (const VcField *row, gconstpointer at, VcProps *props); /* NULL: cannot   */
  gboolean (*is_set) (gconstpointer at);                              /* NULL: print says it         */

  /* RELAX NG pattern of the value (types with read), or of everything (read_node). */
  void (*schema) (const VcField *row, GString *out);
  const char *beside; /* another attribute it has, in the same place (@unit), or NULL */
} VcType;

typedef enum
{
  VC_REQUIRED = 1 << 0, /* must be given                                                  */
  VC_DROPPED = 1 << 1,  /* accepted and not kept: libvirt prints it for a running domain  */
  VC_LIVE = 1 << 2,     /* of a running machine only: else not kept, and not printed      */
} VcFieldFlags;

struct VcField
{
  const char *xml; /* where it stands; NULL ends a table                             */
  gsize at;        /* where in the struct                                            */
  const VcType *type;
  const char *prop; /* QEMU property it fills, or NULL                                */
  VcFieldFlags flags;
  guint64 min, max;           /* numbers; max 0: the type's own                       */
  guint digits;               /* numbers: printed as 0x%0*x with this width; 0: decimal */
  const char *const *choices; /* choices: index = value; [0] is unset; ends with NULL */
  gconstpointer more;         /* types' own: sub-rows, registry                       */
  const char *doc;            /* noun phrase: "socket of the card provider"           */
};

/* An offset that only compiles when the member has the type. */
#define VC_AT(S, m, T)                                                                                       \
  (offsetof (S, m) + 0 * sizeof (struct {                                                                    \
                       _Static_assert(__builtin_types_compatible_p (__typeof__ (((S *) 0)->m), T),           \
                                      "member " #m " of " #S " is not " #T);                                 \
                       int unused;                                                                           \
                     }))

#define VC_ROW(S, m, T, t, x, ...)                                                                           \
  {                                                                                                          \
    .xml = (x), .at = VC_AT (S, m, T), .type = &(t), __VA_ARGS__                                             \
  }
#define VC_STR(S, m, x, ...)          VC_ROW (S, m, char *, vc_type_str, x, __VA_ARGS__)
#define VC_PATH(S, m, x, ...)         VC_ROW (S, m, char *, vc_type_path, x, __VA_ARGS__)
#define VC_UUID(S, m, x, ...)         VC_ROW (S, m, char *, vc_type_uuid, x, __VA_ARGS__)
#define VC_U32(S, m, x, ...)          VC_ROW (S, m, VcU32, vc_type_u32, x, __VA_ARGS__)
#define VC_U64(S, m, x, ...)          VC_ROW (S, m, VcU64, vc_type_u64, x, __VA_ARGS__)
#define VC_TRI(S, m, x, ...)          VC_ROW (S, m, VcTri, vc_type_yesno, x, __VA_ARGS__)
#define VC_ONOFF(S, m, x, ...)        VC_ROW (S, m, VcTri, vc_type_onoff, x, __VA_ARGS__)
#define VC_FLAG(S, m, x, ...)         VC_ROW (S, m, gboolean, vc_type_flag, x, __VA_ARGS__)
#define VC_CHOICE(S, m, x, list, ...) VC_ROW (S, m, int, vc_type_choice, x, .choices = (list), __VA_ARGS__)
#define VC_STRV(S, m, x, ...)         VC_ROW (S, m, char **, vc_type_strv, x, __VA_ARGS__)
#define VC_IGNORED(x, ...)                                                                                   \
  {                                                                                                          \
    .xml = (x), .type = &vc_type_ignored, .flags = VC_DROPPED, __VA_ARGS__                                   \
  }

#define VC_JUDGED(x, as, ...)                                                                                \
  {                                                                                                          \
    .xml = (x), .type = &vc_type_judged, .more = &(as), .flags = VC_DROPPED, __VA_ARGS__                     \
  }

extern const VcType vc_type_str, vc_type_path, vc_type_uuid, vc_type_u32, vc_type_u64, vc_type_yesno,
    vc_type_onoff, vc_type_flag, vc_type_choice, vc_type_strv, vc_type_path_or_none;

/* Accepted whole, with everything below, and not kept. */
extern const VcType vc_type_ignored;

/* Has to be right, and is not kept: `more` is the type it is read as. */
extern const VcType vc_type_judged;

/* vc_fields_read - read the rows' facts from an element into a struct
 *
 * Stops at the first error.  Does not look for missing ones (vc_fields_missing): a caller first
 * refuses what is unread, so that a misspelt name is called unknown rather than missing.
 */
gboolean vc_fields_read (const VcField *rows, gpointer obj, VcNode *node, GError **error);

/* vc_fields_missing - refuse when a required fact is not there */
gboolean vc_fields_missing (const VcField *rows, gconstpointer obj, const VcNode *node, GError **error);

/* vc_field_find - the element a row's place names below node
 *
 * For types that read nodes.  ret_found is NULL when it is not there; an attribute's place is the element
 * that holds it.
 */
gboolean vc_field_find (const VcField *row, VcNode *node, VcNode **ret_found, GError **error);

/* vc_field_need - that element, made where it is not there */
VcNode *vc_field_need (const VcField *row, VcNode *node);

void vc_fields_print (const VcField *rows, gconstpointer obj, VcNode *node, VcPrint how);
void vc_fields_clear (const VcField *rows, gpointer obj);

/* vc_fields_put - set the QEMU properties that rows name */
void vc_fields_put (const VcField *rows, gconstpointer obj, VcProps *props);

/* vc_fields_done - refuse anything unread below node, knowing libvirt's names */
gboolean vc_fields_done (VcNode *node, GError **error);

/* vc_fields_fail_unread - refuse an element nobody reads: not supported, or unknown */
gboolean vc_fields_fail_unread (const VcNode *node, GError **error);

/* vc_choice - the text of a choice, NULL when unset */
static inline const char *
vc_choice (const char *const *choices, int value)
{
  return value > 0 ? choices[value] : NULL;
}

/* vc_choice_find - the value of a text, 0 when it is none of them */
int vc_choice_find (const char *const *choices, const char *text);

/* vc_read_u64 - a number in decimal or, after 0x, hexadecimal digits; nothing else around it */
gboolean vc_read_u64 (const char *text, guint64 *ret_value);
