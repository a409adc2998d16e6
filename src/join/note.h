/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The open invitations of a root: a folder with a note and a socket for each, made by its signer, who holds a
 * lock on the note for as long as it lives.  Nothing in a note is secret. */
typedef struct
{
  char *id;     /* VC_NOTE_ID digits          */
  char *name;   /* whom the certificate is to name */
  char *ca_key; /* absolute path              */
  gint64 until; /* seconds since 1970         */
  char *socket; /* path                       */
} VcNote;

#define VC_NOTE_ID  16u
#define VC_NOTE_MAX 32u /* invitations at a time */

/* vc_notes_folder - below the run folder; Returns: new string */
char *vc_notes_folder (const char *run);

/* vc_notes_read - all that are open; removes what a signer that was killed has left
 *
 * Returns: new array of VcNote, which may be empty; never NULL.
 */
GPtrArray *vc_notes_read (const char *folder);

/* vc_notes_find - by its id or else its name; NULL: none */
const VcNote *vc_notes_find (const GPtrArray *notes, const char *what);

/* vc_note_socket - where the signer of an id is reached; Returns: new string */
char *vc_note_socket (const char *folder, const char *id);

/* vc_note_post - write it and lock it, by the signer
 *
 * Returns: the descriptor that holds the lock, or -1 with error.
 */
int vc_note_post (const char *folder, const VcNote *note, GError **error);

/* vc_note_remove - note and socket, by the signer */
void vc_note_remove (const char *folder, const char *id);

/* vc_note_reach - connect to its signer; Returns: a descriptor, or -1 with error */
int vc_note_reach (const VcNote *note, GError **error);
