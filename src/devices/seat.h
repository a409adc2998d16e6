/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fields/field.h"

/* Where a device sits: <address>.  Given by the user, or found by domain/seat.c. */
typedef enum
{
  VC_SEAT_NONE,
  VC_SEAT_PCI,
  VC_SEAT_USB,
  VC_SEAT_CCID,
  VC_SEAT_VIRTIO_SERIAL,
  VC_SEAT_DRIVE,
  VC_SEAT_ISA,
} VcSeatType;

typedef struct
{
  VcSeatType type;
  gboolean wanted;     /* <address type='pci'/> alone: the type, the place is to be found */
  gboolean counted;    /* type NONE: QEMU chooses it, and this is what it chooses          */
  VcU32 domain;        /* pci                                                            */
  VcU32 bus;           /* pci, usb, virtio-serial, drive                                 */
  VcU32 slot;          /* pci, ccid                                                      */
  VcU32 function;      /* pci                                                            */
  VcTri multifunction; /* pci                                                            */
  char *port;          /* usb: "1.2"                                                     */
  VcU32 controller;    /* ccid, virtio-serial, drive                                     */
  VcU32 nr;            /* virtio-serial: port                                            */
  VcU32 target, unit;  /* drive                                                          */
  VcU32 iobase, irq;   /* isa                                                            */
} VcSeat;

/* The names of <address type='…'>, index = VcSeatType. */
extern const char *const vc_seat_types[];

/* Rows of <address>, index = VcSeatType. */
extern const VcField *const vc_seat_rows[];

/* vc_seat_read - read a device's <address>, if it has one */
gboolean vc_seat_read (VcSeat *seat, VcNode *device, GError **error);
void vc_seat_print (const VcSeat *seat, VcNode *device);
void vc_seat_clear (VcSeat *seat);

/* vc_seat_pci, vc_seat_usb … - a known place */
void vc_seat_pci (VcSeat *seat, guint bus, guint slot, guint function);
void vc_seat_usb (VcSeat *seat, guint bus, const char *port);

/* vc_seat_placed - is a place known (not only wanted)? */
gboolean vc_seat_placed (const VcSeat *seat);

/* vc_seat_same - are two places one? */
gboolean vc_seat_same (const VcSeat *a, const VcSeat *b);
