/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "domain/domain.h"

/* A child of <domain> that is no device: rows over VcDomain.  In the order of printing. */
typedef struct
{
  const char *element;
  const VcField *rows;
  gboolean repeated; /* may stand several times                                        */
  const char *summary;
} VcSection;

extern const VcSection vc_sections[];

/* Attributes of <domain> itself. */
extern const VcField vc_domain_rows[];

/* The row of <emulator> below <devices>. */
extern const VcField vc_emulator_rows[];

extern const char *const vc_domain_types[];
extern const char *const vc_cpu_policies[];
