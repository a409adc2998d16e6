/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fields/values.h"

/* What <domain>'s sections hold several of: the items of their lists. */

typedef struct
{
  char *name;
  int policy;
} VcCpuFeature;

/* <timer> of <clock>. */
typedef struct
{
  int name;
  VcTri present;
  int policy;
  int track;
  VcU64 frequency;
  int mode;
  VcU32 threshold, slew, limit; /* <catchup>                                              */
} VcTimer;

/* <iothread> of <iothreadids>. */
typedef struct
{
  VcU32 id;
  VcU32 pool_min, pool_max;
} VcIothread;

/* <vcpupin>, <iothreadpin> of <cputune>. */
typedef struct
{
  VcU32 number;
  char *cpus;
} VcPin;

/* <vcpusched>, <iothreadsched> of <cputune>. */
typedef struct
{
  char *numbers;
  int scheduler;
  VcU32 priority;
} VcSched;

/* <cell> of a NUMA topology. */
typedef struct
{
  VcU32 id;
  char *cpus;
  guint64 memory; /* KiB                                                            */
  int access;
  VcTri discard;
} VcCell;

/* <memnode> of <numatune>. */
typedef struct
{
  VcU32 cell;
  int mode;
  char *nodes;
} VcMemnode;

/* <page> of <hugepages>. */
typedef struct
{
  guint64 size; /* KiB                                                            */
  char *nodes;
} VcPage;

/* <entry name=''> of a block of <sysinfo>. */
typedef struct
{
  char *name;
  char *value;
} VcEntry;

/* <block> of <sysinfo> that may stand several times. */
typedef struct
{
  GPtrArray *entries; /* VcEntry                                                        */
} VcEntries;
