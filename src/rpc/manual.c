/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rpc/manual.h"

#include "rpc/calls.h"

static const char *const rights[] = { [VC_MAY_LOG_IN] = "anybody at all",
                                      [VC_MAY_CONNECT] = "anybody let in",
                                      [VC_MAY_READ] = "read",
                                      [VC_MAY_WRITE] = "write" };

static const char *
code (const char *signature, char *buffer, gsize size)
{
  if (*signature == '\0')
    return "";
  g_snprintf (buffer, size, "`%s`", signature);
  return buffer;
}

static const struct
{
  guint32 number;
  const char *words;
} programs[] = {
  { VC_PROGRAM_REMOTE, "" },
  { VC_PROGRAM_QEMU, ": QEMU" },
  { VC_PROGRAM_CARD, ": virtcard's own" },
};

char *
vc_rpc_manual_print (void)
{
  GString *page
      = g_string_new ("# Calls\n\n"
                      "Made from `src/rpc/calls.h`; do not edit. What virtcardd answers and tells, in "
                      "libvirt's numbers. The\nletters are those of `src/xdr/xdr.h`. A call that is not "
                      "here is answered \"not supported\".\n\n");
  char takes[128], gives[128];

  for (gsize n = 0; n < G_N_ELEMENTS (programs); n++)
    {
      g_string_append_printf (page,
                              "## Program 0x%08x%s\n\n| number | function | takes | gives | right |\n"
                              "| --- | --- | --- | --- | --- |\n",
                              programs[n].number, programs[n].words);
      for (guint i = 0; i < VC_N_CALLS; i++)
        if (vc_calls[i].program == programs[n].number)
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
