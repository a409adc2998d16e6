/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/kvm.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "host/child.h"
#include "host/reach.h"

/* How this works
 *
 * The probe guest boots QEMU's own firmware and then a boot sector that writes ANSWER to the
 * isa-debug-exit device, which ends QEMU with a status nothing else has.  The firmware is what matters:
 * where KVM is slow or stuck, a few instructions still run at once, while the firmware, which every PC
 * goes through, takes seconds or for ever.
 *
 * The answer is kept in a file named after the binary: boot id, size, time and path of the binary, and the
 * verdict.  Anything else in it is no answer.  Only the two verdicts are kept: when QEMU refuses it does so
 * quickly.
 */

#define DEVICE      "/dev/kvm"
#define ANSWER      0x10
#define ANSWERED    (ANSWER << 1 | 1) /* what isa-debug-exit makes of it          */
#define DISK_BYTES  (1024 * 1024)
#define MAX_WORDS   (16 * 1024) /* of QEMU                                  */
#define WORDS_SHOWN 400

/* mov al, ANSWER; out 0xf4, al; cli; hlt; jmp to hlt */
static const guint8 boot_sector[] = { 0xb0, ANSWER, 0xe6, 0xf4, 0xfa, 0xf4, 0xeb, 0xfd };

typedef enum
{
  UNKNOWN,
  WORKS,
  HANGS,
} Verdict;

static const char *const verdict_words[] = { [UNKNOWN] = "", [WORKS] = "works", [HANGS] = "hangs" };

/* What is asked once; NULL: it cannot be told, so that nothing is kept. */
static char *
get_subject (const char *binary)
{
  g_autofree char *boot = NULL;
  struct stat st;

  if (!g_file_get_contents ("/proc/sys/kernel/random/boot_id", &boot, NULL, NULL) || stat (binary, &st) < 0)
    return NULL;
  return g_strdup_printf ("%s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT ".%09ld %s", g_strstrip (boot),
                          (gint64) st.st_size, (gint64) st.st_mtim.tv_sec, st.st_mtim.tv_nsec, binary);
}

static char *
get_path (const VcKvm *kvm)
{
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, kvm->binary, -1);
  g_autofree char *name = g_strdup_printf ("kvm-%.16s", sum);

  return kvm->folder ? g_build_filename (kvm->folder, name, NULL) : NULL;
}

static Verdict
read_verdict (const char *path, const char *subject)
{
  g_autofree char *text = NULL;
  g_autofree char *works = g_strdup_printf ("%s\n%s\n", subject, verdict_words[WORKS]);
  g_autofree char *hangs = g_strdup_printf ("%s\n%s\n", subject, verdict_words[HANGS]);

  if (!path || !subject || !g_file_get_contents (path, &text, NULL, NULL))
    return UNKNOWN;
  return g_str_equal (text, works) ? WORKS : g_str_equal (text, hangs) ? HANGS : UNKNOWN;
}

static void
print_verdict (const char *path, const char *subject, Verdict verdict)
{
  g_autofree char *text = g_strdup_printf ("%s\n%s\n", subject, verdict_words[verdict]);

  if (path && subject)
    g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL);
}

/* In the child. */
static int
exec (gconstpointer data, int out)
{
  const char *const *argv = data;

  prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (fcntl (VC_CHILD_KEPT, F_SETFD, 0) < 0 || dup2 (out, 1) < 0 || dup2 (out, 2) < 0)
    return VC_CHILD_NO_EXEC;
  close (out);
  execv (argv[0], (char *const *) argv);
  return VC_CHILD_NO_EXEC;
}

static int
make_disk (GError **error)
{
  guint8 sector[512] = { 0 };
  int fd = memfd_create ("kvm-probe", MFD_CLOEXEC);

  memcpy (sector, boot_sector, sizeof boot_sector);
  sector[510] = 0x55;
  sector[511] = 0xaa;
  if (fd >= 0 && ftruncate (fd, DISK_BYTES) == 0 && pwrite (fd, sector, sizeof sector, 0) == sizeof sector)
    return fd;
  vc_fail_errno (error, errno, "cannot make the probe guest's disk");
  if (fd >= 0)
    close (fd);
  return -1;
}

static gboolean
run_probe (const VcKvm *kvm, VcChildResult *ret_result, GError **error)
{
  /* clang-format off */
  const char *argv[] = {
    kvm->binary, "-no-user-config", "-nodefaults", "-display", "none", "-machine", "pc,accel=kvm", "-m", "16",
    "-drive", "if=none,id=d,file=/proc/self/fd/" G_STRINGIFY (VC_CHILD_KEPT) ",format=raw,file.locking=off",
    "-device", "ide-hd,drive=d",
    "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
    NULL,
  };
  /* clang-format on */
  int disk = make_disk (error);
  gboolean made;

  if (disk < 0)
    return FALSE;
  made = vc_child_run (exec, argv, kvm->user, disk, kvm->timeout_ms ? kvm->timeout_ms : VC_KVM_TIMEOUT_MS,
                       MAX_WORDS, ret_result, error);
  close (disk);
  return made;
}

static gboolean
fail_hangs (const VcKvm *kvm, const char *path, GError **error)
{
  g_autofree char *again = path && g_file_test (path, G_FILE_TEST_EXISTS)
                               ? g_strdup_printf ("; remove '%s' to have it asked again", path)
                               : g_strdup ("");

  return vc_fail (error, VC_ERROR_UNSUPPORTED,
                  "KVM does not work here: a probe guest of '%s' did not answer in %g seconds (a guest with "
                  "<domain type='qemu'> needs no KVM%s)",
                  kvm->binary, (kvm->timeout_ms ? kvm->timeout_ms : VC_KVM_TIMEOUT_MS) / 1000.0, again);
}

/* The end of what QEMU wrote, as one line. */
static char *
last_words (const GByteArray *out)
{
  const char *text = (const char *) out->data;
  g_autofree char *valid
      = g_utf8_make_valid (out->len > WORDS_SHOWN ? text + out->len - WORDS_SHOWN : text, -1);

  g_strdelimit (g_strstrip (valid), "\r\n", ' ');
  return *valid ? g_steal_pointer (&valid) : g_strdup ("it said nothing");
}

static gboolean
fail_refused (const VcKvm *kvm, const VcChildResult *result, GError **error)
{
  g_autofree char *words = last_words (result->out);

  if (result->end == VC_CHILD_KILLED)
    return vc_fail (error, VC_ERROR_QEMU, "a probe guest of '%s' with KVM died of signal %d: %s", kvm->binary,
                    result->status, words);
  if (result->end == VC_CHILD_FLOODED)
    return vc_fail (error, VC_ERROR_QEMU, "a probe guest of '%s' with KVM wrote too much: %s", kvm->binary,
                    words);
  if (result->status == VC_CHILD_NO_USER)
    return vc_fail (error, VC_ERROR_DENIED, "cannot become user %s", kvm->user->name);
  if (result->status == VC_CHILD_NO_EXEC)
    return vc_fail (error, VC_ERROR_DENIED, "user %s cannot run '%s'", kvm->user->name, kvm->binary);
  return vc_fail (error, VC_ERROR_QEMU, "a probe guest of '%s' with KVM ended with status %d: %s",
                  kvm->binary, result->status, words);
}

static gboolean
probe (const VcKvm *kvm, GError **error)
{
  g_autofree char *path = get_path (kvm);
  g_autofree char *subject = get_subject (kvm->binary);
  Verdict before = read_verdict (path, subject);
  g_auto (VcChildResult) result = { 0 };

  if (before == WORKS)
    return TRUE;
  if (before == HANGS)
    return fail_hangs (kvm, path, error);
  if (!run_probe (kvm, &result, error))
    return FALSE;
  if (result.end == VC_CHILD_EXITED && result.status == ANSWERED)
    {
      print_verdict (path, subject, WORKS);
      return TRUE;
    }
  if (result.end != VC_CHILD_LATE)
    return fail_refused (kvm, &result, error);
  print_verdict (path, subject, HANGS);
  return fail_hangs (kvm, path, error);
}

gboolean
vc_kvm_check (const VcKvm *kvm, GError **error)
{
  const char *device = kvm->device ? kvm->device : DEVICE;

  if (access (device, F_OK) < 0 && errno == ENOENT)
    return vc_fail (
        error, VC_ERROR_UNSUPPORTED,
        "KVM is not available: '%s' does not exist (is the module kvm_intel or kvm_amd loaded, and "
        "virtualization switched on in the firmware?)",
        device);
  if (!vc_reach_check_one (kvm->user, device, VC_REACH_WRITE, "KVM is not available", error))
    return FALSE;
#if defined(__x86_64__) || defined(__i386__)
  return probe (kvm, error);
#else
  return TRUE;
#endif
}
