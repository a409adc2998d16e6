/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/ethtool.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <linux/vhost.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"

#define TUN   "/dev/net/tun"
#define VHOST "/dev/vhost-net"

static gboolean
is_named (const VcInterface *card)
{
  return card->target != NULL && !g_str_has_prefix (card->target, VC_INTERFACE_PREFIX);
}

/* What the kernel takes for a name; it would fill in a number for %d. */
static gboolean
check_name (const char *name, GError **error)
{
  if (*name != '\0' && strlen (name) < IFNAMSIZ && strpbrk (name, "/:% \t\n\v\f\r") == NULL
      && !g_str_equal (name, ".") && !g_str_equal (name, ".."))
    return TRUE;
  return vc_fail (error, VC_ERROR_INVALID, "'%s' cannot be the name of an interface of the host", name);
}

static gboolean
check_right (GError **error)
{
  struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

  if (syscall (SYS_capget, &head, data) == 0 && (data[0].effective & (1u << CAP_NET_ADMIN)) != 0)
    return TRUE;
  return vc_fail (error, VC_ERROR_DENIED,
                  "only root (CAP_NET_ADMIN) may make the tap device that this type needs: use type='user'");
}

/* All requests go through a socket; any will do.  -1 with error. */
static int
open_requests (GError **error)
{
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  if (fd < 0)
    vc_fail_errno (error, errno, "cannot make a socket");
  return fd;
}

static struct ifreq
new_request (const char *interface)
{
  struct ifreq request = { 0 };

  g_strlcpy (request.ifr_name, interface, sizeof request.ifr_name);
  return request;
}

static gboolean
check_bridge (int requests, const char *bridge, GError **error)
{
  struct ethtool_drvinfo driver = { .cmd = ETHTOOL_GDRVINFO };
  struct ifreq request = new_request (bridge);

  if (!check_name (bridge, error))
    return FALSE;
  request.ifr_data = (char *) &driver;
  if (if_nametoindex (bridge) == 0)
    return vc_fail (error, VC_ERROR_NOT_FOUND, "this host has no bridge '%s'", bridge);
  if (ioctl (requests, SIOCETHTOOL, &request) < 0 || strcmp (driver.driver, "bridge") != 0)
    return vc_fail (error, VC_ERROR_INVALID, "'%s' is an interface of this host, and no bridge", bridge);
  return TRUE;
}

gboolean
vc_tap_check (const VcInterface *card, const char *bridge, GError **error)
{
  int requests;
  gboolean fine;

  if (!check_right (error))
    return FALSE;
  if (is_named (card) && !check_name (card->target, error))
    return FALSE;
  if (is_named (card) && if_nametoindex (card->target) != 0)
    return vc_fail (error, VC_ERROR_EXISTS, "this host has an interface '%s' already", card->target);
  if (access (TUN, R_OK | W_OK) < 0)
    return vc_fail_errno (error, errno, "cannot open '%s', which makes tap devices", TUN);
  if (bridge == NULL)
    return TRUE;
  requests = open_requests (error);
  if (requests < 0)
    return FALSE;
  fine = check_bridge (requests, bridge, error);
  close (requests);
  return fine;
}

/* -1 with error. */
static int
make_tap (const VcInterface *card, struct ifreq *ret_request, GError **error)
{
  int fd = open (TUN, O_RDWR | O_CLOEXEC);
  int flags = IFF_TAP | IFF_NO_PI | IFF_TUN_EXCL | (vc_interface_is_virtio (card) ? IFF_VNET_HDR : 0);

  if (fd < 0)
    {
      vc_fail_errno (error, errno, "cannot open '%s', which makes tap devices", TUN);
      return -1;
    }
  *ret_request = new_request (is_named (card) ? card->target : VC_INTERFACE_PREFIX "%d");
  ret_request->ifr_flags = (short) flags;
  if (ioctl (fd, TUNSETIFF, ret_request) == 0)
    return fd;
  if (errno == EBUSY)
    vc_fail (error, VC_ERROR_EXISTS, "this host has an interface '%s' already", ret_request->ifr_name);
  else
    vc_fail_errno (error, errno, "cannot make a tap device");
  close (fd);
  return -1;
}

/* That of the card, but for its first byte: the bridge must not take one for the other. */
static gboolean
set_address (int requests, const char *name, const VcInterface *card, GError **error)
{
  struct ifreq request = new_request (name);
  g_auto (GStrv) bytes = g_strsplit (card->mac, ":", -1);

  request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
  for (guint n = 0; n < 6; n++)
    request.ifr_hwaddr.sa_data[n] = (char) g_ascii_strtoull (bytes[n], NULL, 16);
  request.ifr_hwaddr.sa_data[0] = (char) (g_str_equal (bytes[0], "fe") ? 0xfa : 0xfe);
  return ioctl (requests, SIOCSIFHWADDR, &request) == 0
         || vc_fail_errno (error, errno, "cannot set the address of '%s'", name);
}

/* A bridge takes over the smallest of its interfaces, so the new one is as its bridge. */
static gboolean
set_mtu (int requests, const char *name, const VcInterface *card, const char *bridge, GError **error)
{
  struct ifreq request = new_request (bridge != NULL ? bridge : name);

  if (ioctl (requests, SIOCGIFMTU, &request) < 0)
    return vc_fail_errno (error, errno, "cannot ask for the MTU of '%s'", request.ifr_name);
  g_strlcpy (request.ifr_name, name, sizeof request.ifr_name);
  request.ifr_mtu = (int) vc_u32_or (card->mtu, (guint32) request.ifr_mtu);
  return ioctl (requests, SIOCSIFMTU, &request) == 0
         || vc_fail_errno (error, errno, "cannot set the MTU of '%s' to %d", name, request.ifr_mtu);
}

static gboolean
join_bridge (int requests, const char *name, const char *bridge, GError **error)
{
  struct ifreq request = new_request (bridge);

  request.ifr_ifindex = (int) if_nametoindex (name);
  return ioctl (requests, SIOCBRADDIF, &request) == 0
         || vc_fail_errno (error, errno, "cannot add '%s' to the bridge '%s'", name, bridge);
}

static gboolean
set_up (int requests, const char *name, GError **error)
{
  struct ifreq request = new_request (name);

  if (ioctl (requests, SIOCGIFFLAGS, &request) == 0)
    {
      request.ifr_flags |= IFF_UP;
      if (ioctl (requests, SIOCSIFFLAGS, &request) == 0)
        return TRUE;
    }
  return vc_fail_errno (error, errno, "cannot bring '%s' up", name);
}

static gboolean
prepare (const char *name, const VcInterface *card, const char *bridge, GError **error)
{
  int requests = open_requests (error);
  gboolean done;

  if (requests < 0)
    return FALSE;
  done = set_address (requests, name, card, error) && set_mtu (requests, name, card, bridge, error)
         && (bridge == NULL || join_bridge (requests, name, bridge, error)) && set_up (requests, name, error);
  close (requests);
  return done;
}

int
vc_tap_open (const VcInterface *card, const char *bridge, char **ret_name, GError **error)
{
  struct ifreq request;
  int fd;

  if (!vc_tap_check (card, bridge, error))
    return -1;
  fd = make_tap (card, &request, error);
  if (fd < 0)
    return -1;
  if (!prepare (request.ifr_name, card, bridge, error))
    {
      close (fd);
      return -1;
    }
  *ret_name = g_strdup (request.ifr_name);
  return fd;
}

int
vc_tap_open_vhost (const VcInterface *card, GError **error)
{
  int fd = open (VHOST, O_RDWR | O_CLOEXEC);
  guint64 features = 0;

  if (fd >= 0 && ioctl (fd, VHOST_GET_FEATURES, &features) < 0) /* QEMU 7.2 aborts at what is none */
    {
      close (fd);
      fd = -1;
    }
  if (fd < 0 && card->driver == VC_DRIVER_VHOST)
    vc_fail_errno (error, errno, "<driver name='vhost'/>: cannot open '%s'", VHOST);
  return fd;
}
