/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the guest's sound goes: nowhere, or to the SPICE viewer.
 *
 *   <audio id='1' type='none'/>
 */
#include "devices/audio.h"

enum
{
  NONE = 1,
  SPICE
};

static const char *const types[] = { "", "none", "spice", NULL };

typedef struct
{
  VcDevice base;
  VcU32 id;
  int type;
} Audio;

static const VcField rows[]
    = { VC_U32 (Audio, id, "@id", .min = 1, .flags = VC_REQUIRED, .doc = "number of the back end"),
        VC_CHOICE (Audio, type, "@type", types, .flags = VC_REQUIRED, .doc = "place the sound goes to"),
        { 0 } };

VcDevice *
vc_audio_new (gboolean spice)
{
  VcDevice *dev = vc_device_new (&vc_kind_audio);

  ((Audio *) dev)->id = vc_u32 (1);
  ((Audio *) dev)->type = spice ? SPICE : NONE;
  return dev;
}

const char *
vc_audio_first (const VcPeers *peers)
{
  const VcDevice *dev = vc_peers_find (peers, "audio", NULL, 0);

  return dev != NULL ? dev->alias : NULL;
}

gboolean
vc_audio_find (const VcPeers *peers, guint id, const char **ret_alias)
{
  const Audio *self;

  for (guint i = 0; (self = (const Audio *) vc_peers_find (peers, "audio", NULL, i)) != NULL; i++)
    if (self->id.value == id)
      {
        if (ret_alias != NULL)
          *ret_alias = self->base.alias;
        return TRUE;
      }
  return FALSE;
}

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  const Audio *self = (const Audio *) dev, *other;

  for (guint i = 0; (other = (const Audio *) vc_peers_find (peers, "audio", NULL, i)) != self; i++)
    if (other->id.value == self->id.value)
      return vc_device_fail (dev, error, "@id: %u is taken by the audio back end in line %u", self->id.value,
                             other->base.line);
  if (self->type == SPICE && vc_peers_find (peers, "graphics", "spice", 0) == NULL && !peers->incomplete)
    return vc_device_fail (dev, error, "type='spice' needs <graphics type='spice'> in the guest");
  return TRUE;
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  vc_plan_add (out, VC_Q_AUDIO, types[((const Audio *) dev)->type], dev->alias);
  return TRUE;
}

static char *
name_it (const VcDevice *dev, const VcPeers *peers)
{
  return g_strdup_printf ("audio%u", ((const Audio *) dev)->id.value);
}

const VcKind vc_kind_audio = {
  .name = "audio",
  .element = "audio",
  .summary = "Where the guest's sound goes: nowhere, or to the SPICE viewer.",
  .fixed = "QEMU opens audio back ends only when it starts",
  .size = sizeof (Audio),
  .rows = rows,
  .check = check,
  .plan = plan,
  .name_it = name_it,
};
