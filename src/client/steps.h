/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The way a connection is made, step by step, told to who wants to know where it fails.
 *
 * Whoever connects says what went well; where it ends, the first step that nobody has told of is the one that
 * failed.  All of it takes NULL, and then does nothing: a connection that nobody asks about is made the same
 * way.
 */
typedef enum
{
  VC_STEP_ADDRESS,      /* the URI                                                     */
  VC_STEP_ROOT,         /* of guests that this process holds                           */
  VC_STEP_SOCKET,       /* of this host                                                */
  VC_STEP_CERTIFICATES, /* our own: where they are, and whether they are any good      */
  VC_STEP_NAME,
  VC_STEP_PORT,
  VC_STEP_HANDSHAKE,
  VC_STEP_CHAIN,  /* the server's certificate: who signed it, revoked, weak, purpose   */
  VC_STEP_DATES,  /* the same: valid now                                               */
  VC_STEP_HOST,   /* the same: for the name that was asked for                         */
  VC_STEP_CLIENT, /* what the server says of ours                                      */
  VC_STEP_SSH,
  VC_STEP_AUTHENTICATION,
  VC_STEP_AUTHORISATION,
  VC_N_STEPS,
} VcStep;

typedef enum
{
  VC_WENT_WELL,
  VC_WENT_WRONG,
  VC_WENT_PAST, /* it was not looked at, or did not count */
} VcWent;

typedef struct
{
  /* words: what was found, or NULL; advice: what to do, or NULL.  Both are borrowed. */
  void (*tell) (VcStep step, VcWent went, const char *words, const char *advice, gpointer data);
  gpointer data;
  guint way;    /* bits of the steps there are            */
  guint told;   /* bits                                   */
  guint wrong;  /* bits                                   */
  char *socket; /* its path, for advice                   */
} VcSteps;

typedef enum
{
  VC_WAY_ROOT,
  VC_WAY_SOCKET,
  VC_WAY_TLS,
  VC_WAY_SSH,
} VcWay;

/* vc_step_name - "client certificate" */
const char *vc_step_name (VcStep step);

/* vc_steps_set_way - which steps there are; until then there is the first one only */
void vc_steps_set_way (VcSteps *steps, VcWay way);

/* vc_steps_set_socket - the socket that is going to be connected to; copies */
void vc_steps_set_socket (VcSteps *steps, const char *path);

/* vc_steps_ok, …_past - a step is done; fmt may be NULL */
void vc_steps_ok (VcSteps *steps, VcStep step, const char *fmt, ...) G_GNUC_PRINTF (3, 4);
void vc_steps_past (VcSteps *steps, VcStep step, const char *fmt, ...) G_GNUC_PRINTF (3, 4);

/* vc_steps_fail - a step has failed; only where more than one does, and before the end */
void vc_steps_fail (VcSteps *steps, VcStep step, const char *words);

/* vc_steps_end - it is over
 *
 * error: why, or NULL: it is connected.  The first step nobody told of has failed with it, if none has by
 * then; the others are passed over.  Frees what is inside.
 *
 * Returns: whether no step has failed.
 */
gboolean vc_steps_end (VcSteps *steps, const GError *error);
