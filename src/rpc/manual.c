/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rpc/manual.h"

#include "rpc/calls.h"

static const char *const rights[]
    = { [VC_MAY_CONNECT] = "anybody let in", [VC_MAY_READ] = "read", [VC_MAY_WRITE] = "write" };

static const char *
code (const char *signature, char *buffer, gsize size)
{
  if (*signature == '\0')
    return "";
  g_snprintf (buffer, size, "`%s`", signature);
  return buffer;
}

char *
vc_rpc_manual_print (void)
{
  GString *page
      = g_string_new ("# Calls\n\n"
                      "Made from `src/rpc/calls.h`; do not edit. What virtcardd answers and tells, in "
                      "libvirt's numbers. The\nletters are those of `src/xdr/xdr.h`. A call that is not "
                      "here is answered \"not supported\".\n\n");
  char takes[128], gives[128];

  for (guint program = VC_PROGRAM_REMOTE; program <= VC_PROGRAM_QEMU; program++)
    {
      g_string_append_printf (page,
                              "## Program 0x%08x\n\n| number | function | takes | gives | right |\n"
                              "| --- | --- | --- | --- | --- |\n",
                              program);
      for (guint i = 0; i < VC_N_CALLS; i++)
        if (vc_calls[i].program == program)
          g_string_append_printf (page, "| %u | vir%s | %s | %s | %s |\n", vc_calls[i].number,
                                  vc_calls[i].api, code (vc_calls[i].takes, takes, sizeof takes),
                                  code (vc_calls[i].gives, gives, sizeof gives), rights[vc_calls[i].right]);
      g_string_append_c (page, '\n');
    }
  g_string_append (page, "## Events\n\n| program | number | event | tells |\n| --- | --- | --- | --- |\n");
  for (guint i = 0; i < VC_N_TELLS; i++)
    g_string_append_printf (page, "| 0x%08x | %u | %s | %s |\n", vc_tells[i].program, vc_tells[i].number,
                            vc_tells[i].symbol, code (vc_tells[i].gives, gives, sizeof gives));
  return g_string_free (page, FALSE);
}
