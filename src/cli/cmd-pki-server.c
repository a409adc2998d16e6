/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/pki.h"

static const VcField options[]
    = { VC_NAMES (VcPkiOptions, names, "NAME...", .flags = VC_REQUIRED,
                  .doc
                  = "DNS names and IP addresses under which clients reach the server; the first is also the "
                    "certificate's common name"),
        VC_PKI_DIR_ROW (VcPkiOptions),
        VC_U32 (VcPkiOptions, days, "--days DAYS", .min = 1, .max = VC_PKI_MAX_DAYS,
                .doc = "how long it is valid, at most as long as its CA; without it 730"),
        VC_PKI_RSA_ROW (VcPkiOptions),
        VC_PKI_LIBVIRT_ROW (VcPkiOptions),
        VC_PKI_FORCE_ROW (VcPkiOptions),
        { 0 } };

static int
run (const VcCli *cli, gconstpointer data)
{
  return vc_pki_run_issue (cli, data, VC_PKI_SERVER);
}

const VcCommand vc_command_pki_server = {
  .name = "pki-server",
  .words = "pki server",
  .summary = "make the certificate of a TLS server",
  .about
  = "Makes server-cert.pem and server-key.pem, signed by the CA in the same folder, for the end of a "
    "connection that listens (mode='bind'), and dh-params.pem, a standard group (RFC 7919), without which "
    "QEMU takes up to 350 ms longer to start.\n\n"
    "Done by root, the key belongs to the user QEMU runs as and nobody else can read it. For another host, "
    "make them in a folder of their own with the CA's two files in it, and take all but ca-key.pem there.",
  .options = options,
  .size = sizeof (VcPkiOptions),
  .run = run,
};
