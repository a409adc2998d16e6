/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/options.h"
#include "lib/describe.h"

/* The command `virtcard`: one file a verb (cmd-NAME.c) with its VcCommand at the end, listed in
 * commands.c.  To add one: the file, its line there and its line in meson.build; then
 * `VC_TEST_UPDATE=1 meson test -C build cli` writes the new verb into the manual and the completion.
 */

/* Exit statuses; a command may have more, from 3 on. */
enum
{
  VC_EXIT_OK = 0,
  VC_EXIT_FAILED = 1, /* what was asked for failed; why is on the standard error */
  VC_EXIT_USAGE = 2,  /* the command line is wrong                               */
};

typedef struct
{
  int status;
  const char *doc; /* "every file is valid"; NULL ends the rows */
} VcStatus;

/* The options every verb has, and what follows from them. */
typedef struct
{
  char *root;        /* --root, or NULL                             */
  char *connect;     /* --connect, or NULL                          */
  char *fingerprint; /* --fingerprint, or NULL                      */
  char *user;        /* --user, or NULL                             */
  char *password;    /* --password-file, or NULL                    */
  char *passphrase;  /* --passphrase-file, or NULL                 */
  gboolean help;     /* --help                                      */
  gboolean version;  /* --version                                   */
  VcPaths *paths;    /* where things live                           */
} VcCli;

typedef struct
{
  const char *name;         /* "validate"                                                        */
  const char *words;        /* "pki init": how it is written as a rule; NULL: as name            */
  const char *summary;      /* "check domain XML": no capital, no full stop                      */
  const char *about;        /* sentences for help and manual; an empty line between paragraphs   */
  const VcField *options;   /* options and arguments (cli/options.h), or NULL                    */
  gsize size;               /* of the struct that they fill                                      */
  gboolean connects;        /* it speaks to who holds the guests: --connect counts               */
  gboolean takes_uri;       /* … and an argument of its own may stand in the place of --connect  */
  const VcStatus *statuses; /* what it exits with, without VC_EXIT_USAGE; NULL: the usual        */

  /* Does it.  options is the struct, filled; it and cli are borrowed.  Returns: the exit status. */
  int (*run) (const VcCli *cli, gconstpointer options);
} VcCommand;

extern const VcCommand *const vc_commands[]; /* in order of names; NULL ends it */
extern const VcField vc_cli_options[];       /* of VcCli                        */
extern const VcStatus vc_cli_statuses[];     /* the usual                       */
extern const VcStatus vc_cli_usage_status;

/* A command's name, known to exist. */
extern const VcType vc_type_command;

/* vc_command_find - the command of that name, or NULL */
const VcCommand *vc_command_find (const char *name);

/* vc_command_title - how it is written as a rule */
const char *vc_command_title (const VcCommand *command);
/* vc_cli_run - all of the program
 *
 * words are main's, without the program's name.  Says whatever is to be said.
 *
 * Returns: the exit status.
 */
int vc_cli_run (char *const *words);
