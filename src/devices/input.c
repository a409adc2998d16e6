/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mouse, tablet or keyboard.
 *
 *   <input type='tablet' bus='usb'/>
 */
#include "devices/input.h"

#include "devices/virtio.h"

enum
{
  MOUSE = 1,
  TABLET,
  KEYBOARD
};
enum
{
  PS2 = 1,
  USB,
  VIRTIO
};

static const char *const types[] = { "", "mouse", "tablet", "keyboard", NULL };
static const char *const buses[] = { "", "ps2", "usb", "virtio", NULL };
static const char *const virtio_drivers[]
    = { "", "virtio-mouse-pci", "virtio-tablet-pci", "virtio-keyboard-pci" };
static const char *const drivers[] = { "", "usb-mouse", "usb-tablet", "usb-kbd" };

typedef struct
{
  VcDevice base;
  int type;
  int bus;
  VcVirtio virtio;
} Input;

static const VcField rows[]
    = { VC_CHOICE (Input, type, "@type", types, .flags = VC_REQUIRED, .doc = "kind of input device"),
        VC_CHOICE (Input, bus, "@bus", buses, .doc = "where it is"),
        VC_VIRTIO_ROWS (Input, virtio),
        { 0 } };

VcDevice *
vc_input_new_ps2 (gboolean keyboard)
{
  VcDevice *dev = vc_device_new (&vc_kind_input);

  ((Input *) dev)->type = keyboard ? KEYBOARD : MOUSE;
  ((Input *) dev)->bus = PS2;
  dev->bus = NULL;
  return dev;
}

gboolean
vc_input_is_ps2 (const VcDevice *dev, gboolean keyboard)
{
  const Input *self = (const Input *) dev;

  return self->bus == PS2 && self->type == (keyboard ? KEYBOARD : MOUSE);
}

static void
fill (VcDevice *dev, const VcPeers *peers)
{
  Input *self = (Input *) dev;

  if (self->bus == 0)
    self->bus = self->type == TABLET ? USB : PS2;
  dev->bus = self->bus == USB ? &vc_bus_usb : self->bus == VIRTIO ? &vc_bus_pci : NULL;
  dev->pci = VC_PCI_EXPRESS;
}

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  const Input *self = (const Input *) dev;

  if (self->bus != VIRTIO && self->bus != 0 && vc_virtio_any (&self->virtio))
    return vc_device_fail (dev, error, "<driver> is for the virtio bus");
  if (self->bus == PS2 && self->type == TABLET)
    return vc_device_fail (dev, error, "a tablet cannot be on the ps2 bus");
  return TRUE;
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const Input *self = (const Input *) dev;

  if (self->bus == USB)
    vc_plan_device (out, dev, drivers[self->type], ctx);
  if (self->bus == VIRTIO)
    {
      if (!vc_caps_has (ctx->caps, virtio_drivers[self->type]))
        return vc_device_fail_unsupported (dev, error, "%s has no device '%s'", ctx->caps->binary,
                                           virtio_drivers[self->type]);
      vc_plan_device (out, dev, virtio_drivers[self->type], ctx);
    }
  return TRUE;
}

const VcKind vc_kind_input = {
  .name = "input",
  .element = "input",
  .summary = "Mouse, tablet or keyboard.",
  .size = sizeof (Input),
  .rows = rows,
  .alias = "input",
  .plugs_into = &vc_bus_usb,
  .fill = fill,
  .check = check,
  .plan = plan,
};
