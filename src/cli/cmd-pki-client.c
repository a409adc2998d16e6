/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/pki.h"

static const VcField options[]
    = { VC_NAMES (VcPkiOptions, names, "NAME...", .flags = VC_REQUIRED,
                  .doc
                  = "name of the client, the certificate's common name; those after it are DNS names and IP "
                    "addresses"),
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
  return vc_pki_run_issue (cli, data, VC_PKI_CLIENT);
}

const VcCommand vc_command_pki_client = {
  .name = "pki-client",
  .words = "pki client",
  .summary = "make the certificate of a TLS client",
  .about
  = "Makes client-cert.pem and client-key.pem, signed by the CA in the same folder, for the end of a "
    "connection that connects (mode='connect'). A client needs them where the server asks for a certificate, "
    "which it does unless qemu.conf there says chardev_tls_x509_verify = 0.\n\n"
    "Done by root, the key belongs to the user QEMU runs as and nobody else can read it.",
  .options = options,
  .size = sizeof (VcPkiOptions),
  .run = run,
};
