/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sasl/invent.h"

#include <glib.h>
#include <sasl/sasl.h>
#include <sasl/saslplug.h>
#include <string.h>

#include "sasl/options.h"

#define BYTES 24 /* of a password, as random ones */

/* libsasl2 asks for properties of who logs in with a '*' before their names. */
#define PASSWORD "*" SASL_AUX_PASSWORD_PROP

static int
look_up (void *context, sasl_server_params_t *params, unsigned flags, const char *user, unsigned len)
{
  const sasl_utils_t *utils = params->utils;
  const struct propval *wanted = utils->prop_get (params->propctx);
  char password[2 * BYTES + 1];
  guint8 bytes[BYTES];
  gboolean has_any = FALSE, wants = FALSE;

  for (const struct propval *at = wanted; at != NULL && at->name != NULL; at++)
    {
      has_any |= *at->name == '*' && at->values != NULL && at->values[0] != NULL;
      wants |= strcmp (at->name, PASSWORD) == 0;
    }
  if (has_any || !wants || (flags & SASL_AUXPROP_AUTHZID) != 0)
    return has_any ? SASL_OK : SASL_NOUSER;
  utils->rand (utils->rpool, (char *) bytes, sizeof bytes);
  for (guint i = 0; i < BYTES; i++)
    g_snprintf (password + 2 * i, 3, "%02x", bytes[i]);
  return utils->prop_set (params->propctx, PASSWORD, password, -1);
}

static int
begin (const sasl_utils_t *utils, int max_version, int *version, sasl_auxprop_plug_t **plug, const char *name)
{
  static char self[] = VC_SASL_INVENT;
  static sasl_auxprop_plug_t invent = { .auxprop_lookup = look_up, .name = self };

  if (max_version < SASL_AUXPROP_PLUG_VERSION)
    return SASL_BADVERS;
  *version = SASL_AUXPROP_PLUG_VERSION;
  *plug = &invent;
  return SASL_OK;
}

int
vc_sasl_invent_add (void)
{
  return sasl_auxprop_add_plugin (VC_SASL_INVENT, begin);
}
