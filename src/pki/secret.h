/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What opens a key: somebody is asked for it, when it is needed. */

typedef enum
{
  VC_SECRET_PASSPHRASE, /* of an encrypted key */
  VC_SECRET_PIN,        /* of a token          */
} VcSecretSort;

typedef enum
{
  VC_SECRET_AGAIN = 1,    /* the one before was wrong                            */
  VC_SECRET_LAST_TRY = 2, /* a PIN: the token is locked when this one is wrong   */
} VcSecretFlags;

typedef struct
{
  /* what: the key's path, or the token's label.  flags: VcSecretFlags.  Returns: new string, which is wiped;
   * NULL: there is none. */
  char *(*ask) (VcSecretSort sort, const char *what, guint flags, gpointer data);
  gpointer data;
} VcSecretAsk; /* ask NULL: nobody knows */
