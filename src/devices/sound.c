/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A sound card.
 *
 *   <sound model='ich9'/>
 */
#include "devices/sound.h"

#include <assert.h>

#include "devices/audio.h"
#include "fields/list.h"

enum
{
  ICH6 = 1,
  ICH9,
  AC97,
  ES1370,
  SB16,
  USB
};

static const char *const models[] = { "", "ich6", "ich9", "ac97", "es1370", "sb16", "usb", NULL };

static const struct
{
  const char *driver;
  const VcBus *bus;
  gboolean has_codecs;
} facts[] = {
  [ICH6] = { "intel-hda", &vc_bus_pci, TRUE },
  [ICH9] = { "ich9-intel-hda", &vc_bus_pci, TRUE },
  [AC97] = { "AC97", &vc_bus_pci, FALSE },
  [ES1370] = { "ES1370", &vc_bus_pci, FALSE },
  [SB16] = { "sb16", NULL, FALSE },
  [USB] = { "usb-audio", &vc_bus_usb, FALSE },
};

static_assert (G_N_ELEMENTS (models) == G_N_ELEMENTS (facts) + 1, "a row for each model");

static const char *const codec_types[] = { "", "duplex", "micro", "output", NULL };

typedef struct
{
  int type;
} Codec;

typedef struct
{
  VcDevice base;
  int model;
  GPtrArray *codecs; /* Codec */
  VcU32 audio;
} Sound;

static const VcField codec[]
    = { VC_CHOICE (Codec, type, "@type", codec_types, .flags = VC_REQUIRED, .doc = "what it can do"), { 0 } };

static const VcList codecs = { .size = sizeof (Codec), .rows = codec };

static const VcField rows[]
    = { VC_CHOICE (Sound, model, "@model", models, .flags = VC_REQUIRED, .doc = "card the guest sees"),
        VC_LIST (Sound, codecs, "codec[]", codecs, .doc = "parts that play and record (ich6, ich9)"),
        VC_U32 (Sound, audio, "audio/@id", .min = 1,
                .doc = "number of the back end, the first where not given"),
        { 0 } };

static const Sound *
sound (const VcDevice *dev)
{
  return (const Sound *) dev;
}

gboolean
vc_sound_is_ich9 (const VcDevice *dev)
{
  return sound (dev)->model == ICH9;
}

static void
fill (VcDevice *dev, const VcPeers *peers)
{
  dev->bus = facts[sound (dev)->model].bus;
}

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  const Sound *self = sound (dev);

  if (vc_list_n (self->codecs) > 0 && !facts[self->model].has_codecs)
    return vc_device_fail (dev, error, "<codec> is for the models ich6 and ich9, not '%s'",
                           models[self->model]);
  if (vc_list_n (self->codecs) > 15)
    return vc_device_fail (dev, error, "a card has at most 15 <codec>");
  if (self->audio.set && !peers->incomplete && !vc_audio_find (peers, self->audio.value, NULL)
      && vc_peers_find (peers, "audio", NULL, 0) != NULL)
    return vc_device_fail (dev, error, "audio/@id: there is no audio back end with the number %u",
                           self->audio.value);
  return TRUE;
}

static void
plan_codec (const Sound *self, guint number, int type, const char *audio, VcPlan *out)
{
  static const char *const drivers[] = { "", "hda-duplex", "hda-micro", "hda-output" };
  g_autofree char *id = g_strdup_printf ("%s-codec%u", self->base.alias, number);
  VcProps *props = vc_plan_add (out, VC_Q_DEVICE, drivers[type], id);

  vc_props_strf (props, "bus", "%s.0", self->base.alias);
  vc_props_u64 (props, "cad", number);
  vc_props_str (props, "audiodev", audio);
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const Sound *self = sound (dev);
  const char *driver = facts[self->model].driver, *audio = vc_audio_first (ctx->peers);
  VcProps *props;

  if (!vc_caps_has (ctx->caps, driver))
    return vc_device_fail_unsupported (dev, error, "%s has no device '%s'", ctx->caps->binary, driver);
  if (self->audio.set)
    vc_audio_find (ctx->peers, self->audio.value, &audio);
  props = vc_plan_device (out, dev, driver, ctx);
  if (!facts[self->model].has_codecs)
    vc_props_str (props, "audiodev", audio);
  else if (vc_list_n (self->codecs) == 0)
    plan_codec (self, 0, 1, audio, out);
  for (guint i = 0; i < vc_list_n (self->codecs); i++)
    plan_codec (self, i, ((const Codec *) vc_list_nth (self->codecs, i))->type, audio, out);
  return TRUE;
}

const VcKind vc_kind_sound = {
  .name = "sound",
  .element = "sound",
  .summary = "A sound card.",
  .size = sizeof (Sound),
  .rows = rows,
  .fixed = "QEMU takes sound cards only when it starts",
  .alias = "sound",
  .plugs_into = &vc_bus_pci,
  .fill = fill,
  .check = check,
  .plan = plan,
};
