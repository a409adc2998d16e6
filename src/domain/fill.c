/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "devices/audio.h"
#include "devices/controller-usb.h"
#include "devices/disk.h"
#include "devices/input.h"
#include "devices/video.h"
#include "domain/internal.h"
#include "domain/section.h"

static void
fill_machine (VcDomain *domain, const VcCaps *caps)
{
  const VcMachine *machine = NULL;

  if (domain->arch == NULL)
    domain->arch = g_strdup (caps != NULL && strcmp (caps->arch, "i386") == 0 ? "i686" : "x86_64");
  if (domain->machine == NULL)
    domain->machine = g_strdup ("pc");
  if (caps != NULL)
    machine = vc_caps_machine (caps, domain->machine);
  if (machine != NULL)
    {
      g_free (domain->machine);
      domain->machine = g_strdup (machine->name);
    }
  vc_cpu_fill (domain, machine);
}

static void
fill_sections (VcDomain *domain)
{
  static const char *const hd[] = { "hd", NULL };
  gboolean ordered = FALSE;

  if (domain->uuid == NULL)
    domain->uuid = g_uuid_string_random ();
  for (guint i = 0; i < domain->devices->len; i++)
    ordered |= ((const VcDevice *) domain->devices->pdata[i])->boot.set;
  if (domain->boot == NULL && !ordered)
    domain->boot = g_strdupv ((char **) hd);
  if (domain->on_poweroff == 0)
    domain->on_poweroff = VC_ON_DESTROY;
  if (domain->on_reboot == 0)
    domain->on_reboot = VC_ON_RESTART;
  if (domain->on_crash == 0)
    domain->on_crash = VC_ON_DESTROY;
  for (guint i = 0; vc_sections[i].element != NULL; i++)
    if (vc_sections[i].fill != NULL)
      vc_sections[i].fill (domain);
}

void
vc_domain_need_controller (VcDomain *domain, const char *type, guint index)
{
  if (vc_peers_controller (vc_domain_peers (domain), type, index) == NULL)
    vc_domain_add (domain, vc_domain_new_controller (domain, type, index));
}

/* USB 2 controllers that stand together are one group: companions have the index of those before. */
static const VcController *
find_group (const VcDomain *domain, guint at)
{
  const VcController *self = domain->devices->pdata[at], *before;

  if (at == 0 || !vc_is (&self->base, "controller", "usb") || !self->companion)
    return NULL;
  before = domain->devices->pdata[at - 1];
  return vc_is (&before->base, "controller", "usb") && vc_usb_function (&before->base) >= 0 ? before : NULL;
}

/* Controllers that carry no index get the lowest one free. */
static void
fill_indexes (VcDomain *domain)
{
  for (guint i = 0; i < domain->devices->len; i++)
    {
      VcController *self = domain->devices->pdata[i];
      guint n = domain->devices->len, index = 0;
      const VcController *group;
      g_autofree gboolean *taken = NULL;

      if (!vc_is (&self->base, "controller", NULL) || self->index.set)
        continue;
      group = find_group (domain, i);
      if (group != NULL)
        {
          self->index = group->index;
          continue;
        }
      taken = g_new0 (gboolean, n + 1);
      for (guint j = 0; j < domain->devices->len; j++)
        {
          const VcController *other = domain->devices->pdata[j];

          if (other->base.kind == self->base.kind && other->index.set && other->index.value < n)
            taken[other->index.value] = TRUE;
        }
      while (taken[index])
        index++;
      self->index = vc_u32 (index);
    }
}

static VcDevice *
find (VcDomain *domain, const char *element, const char *value)
{
  return vc_peers_find (vc_domain_peers (domain), element, value, 0);
}

static void
fill_controllers (VcDomain *domain)
{
  fill_indexes (domain);
  if (vc_domain_has_usb (domain))
    vc_domain_need_controller (domain, "usb", 0);
  if (vc_machine_is_q35 (domain->machine))
    vc_domain_need_controller (domain, "sata", 0);
}

static void
add_filled (VcDomain *domain, VcDevice *dev_taken)
{
  dev_taken->origin = domain->origin;
  if (dev_taken->kind->fill != NULL)
    dev_taken->kind->fill (dev_taken, vc_domain_peers (domain));
  vc_domain_add (domain, dev_taken);
}

/* With several displays the last one decides where sound goes. */
static gboolean
last_is_spice (VcDomain *domain)
{
  const VcPeers *peers = vc_domain_peers (domain);
  const VcDevice *dev, *last = NULL;

  for (guint i = 0; (dev = vc_peers_find (peers, "graphics", NULL, i)) != NULL; i++)
    last = dev;
  return last != NULL && vc_is (last, "graphics", "spice");
}

void
vc_domain_fill_device (VcDomain *domain, VcDevice *dev)
{
  if (dev->kind->fill != NULL)
    dev->kind->fill (dev, vc_domain_peers (domain));
  fill_indexes (domain);
  vc_console_number (domain);
}

/* Mouse and keyboard on ps2, a balloon, a video adapter for a display, an audio back end. */
static void
fill_everyday (VcDomain *domain)
{
  for (gboolean keyboard = FALSE; keyboard <= TRUE; keyboard++)
    {
      gboolean there = FALSE;

      for (guint i = 0; i < domain->devices->len; i++)
        there |= vc_is (domain->devices->pdata[i], "input", NULL)
                 && vc_input_is_ps2 (domain->devices->pdata[i], keyboard);
      if (!there)
        {
          VcDevice *dev = vc_input_new_ps2 (keyboard);

          dev->origin = domain->origin;
          vc_domain_add (domain, dev);
        }
    }
  if (find (domain, "graphics", NULL) != NULL && find (domain, "video", NULL) == NULL)
    add_filled (domain, vc_device_new (&vc_kind_video));
  if (find (domain, "audio", NULL) == NULL)
    add_filled (domain, vc_audio_new (last_is_spice (domain)));
  if (find (domain, "memballoon", NULL) == NULL)
    add_filled (domain, vc_device_new (vc_kind_find ("memballoon")));
}

/* Does b belong behind a?  Companions of a USB controller stand behind it. */
static gboolean
in_order (const VcDevice *a, const VcDevice *b)
{
  const VcController *left = (const VcController *) a, *right = (const VcController *) b;

  if (vc_is (a, "disk", NULL))
    return vc_disk_compare (a, b) <= 0;
  if (!left->index.set || !right->index.set)
    return TRUE; /* one without an index stays where it was written */
  if (left->index.value == right->index.value)
    return left->companion <= right->companion;
  return left->index.value < right->index.value;
}

static gboolean
same_group (const VcDevice *a, const VcDevice *b)
{
  return a->kind == b->kind && (!vc_is (a, "disk", NULL) || vc_disk_same_bus (a, b));
}

/* Disks of a bus stand together in the order of their names, controllers of a type in that of their
 * index; each group where its first one was. */
static void
sort_devices (VcDomain *domain, const char *element)
{
  GPtrArray *devices = domain->devices;

  for (guint i = 1; i < devices->len; i++)
    {
      VcDevice *dev = devices->pdata[i];
      int at = -1;

      if (!vc_is (dev, element, NULL))
        continue;
      for (int j = (int) i - 1; j >= 0; j--)
        {
          if (!same_group (devices->pdata[j], dev))
            continue;
          if (!in_order (devices->pdata[j], dev))
            at = j;
          else if (at == -1)
            at = j + 1;
        }
      if (at < 0 || at == (int) i)
        continue;
      memmove (devices->pdata + at + 1, devices->pdata + at, (i - (guint) at) * sizeof devices->pdata[0]);
      devices->pdata[at] = dev;
    }
}

/* The adapter that is said to be the first stands before the others. */
static void
sort_videos (VcDomain *domain)
{
  int first = -1;

  for (guint i = 0; i < domain->devices->len; i++)
    {
      VcDevice *dev = domain->devices->pdata[i];

      if (!vc_is (dev, "video", NULL))
        continue;
      if (first < 0)
        first = (int) i;
      if (!vc_video_is_primary (dev))
        continue;
      memmove (domain->devices->pdata + first + 1, domain->devices->pdata + first,
               (i - (guint) first) * sizeof domain->devices->pdata[0]);
      domain->devices->pdata[first] = dev;
      return;
    }
}

void
vc_domain_fill (VcDomain *domain, const VcCaps *caps)
{
  fill_machine (domain, caps);
  fill_sections (domain);
  sort_devices (domain, "disk"); /* before they get a bus: those without one stand together */
  sort_videos (domain);
  for (guint i = 0; i < domain->devices->len; i++)
    {
      VcDevice *dev = domain->devices->pdata[i];

      if (dev->kind->fill != NULL)
        dev->kind->fill (dev, vc_domain_peers (domain));
    }
  sort_devices (domain, "controller");
  vc_console_pair (domain);
  fill_controllers (domain);
  fill_everyday (domain);
}
