/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fields/field.h"

/* Options and arguments are rows (fields/field.h) that fill a struct of the command's own.  A row's place
 * (`xml`) is how it stands in a synopsis:
 *
 *   "--paused"            a switch
 *   "-h, --help"          one with a letter
 *   "--timeout SECONDS"   an option with a value, also --timeout=SECONDS
 *   "FILE"                an argument; with VC_REQUIRED one that must be given
 *   "FILE..."             an argument that may be given more than once; the last of the arguments
 *   "[--xml] FILE"        an argument that may also be given by name, as virsh has it
 *
 * The same rows are read for parsing, help, the manual and the completion of bash.
 */
typedef struct
{
  char letter;       /* 0: none                                  */
  char name[24];     /* without "--"; "": it has none            */
  char value[24];    /* "FILE"; "": a switch                     */
  gboolean argument; /* may be given by its position             */
  gboolean repeated; /* may be given more than once              */
} VcPlace;

/* A table of rows while words are read into its struct. */
typedef struct
{
  const VcField *rows; /* NULL: there are none                  */
  gpointer obj;        /* the struct                            */
  guint64 seen;        /* a bit for each row that was given     */
} VcOptions;

#define VC_OPTIONS_MAX 64u /* rows in a table: bits of seen */

#define VC_FILE(S, m, x, ...)   VC_ROW (S, m, char *, vc_type_file, x, __VA_ARGS__)
#define VC_FILES(S, m, x, ...)  VC_ROW (S, m, char **, vc_type_files, x, __VA_ARGS__)
#define VC_NAME(S, m, x, ...)   VC_ROW (S, m, char *, vc_type_name, x, __VA_ARGS__)
#define VC_NAMES(S, m, x, ...)  VC_ROW (S, m, char **, vc_type_names, x, __VA_ARGS__)
#define VC_FOLDER(S, m, x, ...) VC_ROW (S, m, char *, vc_type_folder, x, __VA_ARGS__)

#define VC_DOMAIN(S, m, x, ...) VC_ROW (S, m, char *, vc_type_domain, x, __VA_ARGS__)

/* Names of files and folders: no empty ones.  The type tells the completion what to offer. */
extern const VcType vc_type_file, vc_type_files, vc_type_folder;

/* A guest's name, UUID or number: not empty. */
extern const VcType vc_type_domain, vc_type_domains;

/* Names of other things: no empty ones. */
extern const VcType vc_type_name, vc_type_names;

/* vc_option_place - a row's place, taken apart */
void vc_option_place (const VcField *row, VcPlace *ret_place);

/* vc_options_read - read words, as far as they are options and arguments
 *
 * own may be NULL: then it stops at the first word that is no option of global.  Leaves *words at the
 * first word not read.
 */
gboolean vc_options_read (VcOptions *own, VcOptions *global, char *const **words, GError **error);

/* vc_options_missing - refuse when a required row was not given */
gboolean vc_options_missing (const VcOptions *options, GError **error);
