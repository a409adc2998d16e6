/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "daemon/daemon.h"
#include "devices/video.h"
#include "qemu/qmp.h"
#include "rpc/stream.h"

/* What is on a guest's screen.
 *
 * QEMU writes the picture into memory of ours, which it is handed as a set of descriptors, and which the
 * client then reads as a stream: nothing of it is ever in a file. */

#define SET  0x40000000 /* number of the set: far from those of devices */
#define TYPE "image/png"

typedef struct
{
  VcRpcRequest *request;
  int fd; /* the picture */
} Shot;

static void
answer (Shot *shot, const GError *failure)
{
  int fd = shot->fd;
  g_autoptr (GError) error = failure != NULL ? g_error_copy (failure) : NULL;

  shot->fd = -1;
  if (vc_rpc_request_client (shot->request) == NULL || error != NULL)
    close (fd);
  else
    vc_rpc_stream_new (shot->request, fd, NULL, NULL, &error);
  if (error != NULL)
    vc_rpc_answer_error (shot->request, error);
  else
    {
      vc_xdr_put_text_or_null (vc_rpc_begin (shot->request), TYPE);
      vc_rpc_answer (shot->request);
    }
  g_free (shot);
}

static void
on_dumped (VcJson *value, const GError *error, gpointer data)
{
  answer (data, error);
}

/* The n-th screen: every head of every video adapter is one. */
static const VcDevice *
find_screen (const VcDomain *domain, guint n, guint *ret_head, GError **error)
{
  gboolean any = FALSE;

  for (guint i = 0; i < domain->devices->len; i++)
    {
      const VcDevice *dev = domain->devices->pdata[i];
      guint heads;

      if (!vc_is (dev, "video", NULL) || vc_video_is_none (dev))
        continue;
      any = TRUE;
      heads = vc_video_heads (dev);
      *ret_head = n;
      if (n < heads)
        return dev;
      n -= heads;
    }
  vc_wire_fail (error, VC_WIRE_STATE, any ? "no such screen ID" : "no screens to take screenshot from");
  return NULL;
}

/* What was opened for writing only: QEMU opens it for that, and holds the one to the other. */
static int
open_to_write (int fd)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);

  return open (path, O_WRONLY | O_CLOEXEC);
}

static gboolean
take (VcRpcRequest *request, VcGuest *guest, const VcDevice *video, guint head, GError **error)
{
  int fd = memfd_create ("screenshot", MFD_CLOEXEC);
  int out = fd >= 0 ? open_to_write (fd) : -1;
  g_autofree char *path = g_strdup_printf ("/dev/fdset/%d", SET);
  Shot *shot;

  if (out < 0)
    {
      vc_fail_errno (error, errno, "no memory for the picture");
      if (fd >= 0)
        close (fd);
      return FALSE;
    }
  shot = g_new (Shot, 1);
  *shot = (Shot){ vc_rpc_keep (request), fd };
  vc_guest_call_fd (guest, vc_qmp_command ("add-fd", json_pack ("{s:i}", "fdset-id", SET)), out, NULL, NULL);
  vc_guest_call (guest,
                 vc_qmp_command ("screendump", json_pack ("{s:s, s:s, s:i, s:s}", "filename", path, "device",
                                                          video->alias, "head", (int) head, "format", "png")),
                 on_dumped, shot);
  vc_guest_call (guest, vc_qmp_command ("remove-fd", json_pack ("{s:i}", "fdset-id", SET)), NULL, NULL);
  close (out);
  return TRUE;
}

static gboolean
screenshot (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  guint screen = vc_xdr_read_uint (args);
  const VcDomain *domain;
  const VcDevice *video;
  guint head = 0;

  if (guest == NULL || !vc_wire_flags (request, vc_xdr_read_uint (args), 0, error)
      || (domain = vc_guest_domain (guest, VC_GUEST_LIVE, error)) == NULL)
    return FALSE;
  video = find_screen (domain, screen, &head, error);
  return video != NULL && take (request, guest, video, head, error);
}

const VcHandlerRow vc_handlers_screenshot[] = {
  { VC_CALL_DOMAIN_SCREENSHOT, screenshot },
  VC_HANDLERS_END,
};
