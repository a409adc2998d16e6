/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "rpc/error.h"
#include "rpc/frame.h"
#include "rpc/names.h"
#include "xdr/test-sample.h"

static void
assert_round (const char *signature)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  VcXdrWriter writer;
  VcXdrReader reader;

  vc_xdr_write (&writer, signature, out, VC_FRAME_MAX);
  sample_put (&writer, NULL);
  vc_xdr_is_written (&writer, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (out->len, <=, vc_xdr_max (signature));
  for (guint n = 0; n < out->len; n++)
    {
      g_autofree guint8 *cut = g_memdup2 (out->data, n);

      g_assert_false (vc_xdr_read (&reader, signature, cut, n, NULL));
    }
  vc_xdr_read (&reader, signature, out->data, out->len, &error);
  g_assert_no_error (error);
  sample_read (&reader);
}

/* Every row's messages can be written and read, and no part of one is a message. */
static void
test_rounds (void)
{
  for (guint i = 0; i < VC_N_CALLS; i++)
    {
      assert_round (vc_calls[i].takes);
      assert_round (vc_calls[i].gives);
    }
  for (guint i = 0; i < VC_N_TELLS; i++)
    assert_round (vc_tells[i].gives);
}

static void
test_find (void)
{
  for (guint i = 0; i < VC_N_CALLS; i++)
    {
      g_assert_true (vc_call_find (vc_calls[i].program, vc_calls[i].number) == &vc_calls[i]);
      g_assert_true (i == 0 || vc_calls[i - 1].program < vc_calls[i].program
                     || vc_calls[i - 1].number < vc_calls[i].number);
    }
  g_assert_null (vc_call_find (VC_PROGRAM_REMOTE, 0));
  g_assert_null (vc_call_find (VC_PROGRAM_REMOTE, G_MAXUINT32));
  g_assert_null (vc_call_find (VC_PROGRAM_QEMU, 66));
  for (guint i = 0; i < VC_N_TELLS; i++) /* what is told cannot be called */
    g_assert_null (vc_call_find (vc_tells[i].program, vc_tells[i].number));
}

/* What changes something is not to be had over a read-only connection. */
static void
test_rights (void)
{
  static const char *const words[]
      = { "_CREATE",  "_DEFINE_",  "_DESTROY", "_UNDEFINE", "_SET_",    "_ATTACH_", "_DETACH_",
          "_UPDATE_", "_SHUTDOWN", "_REBOOT",  "_RESET",    "_SUSPEND", "_RESUME",  "_SAVE",
          "_RESTORE", "_BUILD",    "_DELETE",  "_REFRESH",  "_RESIZE",  "_COMMAND", "_CONSOLE",
          "_SEND_",   "_INJECT_",  "_EJECT",   "_INSERT",   NULL };

  for (guint i = 0; i < VC_N_CALLS; i++)
    {
      gboolean changes = vc_calls[i].program == VC_PROGRAM_QEMU;

      for (guint w = 0; words[w] != NULL; w++)
        changes |= strstr (vc_calls[i].symbol, words[w]) != NULL;
      if (changes && strstr (vc_calls[i].symbol, "_HAS_") == NULL)
        g_assert_cmpint (vc_calls[i].right, ==, VC_MAY_WRITE);
    }
}

static void
assert_error (const GError *why, const VcCall *call, int code, int from, const char *message)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  VcXdrWriter writer;
  VcXdrReader reader;

  vc_xdr_write (&writer, VC_WIRE_SIGNATURE, out, VC_FRAME_MAX);
  vc_wire_put_error (&writer, call, why);
  vc_xdr_is_written (&writer, &error);
  g_assert_no_error (error);
  vc_xdr_read (&reader, VC_WIRE_SIGNATURE, out->data, out->len, &error);
  g_assert_no_error (error);
  g_assert_cmpint (vc_xdr_read_int (&reader), ==, code);
  g_assert_cmpint (vc_xdr_read_int (&reader), ==, from);
  g_assert_cmpstr (vc_xdr_read_text_or_null (&reader), ==, message);
}

static void
test_errors (void)
{
  g_autoptr (GError) no_domain = NULL, state = NULL, network = NULL, other = NULL, bytes = NULL, rpc = NULL;

  vc_wire_fail (&no_domain, VC_WIRE_NO_DOMAIN, "no domain with matching name '%s'", "x");
  assert_error (no_domain, &vc_calls[VC_CALL_DOMAIN_LOOKUP_BY_NAME], 42, 10,
                "Domain not found: no domain with matching name 'x'");
  vc_fail (&state, VC_ERROR_STATE, "domain is not running");
  assert_error (state, &vc_calls[VC_CALL_DOMAIN_RESUME], 55, 10,
                "Requested operation is not valid: domain is not running");
  vc_wire_fail (&network, VC_WIRE_NO_NETWORK, "no network");
  assert_error (network, &vc_calls[VC_CALL_NETWORK_LOOKUP_BY_NAME], 43, 19, "Network not found: no network");
  other = g_error_new (G_KEY_FILE_ERROR, 1, "from elsewhere");
  assert_error (other, &vc_calls[VC_CALL_DOMAIN_RESUME], 1, 10, "internal error: from elsewhere");
  vc_fail (&bytes, VC_ERROR_FAILED, "\xff");
  assert_error (bytes, &vc_calls[VC_CALL_DOMAIN_RESUME], 9, 10, "operation failed: \xef\xbf\xbd");
  vc_wire_fail (&rpc, VC_WIRE_RPC, "unknown procedure: 9");
  assert_error (rpc, NULL, 39, 7, "unknown procedure: 9");
}

/* Every code of ours has a number of libvirt's, and every number has words. */
static void
test_codes (void)
{
  for (int code = VC_ERROR_FAILED; code <= VC_ERROR_QEMU; code++)
    {
      g_autoptr (GByteArray) out = g_byte_array_new ();
      g_autoptr (GError) error = NULL;
      VcXdrWriter writer;

      vc_fail (&error, (VcErrorCode) code, "x");
      vc_xdr_write (&writer, VC_WIRE_SIGNATURE, out, VC_FRAME_MAX);
      vc_wire_put_error (&writer, NULL, error);
      g_assert_true (vc_xdr_is_written (&writer, NULL));
    }
}

/* Whatever can be called has the name it is refused by; what can not, too. */
static void
test_names (void)
{
  for (guint i = 0; i < VC_N_CALLS; i++)
    {
      const char *name = vc_call_name (vc_calls[i].program, vc_calls[i].number);

      if (name != NULL)
        g_assert_cmpstr (name, ==, vc_calls[i].api);
    }
  g_assert_cmpstr (vc_call_name (VC_PROGRAM_REMOTE, 1), ==, "ConnectOpen");
  g_assert_cmpstr (vc_call_name (VC_PROGRAM_REMOTE, 250), ==, "NodeSuspendForDuration");
  g_assert_cmpstr (vc_call_name (VC_PROGRAM_REMOTE, 443), ==, "DomainFDAssociate");
  g_assert_cmpstr (vc_call_name (VC_PROGRAM_QEMU, 3), ==, "DomainQemuAgentCommand");
  g_assert_null (vc_call_name (VC_PROGRAM_REMOTE, 0));
  g_assert_null (vc_call_name (VC_PROGRAM_REMOTE, 444));
  g_assert_null (vc_call_name (VC_PROGRAM_REMOTE, 107)); /* an event */
  g_assert_null (vc_call_name (VC_PROGRAM_KEEPALIVE, 1));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/calls/rounds", test_rounds);
  g_test_add_func ("/calls/find", test_find);
  g_test_add_func ("/calls/rights", test_rights);
  g_test_add_func ("/calls/errors", test_errors);
  g_test_add_func ("/calls/codes", test_codes);
  g_test_add_func ("/calls/names", test_names);
  return g_test_run ();
}
