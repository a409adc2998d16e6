/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the guest's sound goes: nowhere, to the SPICE viewer, or to a sound system of the host.
 *
 *   <audio id='1' type='none'/>
 */
#include "devices/audio.h"

enum
{
  NONE = 1,
  SPICE,
  ALSA,
  COREAUDIO,
  FILE_TYPE,
  JACK,
  OSS,
  PULSEAUDIO,
  SDL
};

static const char *const types[]
    = { "", "none", "spice", "alsa", "coreaudio", "file", "jack", "oss", "pulseaudio", "sdl", NULL };

/* QEMU's names of them. */
static const char *const drivers[]
    = { "", "none", "spice", "alsa", "coreaudio", "wav", "jack", "oss", "pa", "sdl" };

static const char *const formats[] = { "", "s8", "u8", "s16", "u16", "s32", "u32", "f32", NULL };

/* One direction. */
typedef struct
{
  VcTri mixing, fixed;
  VcU32 voices, length;
  VcU32 frequency, channels;
  int format;
  char *dev;     /* alsa, oss                                                      */
  VcU32 count;   /* coreaudio, oss, sdl                                            */
  VcTri poll;    /* oss                                                            */
  char *name;    /* pulseaudio                                                     */
  char *stream;  /* pulseaudio                                                     */
  VcU32 latency; /* pulseaudio                                                     */
} Way;

typedef struct
{
  VcDevice base;
  VcU32 id;
  int type;
  VcU32 period;
  char *path;
  char *server;
  VcTri mmap, exclusive;
  VcU32 policy;
  Way in, out;
} Audio;

#define WAY(m, x, words)                                                                                     \
  VC_TRI (Audio, m.mixing, x "/@mixingEngine", .doc = words ": whether QEMU mixes"),                         \
      VC_TRI (Audio, m.fixed, x "/@fixedSettings",                                                           \
              .doc = words ": whether the host's settings stay as they are"),                                \
      VC_U32 (Audio, m.voices, x "/@voices", .min = 1, .doc = words ": number of voices"),                   \
      VC_U32 (Audio, m.length, x "/@bufferLength", .min = 1, .doc = words ": microseconds of a buffer"),     \
      VC_U32 (Audio, m.frequency, x "/settings/@frequency", .min = 1, .doc = words ": samples a second"),    \
      VC_U32 (Audio, m.channels, x "/settings/@channels", .min = 1, .doc = words ": channels"),              \
      VC_CHOICE (Audio, m.format, x "/settings/@format", formats, .doc = words ": format of a sample"),      \
      VC_STR (Audio, m.dev, x "/@dev", .doc = words ": device of the host (alsa, oss)"),                     \
      VC_U32 (Audio, m.count, x "/@bufferCount", .min = 1, .doc = words ": buffers (coreaudio, oss, sdl)"),  \
      VC_TRI (Audio, m.poll, x "/@tryPoll", .doc = words ": whether the device is polled (alsa, oss)"),      \
      VC_STR (Audio, m.name, x "/@name", .doc = words ": sink or source (pulseaudio)"),                      \
      VC_STR (Audio, m.stream, x "/@streamName", .doc = words ": name of the stream (pulseaudio)"),          \
      VC_U32 (Audio, m.latency, x "/@latency", .min = 1,                                                     \
              .doc = words ": microseconds of delay (pulseaudio)")

static const VcField rows[]
    = { VC_U32 (Audio, id, "@id", .min = 1, .flags = VC_REQUIRED, .doc = "number of the back end"),
        VC_CHOICE (Audio, type, "@type", types, .flags = VC_REQUIRED, .doc = "place the sound goes to"),
        VC_U32 (Audio, period, "@timerPeriod", .min = 1, .doc = "microseconds between two looks"),
        VC_PATH (Audio, path, "@path", .doc = "WAV file that gets the sound (file)"),
        VC_STR (Audio, server, "@serverName", .doc = "sound server (pulseaudio)"),
        VC_TRI (Audio, mmap, "@tryMMap", .doc = "whether its memory is mapped (oss)"),
        VC_TRI (Audio, exclusive, "@exclusive", .doc = "whether nobody else may play (oss)"),
        VC_U32 (Audio, policy, "@dspPolicy", .doc = "how it buffers (oss)"),
        WAY (in, "input", "recording"),
        WAY (out, "output", "playing"),
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
is_given (const Way *way)
{
  return way->mixing != VC_TRI_UNSET || way->fixed != VC_TRI_UNSET || way->voices.set || way->length.set
         || way->frequency.set || way->channels.set || way->format != 0 || way->dev != NULL || way->count.set
         || way->poll != VC_TRI_UNSET || way->name != NULL || way->stream != NULL || way->latency.set;
}

static gboolean
check_way (const Audio *self, const Way *way, const char *name, GError **error)
{
  const VcDevice *dev = &self->base;

  if ((way->frequency.set || way->channels.set || way->format != 0) && way->fixed != VC_TRI_YES)
    return vc_device_fail (dev, error, "%s/settings needs fixedSettings='yes'", name);
  if ((way->dev != NULL || way->poll != VC_TRI_UNSET) && self->type != ALSA && self->type != OSS)
    return vc_device_fail (dev, error, "%s/@dev and @tryPoll are for the types alsa and oss", name);
  if (way->count.set && self->type != COREAUDIO && self->type != OSS && self->type != SDL)
    return vc_device_fail (dev, error, "%s/@bufferCount is for the types coreaudio, oss and sdl", name);
  if ((way->name != NULL || way->stream != NULL || way->latency.set) && self->type != PULSEAUDIO)
    return vc_device_fail (dev, error, "%s/@name, @streamName and @latency are for type='pulseaudio'", name);
  return TRUE;
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
  if ((self->type == FILE_TYPE) != (self->path != NULL))
    return vc_device_fail (dev, error, "type='file' and @path need each other");
  if (self->server != NULL && self->type != PULSEAUDIO)
    return vc_device_fail (dev, error, "@serverName is for type='pulseaudio'");
  if ((self->mmap != VC_TRI_UNSET || self->exclusive != VC_TRI_UNSET || self->policy.set)
      && self->type != OSS)
    return vc_device_fail (dev, error, "@tryMMap, @exclusive and @dspPolicy are for type='oss'");
  return check_way (self, &self->in, "input", error) && check_way (self, &self->out, "output", error);
}

/* Only what is said is told, or QEMU would know of an empty direction. */
static void
put_way (const Audio *self, const Way *way, const char *name, VcProps *props)
{
  VcProps *group;

  if (!is_given (way))
    return;
  group = vc_props_group (props, name);
  if (way->mixing != VC_TRI_UNSET)
    vc_props_bool (group, "mixing-engine", way->mixing == VC_TRI_YES);
  if (way->fixed != VC_TRI_UNSET)
    vc_props_bool (group, "fixed-settings", way->fixed == VC_TRI_YES);
  vc_props_u32 (group, "voices", way->voices);
  vc_props_u32 (group, "buffer-length", way->length);
  vc_props_u32 (group, "frequency", way->frequency);
  vc_props_u32 (group, "channels", way->channels);
  vc_props_str (group, "format", vc_choice (formats, way->format));
  vc_props_str (group, "dev", way->dev);
  vc_props_u32 (group, "buffer-count", way->count);
  if (way->poll != VC_TRI_UNSET)
    vc_props_bool (group, "try-poll", way->poll == VC_TRI_YES);
  vc_props_str (group, "name", way->name);
  vc_props_str (group, "stream-name", way->stream);
  vc_props_u32 (group, "latency", way->latency);
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const Audio *self = (const Audio *) dev;
  VcProps *props = vc_plan_add (out, VC_Q_AUDIO, drivers[self->type], dev->alias);

  vc_props_u32 (props, "timer-period", self->period);
  vc_props_str (props, "path", self->path);
  vc_props_str (props, "server", self->server);
  if (self->mmap != VC_TRI_UNSET)
    vc_props_bool (props, "try-mmap", self->mmap == VC_TRI_YES);
  if (self->exclusive != VC_TRI_UNSET)
    vc_props_bool (props, "exclusive", self->exclusive == VC_TRI_YES);
  vc_props_u32 (props, "dsp-policy", self->policy);
  put_way (self, &self->in, "in", props);
  put_way (self, &self->out, "out", props);
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
  .summary = "Where the guest's sound goes: nowhere, to the SPICE viewer, or to a sound system of the host.",
  .fixed = "QEMU opens audio back ends only when it starts",
  .size = sizeof (Audio),
  .rows = rows,
  .check = check,
  .plan = plan,
  .name_it = name_it,
};
