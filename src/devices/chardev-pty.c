/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pseudo-terminal, whose path is known when the guest runs.
 *
 *   <serial type='pty'/>
 */
#include "devices/chardev-pty.h"

typedef struct
{
  VcChardev base;
  char *path, *tty; /* of a running guest's, else NULL */
} ChardevPty;

static const VcField rows[]
    = { VC_PATH (ChardevPty, path, "source/@path", .flags = VC_LIVE,
                 .doc = "pseudo-terminal of a running guest"),
        VC_PATH (ChardevPty, tty, "@tty", .flags = VC_LIVE, .doc = "pseudo-terminal of a running guest"),
        { 0 } };

const VcChardevKind vc_chardev_pty = {
  .type = "pty",
  .summary = "A pseudo-terminal, whose path is known when the guest runs.",
  .size = sizeof (ChardevPty),
  .rows = rows,
  .backend = "pty",
};

void
vc_device_set_terminal (VcDevice *dev, const char *path)
{
  ChardevPty *self = (ChardevPty *) vc_chardev_of (dev);

  if (self == NULL || self->base.kind != &vc_chardev_pty)
    return;
  g_free (self->path);
  g_free (self->tty);
  self->path = g_strdup (path);
  self->tty = vc_is (dev, "console", NULL) ? g_strdup (path) : NULL;
}

const char *
vc_device_terminal (const VcDevice *dev)
{
  const ChardevPty *self = (const ChardevPty *) vc_chardev_of (dev);

  return self != NULL && self->base.kind == &vc_chardev_pty ? self->path : NULL;
}
