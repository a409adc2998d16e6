/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "devices/chardev.h"

/* Every kind there is.  QEMU must create things in the order of the first list: what others plug
 * into comes before them. */

extern const VcKind vc_kind_controller_pci, vc_kind_controller_usb, vc_kind_controller_ide,
    vc_kind_controller_sata, vc_kind_controller_scsi, vc_kind_controller_fdc,
    vc_kind_controller_virtio_serial, vc_kind_hub_usb, vc_kind_controller_ccid, vc_kind_disk,
    vc_kind_smartcard_host, vc_kind_smartcard_certificates, vc_kind_smartcard_passthrough, vc_kind_serial_isa,
    vc_kind_channel_virtio, vc_kind_console_serial, vc_kind_console_virtio, vc_kind_input, vc_kind_audio,
    vc_kind_graphics_spice, vc_kind_graphics_vnc, vc_kind_video, vc_kind_memballoon, vc_kind_rng_random,
    vc_kind_serial_usb, vc_kind_serial_pci, vc_kind_serial_debug, vc_kind_parallel, vc_kind_channel_guestfwd,
    vc_kind_rng_egd, vc_kind_rng_builtin, vc_kind_redirdev, vc_kind_redirfilter, vc_kind_interface_user,
    vc_kind_interface_bridge, vc_kind_interface_network, vc_kind_interface_ethernet, vc_kind_interface_mcast,
    vc_kind_interface_server, vc_kind_interface_client, vc_kind_sound, vc_kind_watchdog, vc_kind_panic;

const VcKind *const vc_kinds[] = {
  &vc_kind_controller_pci,
  &vc_kind_controller_usb,
  &vc_kind_controller_scsi,
  &vc_kind_controller_ide,
  &vc_kind_controller_sata,
  &vc_kind_controller_virtio_serial,
  &vc_kind_controller_fdc,
  &vc_kind_hub_usb,
  &vc_kind_controller_ccid,
  &vc_kind_disk,
  &vc_kind_interface_user,
  &vc_kind_interface_bridge,
  &vc_kind_interface_network,
  &vc_kind_interface_ethernet,
  &vc_kind_interface_mcast,
  &vc_kind_interface_server,
  &vc_kind_interface_client,
  &vc_kind_smartcard_host,
  &vc_kind_smartcard_certificates,
  &vc_kind_smartcard_passthrough,
  &vc_kind_serial_isa,
  &vc_kind_serial_usb,
  &vc_kind_serial_pci,
  &vc_kind_serial_debug,
  &vc_kind_parallel,
  &vc_kind_channel_virtio,
  &vc_kind_channel_guestfwd,
  &vc_kind_console_serial,
  &vc_kind_console_virtio,
  &vc_kind_input,
  &vc_kind_audio,
  &vc_kind_graphics_spice,
  &vc_kind_graphics_vnc,
  &vc_kind_video,
  &vc_kind_sound,
  &vc_kind_watchdog,
  &vc_kind_redirdev,
  &vc_kind_redirfilter,
  &vc_kind_memballoon,
  &vc_kind_rng_random,
  &vc_kind_rng_egd,
  &vc_kind_rng_builtin,
  &vc_kind_panic,
  NULL,
};

extern const VcChardevKind vc_chardev_null, vc_chardev_pty, vc_chardev_file, vc_chardev_stdio, vc_chardev_tcp,
    vc_chardev_unix, vc_chardev_spicevmc, vc_chardev_vc, vc_chardev_dev, vc_chardev_pipe, vc_chardev_udp,
    vc_chardev_spiceport, vc_chardev_qemu_vdagent, vc_chardev_dbus, vc_chardev_nmdm;

const VcChardevKind *const vc_chardev_kinds[] = {
  &vc_chardev_null,         &vc_chardev_vc,   &vc_chardev_pty,      &vc_chardev_dev,
  &vc_chardev_file,         &vc_chardev_pipe, &vc_chardev_stdio,    &vc_chardev_udp,
  &vc_chardev_tcp,          &vc_chardev_unix, &vc_chardev_spicevmc, &vc_chardev_spiceport,
  &vc_chardev_qemu_vdagent, &vc_chardev_dbus, &vc_chardev_nmdm,     NULL,
};
