/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* libvirtcard: QEMU guests with virtual smartcards, held by a daemon or by this process.
 *
 *   g_autoptr (VirtcardConnect) connect = virtcard_connect_open (NULL, 0, &error);
 *   g_autoptr (VirtcardDomain) domain = connect ? virtcard_domain_find (connect, "web", &error) : NULL;
 *
 *   if (domain == NULL || !virtcard_domain_start (domain, 0, &error))
 *     g_printerr ("%s\n", error->message);
 *
 * Functions that can fail take GError ** last; the errors are of VIRTCARD_ERROR, and their codes are there to
 * be acted on.  A call returns when the other side has answered, however long that takes; when the other side
 * is gone, that is VIRTCARD_ERROR_GONE.  Where this process holds the guests (qemu:///embed) a call runs the
 * default main context meanwhile: what runs there then must not close that connection.  A connection, and all
 * that came from it, is for one thread, the one of the default main context; its callbacks come from there
 * and never from inside a call.
 *
 * Numbers of states, reasons, events and flags are libvirt's.
 *
 * Names: all that is exported begins with virtcard_, Virtcard or VIRTCARD_.  vc_ is the prefix of the
 * insides, where vc_domain_… and vc_guest_… are other things, which can change with every version.
 */

/* Errors. */

#define VIRTCARD_ERROR (virtcard_error_quark ())

typedef enum
{
  VIRTCARD_ERROR_FAILED = 0,      /* nothing more special to say                          */
  VIRTCARD_ERROR_INVALID = 1,     /* what was given is wrong; the message has the place   */
  VIRTCARD_ERROR_UNSUPPORTED = 2, /* right, but not with this QEMU or this build          */
  VIRTCARD_ERROR_NOT_FOUND = 3,
  VIRTCARD_ERROR_EXISTS = 4,
  VIRTCARD_ERROR_STATE = 5, /* not while the guest is in this state                 */
  VIRTCARD_ERROR_BUSY = 6,  /* try again later                                      */
  VIRTCARD_ERROR_DENIED = 7,
  VIRTCARD_ERROR_LIMIT = 8,    /* too large, too many, too deep                        */
  VIRTCARD_ERROR_PROTOCOL = 9, /* the other side broke the rules; the connection ended */
  VIRTCARD_ERROR_GONE = 10,    /* the other side, or a process, has vanished           */
  VIRTCARD_ERROR_QEMU = 11,    /* QEMU refused; its words are in the message           */
} VirtcardError;

/* virtcard_error_quark - the domain of all errors */
GQuark virtcard_error_quark (void);

/* virtcard_version - the version of the library: "0.1.0" */
const char *virtcard_version (void);

/* Connections. */

typedef struct VirtcardConnect VirtcardConnect;

typedef enum
{
  VIRTCARD_CONNECT_READ_ONLY = 1, /* nothing can be changed over it */
} VirtcardConnectFlags;

/* virtcard_connect_open - connect to who holds the guests
 *
 *   qemu+unix:///system?socket=PATH   the daemon that listens there; libvirt's daemon will do
 *   qemu:///system                    the system's virtcardd: /run/virtcard/virtcard-sock
 *   qemu:///session                   the user's own: virtcard/virtcard-sock in XDG_RUNTIME_DIR
 *   qemu:///embed?root=DIR            no daemon: this process holds what is kept below DIR, until it closes
 *   qemu:///embed                     the same for what belongs to this user, or to the system as root
 *
 *   qemu+tls://[USER@]HOST[:PORT]/system?PARAMETER=VALUE&...
 *                                     another host's virtcardd or libvirtd over TLS, port 16514: pkipath=DIR
 * is where cacert.pem, cacrl.pem, clientcert.pem and clientkey.pem are, if not in libvirt's places;
 * tls_priority=TEXT is one of GnuTLS; no_verify=1 takes whatever certificate the server has, no_sanity=1 its
 * own as they are
 *
 *   qemu+ssh://[USER@]HOST[:PORT]/system?PARAMETER=VALUE&...
 *                                     the same by way of ssh and of nc over there: socket=PATH is another
 * socket, keyfile=PATH a key, no_tty=1 asks nobody for passwords, no_verify=1 takes an unknown host,
 * command=PROGRAM and netcat=PROGRAM are run instead of ssh and nc
 *
 * The first three take root=DIR as well: the socket of the daemon that was started with --root DIR.  Where no
 * root is given, the environment variable VIRTCARD_ROOT names it.  uri NULL: virtcard_connect_choose (NULL).
 *
 * Guests that are started from an embedded connection outlive it, and are found again by the next one or by
 * a daemon.  Only one at a time can hold a root: VIRTCARD_ERROR_BUSY says who does.
 *
 * flags: VirtcardConnectFlags.
 *
 * Returns: new (free with virtcard_connect_close), or NULL with error.
 */
VirtcardConnect *virtcard_connect_open (const char *uri, guint flags, GError **error);

/* Certificates of the program's own. */

typedef struct VirtcardTls VirtcardTls;

/* virtcard_connect_open_tls - virtcard_connect_open with a say in TLS
 *
 * tls: borrowed for the call; NULL: libvirt's places and nobody to ask.  Certificates, keys and a fingerprint
 * are for qemu+tls only; what else it says counts where TLS is spoken.
 * All of connecting has 30 seconds, and then a server that does not answer for half a minute is
 * VIRTCARD_ERROR_GONE, where it agreed to be asked.
 *
 * Returns: as virtcard_connect_open.
 */
VirtcardConnect *virtcard_connect_open_tls (const char *uri, guint flags, const VirtcardTls *tls,
                                            GError **error);

/* virtcard_tls_new - Returns: new (free with virtcard_tls_free) */
VirtcardTls *virtcard_tls_new (void);

/* virtcard_tls_free - wipes what it holds; NULL is fine */
void virtcard_tls_free (VirtcardTls *tls);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VirtcardTls, virtcard_tls_free)

typedef enum
{
  VIRTCARD_TLS_CA_CERTIFICATE = 0, /* of those that may sign a server's certificate           */
  VIRTCARD_TLS_CA_CRL = 1,         /* certificates they have taken back                       */
  VIRTCARD_TLS_CLIENT_CERTIFICATE = 2,
  VIRTCARD_TLS_CLIENT_KEY = 3, /* without a passphrase                                       */
} VirtcardTlsPart;

/* virtcard_tls_set_… - give a part, in PEM
 *
 * Copied, and never written to a disk.  Once one part is given, none is looked for in libvirt's places: what
 * is not given is not there.  What is wrong with them is said when connecting.
 *
 * Returns: FALSE with error: too long, a file that cannot be read.
 */
gboolean virtcard_tls_set_data (VirtcardTls *tls, VirtcardTlsPart part, const char *pem, gsize len,
                                GError **error);
gboolean virtcard_tls_set_file (VirtcardTls *tls, VirtcardTlsPart part, const char *path, GError **error);

/* virtcard_tls_set_timeout - for the name, the connection, the handshake and the confirmation together */
void virtcard_tls_set_timeout (VirtcardTls *tls, guint seconds);

/* virtcard_tls_set_keepalive - after how many seconds of silence a server is asked whether it is there, and
 * how many questions it may leave unanswered; seconds 0: never.  Without this every 5 seconds, 5 questions */
void virtcard_tls_set_keepalive (VirtcardTls *tls, guint seconds, guint count);

/* A certificate that a server has shown; what it gives is borrowed.  Strings may hold anything a stranger
 * wrote: who shows them on a terminal makes them safe. */
typedef struct VirtcardCertificate VirtcardCertificate;

/* virtcard_certificate_host, …_port - the server, as it was asked for */
const char *virtcard_certificate_host (const VirtcardCertificate *certificate);
guint virtcard_certificate_port (const VirtcardCertificate *certificate);

const char *virtcard_certificate_subject (const VirtcardCertificate *certificate); /* "CN=web,O=us" */
const char *virtcard_certificate_issuer (const VirtcardCertificate *certificate);

/* virtcard_certificate_names - "DNS:web.example", "IP:10.0.0.1"; NULL ends them */
const char *const *virtcard_certificate_names (const VirtcardCertificate *certificate);

/* virtcard_certificate_not_… - the first and the last second it is valid, since 1970 */
gint64 virtcard_certificate_not_before (const VirtcardCertificate *certificate);
gint64 virtcard_certificate_not_after (const VirtcardCertificate *certificate);

/* virtcard_certificate_fingerprint - of its key, "SHA256:" and base64; it stays when a certificate is renewed
 * with the same key, and 'virtcard pki show' tells it on the server */
const char *virtcard_certificate_fingerprint (const VirtcardCertificate *certificate);

/* virtcard_certificate_digest - SHA-256 of the certificate itself, "ab:cd:…" */
const char *virtcard_certificate_digest (const VirtcardCertificate *certificate);

/* virtcard_certificate_signer - the next one the server has shown, which should be who signed this one; NULL:
 * there is none.  Nobody has checked anything of it but by the faults of the first. */
const VirtcardCertificate *virtcard_certificate_signer (const VirtcardCertificate *certificate);

/* virtcard_certificate_get_pem - the certificate itself; Returns: new string */
char *virtcard_certificate_get_pem (const VirtcardCertificate *certificate);

typedef enum
{
  VIRTCARD_FAULT_UNKNOWN_ISSUER = 1,
  VIRTCARD_FAULT_SELF_SIGNED = 2, /* together with UNKNOWN_ISSUER                          */
  VIRTCARD_FAULT_EXPIRED = 4,     /* it, or a CA it was signed by                          */
  VIRTCARD_FAULT_NOT_YET_VALID = 8,
  VIRTCARD_FAULT_WRONG_NAME = 16, /* it is for another host than the one asked for         */
  VIRTCARD_FAULT_REVOKED = 32,
  VIRTCARD_FAULT_UNKNOWN_REVOKED = 64, /* the CRL is out of date                           */
  VIRTCARD_FAULT_WEAK = 128,
  VIRTCARD_FAULT_WRONG_PURPOSE = 256, /* not for a TLS server                              */
  VIRTCARD_FAULT_OTHER = 512,
  VIRTCARD_FAULT_NOT_TRUSTED_BEFORE = 1024, /* no CA vouches for it, and it is not in the list  */
  VIRTCARD_FAULT_CHANGED = 2048, /* it is in the list with another key, also when a CA vouches for this one */
} VirtcardFault;

/* virtcard_certificate_faults - what is wrong with it, VirtcardFault; 0: nothing */
guint virtcard_certificate_faults (const VirtcardCertificate *certificate);

/* virtcard_certificate_problems - the same as sentences; NULL ends them */
const char *const *virtcard_certificate_problems (const VirtcardCertificate *certificate);

/* virtcard_connect_certificate - what the server of an open connection has shown, with the faults it was
 * accepted with
 *
 * Returns: borrowed from the connection; NULL: it is not over TLS.
 */
const VirtcardCertificate *virtcard_connect_certificate (const VirtcardConnect *connect);

/* Which servers are spoken to.
 *
 * The list of known servers has the keys of those that were trusted before.  A key that is in it stands in
 * for a CA and for a name in the certificate, and for nothing else.  A server that is in it with another key
 * is refused, by all but ASK_ALWAYS.  A certificate that was revoked is never accepted, whoever says so.  A
 * list that cannot be read lets nobody be spoken to. */
typedef enum
{
  VIRTCARD_POLICY_CA = 0,               /* those a CA vouches for; no list                         */
  VIRTCARD_POLICY_CA_OR_REMEMBERED = 1, /* and those that were trusted before                      */
  VIRTCARD_POLICY_ASK = 2,              /* and of all others those that the validator accepts       */
  VIRTCARD_POLICY_ASK_ALWAYS = 3, /* those that the validator accepts: it is asked about good ones too */
} VirtcardPolicy;

typedef enum
{
  VIRTCARD_DECISION_REJECT = 0,
  VIRTCARD_DECISION_ONCE = 1,     /* accept it for this connection                         */
  VIRTCARD_DECISION_REMEMBER = 2, /* and put its key into the list, for another that is there */
} VirtcardDecision;

/* VirtcardValidatorFn - may this server be spoken to?
 *
 * Called from inside virtcard_connect_open_tls, whose 30 seconds do not go on meanwhile.
 */
typedef VirtcardDecision (*VirtcardValidatorFn) (const VirtcardCertificate *certificate, gpointer data);

/* virtcard_tls_set_policy - which servers may be spoken to; without it VIRTCARD_POLICY_CA
 *
 * fn: the validator, for the two that ask.  But for VIRTCARD_POLICY_CA no CA's certificate has to be there.
 * no_verify=1 in a URI passes over all but ASK_ALWAYS and a fingerprint.
 */
void virtcard_tls_set_policy (VirtcardTls *tls, VirtcardPolicy policy, VirtcardValidatorFn fn, gpointer data);

/* virtcard_tls_set_known_servers - where the list is; NULL: virtcard/known_servers in XDG_CONFIG_HOME */
void virtcard_tls_set_known_servers (VirtcardTls *tls, const char *path);

/* virtcard_tls_set_fingerprint - the server's key has to be this one ("SHA256:…")
 *
 * It stands in the place of policy and list.  Returns: FALSE with VIRTCARD_ERROR_INVALID.
 */
gboolean virtcard_tls_set_fingerprint (VirtcardTls *tls, const char *fingerprint, GError **error);

/* Users with passwords. */

typedef struct VirtcardAuth VirtcardAuth;

/* virtcard_connect_open_auth - virtcard_connect_open_tls, of a server that may want a user to log in (SASL)
 *
 * tls, auth: borrowed for the call; either may be NULL.  The user is auth's, else the URI's USER@, else who
 * the callback says.  A server that was not verified (no_verify=1) is never shown the password itself.
 *
 * Returns: as virtcard_connect_open; VIRTCARD_ERROR_DENIED when the server does not let the user in: it does
 * not say why.
 */
VirtcardConnect *virtcard_connect_open_auth (const char *uri, guint flags, const VirtcardTls *tls,
                                             const VirtcardAuth *auth, GError **error);

/* virtcard_auth_new - Returns: new (free with virtcard_auth_free) */
VirtcardAuth *virtcard_auth_new (void);

/* virtcard_auth_free - wipes what it holds; NULL is fine */
void virtcard_auth_free (VirtcardAuth *auth);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VirtcardAuth, virtcard_auth_free)

/* virtcard_auth_set_user - who it is, instead of the URI's; NULL: the URI's */
void virtcard_auth_set_user (VirtcardAuth *auth, const char *user);

/* virtcard_auth_set_password… - give the password: as bytes, as what a file has, or what comes from a
 * descriptor until its end, which stays open.  Of the last two one end of line at their end is not part of it
 *
 * Returns: FALSE with error: none, too long, a file that cannot be read.
 */
gboolean virtcard_auth_set_password (VirtcardAuth *auth, const char *password, gsize len, GError **error);
gboolean virtcard_auth_set_password_file (VirtcardAuth *auth, const char *path, GError **error);
gboolean virtcard_auth_set_password_fd (VirtcardAuth *auth, int fd, GError **error);

typedef enum
{
  VIRTCARD_CREDENTIAL_USER = 0,
  VIRTCARD_CREDENTIAL_PASSWORD = 1,
} VirtcardCredential;

/* VirtcardCredentialFn - say what was not given
 *
 * user: whose password; NULL while the name is asked for.  host: of the URI; NULL: this host.  Called from
 * inside virtcard_connect_open_auth, while the server waits: virtcardd for two minutes.
 *
 * Returns: new string, which is wiped and freed with g_free; NULL: nothing, and the connection is not made.
 */
typedef char *(*VirtcardCredentialFn) (VirtcardCredential what, const char *user, const char *host,
                                       gpointer data);

/* virtcard_auth_set_callback - whom to ask for what was not given; fn NULL: nobody */
void virtcard_auth_set_callback (VirtcardAuth *auth, VirtcardCredentialFn fn, gpointer data);

typedef enum
{
  VIRTCARD_JOIN_REPLACE = 1, /* files that are there, instead of VIRTCARD_ERROR_EXISTS */
} VirtcardJoinFlags;

/* virtcard_join - get a certificate from a server that has invited this client ("virtcard invite" there)
 *
 * token is what was printed there; it is good once.  A server with another key than it says is told nothing.
 * Makes a key and stores it, which nobody else can read then, its certificate and the CA's in dir, named as
 * libvirt has them; dir NULL: where libvirt's clients look for those of this user, or of the system as root.
 * A CA's certificate that is there already stays, if it is of the server's CA.  flags: VirtcardJoinFlags.
 *
 * Returns: new string, the URI to connect to, or NULL with error: VIRTCARD_ERROR_DENIED, VIRTCARD_ERROR_STATE
 * for an invitation that is not good (any more); with VIRTCARD_ERROR_EXISTS and VIRTCARD_ERROR_INVALID it was
 * not used.
 */
char *virtcard_join (const char *token, const char *dir, guint flags, GError **error);

/* What keeps a connection from being made. */

typedef enum
{
  VIRTCARD_STEP_OK = 0,
  VIRTCARD_STEP_FAILED = 1,
  VIRTCARD_STEP_SKIPPED = 2, /* it was not come to, or did not count */
} VirtcardStepResult;

/* VirtcardStepFn - a step of connecting is over
 *
 * step: "name", "port", "handshake", ...; words: what was found, or why it failed, NULL: nothing is to be
 * said; advice: what to do, of a step that failed.  All are borrowed; words may hold what a stranger wrote.
 */
typedef void (*VirtcardStepFn) (const char *step, VirtcardStepResult result, const char *words,
                                const char *advice, gpointer data);

/* virtcard_connect_doctor - connect, tell of every step, make one harmless call, and close
 *
 * uri, flags, tls and auth as for virtcard_connect_open_auth, which goes the same way.
 *
 * Returns: TRUE when no step has failed.
 */
gboolean virtcard_connect_doctor (const char *uri, guint flags, const VirtcardTls *tls,
                                  const VirtcardAuth *auth, VirtcardStepFn fn, gpointer data);

/* virtcard_connect_choose - the URI to use for a root
 *
 * That of its daemon when one listens, else the embedded one.  root NULL: the environment variable
 * VIRTCARD_ROOT, else the places of this user, or of the system as root.
 *
 * Returns: new string, or NULL with error.
 */
char *virtcard_connect_choose (const char *root, GError **error);

/* virtcard_connect_close - end it; NULL is fine
 *
 * Guests run on.  Domains and consoles that came from it fail from here with VIRTCARD_ERROR_GONE and still
 * have to be freed.
 */
void virtcard_connect_close (VirtcardConnect *connect);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VirtcardConnect, virtcard_connect_close)

/* virtcard_connect_is_alive - can it still be used? */
gboolean virtcard_connect_is_alive (const VirtcardConnect *connect);

/* virtcard_connect_uri - the URI it was opened with; borrowed */
const char *virtcard_connect_uri (const VirtcardConnect *connect);

/* virtcard_connect_warnings - what is amiss and kept nobody from connecting
 *
 * Definitions that cannot be read, each with its place, where this process holds the guests; over TLS what is
 * amiss with the client's own certificates, one that will expire soon say.
 *
 * Returns: borrowed strings, NULL ends them.
 */
const char *const *virtcard_connect_warnings (const VirtcardConnect *connect);

/* VirtcardCloseFn - the other side has ended the connection; error (borrowed) says why */
typedef void (*VirtcardCloseFn) (VirtcardConnect *connect, const GError *error, gpointer data);

/* virtcard_connect_watch - be told, once, when it ends other than by virtcard_connect_close
 *
 * fn may close the connection.  fn NULL: no more.
 */
void virtcard_connect_watch (VirtcardConnect *connect, VirtcardCloseFn fn, gpointer data);

/* virtcard_connect_get_capabilities - the host, as XML; Returns: new string, or NULL with error */
char *virtcard_connect_get_capabilities (VirtcardConnect *connect, GError **error);

/* virtcard_connect_get_domain_capabilities - what a guest can have on this host, as XML
 *
 * Any of emulator, arch, machine and type ("kvm", "qemu") may be NULL: the usual one.
 *
 * Returns: new string, or NULL with error.
 */
char *virtcard_connect_get_domain_capabilities (VirtcardConnect *connect, const char *emulator,
                                                const char *arch, const char *machine, const char *type,
                                                GError **error);

/* Domains: guests, by reference.  One that was undefined or has ended keeps its reference, whose calls then
 * fail with VIRTCARD_ERROR_NOT_FOUND. */

typedef struct VirtcardDomain VirtcardDomain;

/* virtcard_domain_free - forget the reference; NULL is fine */
void virtcard_domain_free (VirtcardDomain *domain);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VirtcardDomain, virtcard_domain_free)

const char *virtcard_domain_name (const VirtcardDomain *domain); /* borrowed */
const char *virtcard_domain_uuid (const VirtcardDomain *domain); /* borrowed */

/* virtcard_domain_id - its number when it was found, -1: it did not run */
int virtcard_domain_id (const VirtcardDomain *domain);

typedef enum
{
  VIRTCARD_LIST_ALL = 0,
  VIRTCARD_LIST_ACTIVE = 1,
  VIRTCARD_LIST_INACTIVE = 2,
  VIRTCARD_LIST_PERSISTENT = 4,
  VIRTCARD_LIST_TRANSIENT = 8,
  VIRTCARD_LIST_RUNNING = 16,
  VIRTCARD_LIST_PAUSED = 32,
  VIRTCARD_LIST_SHUTOFF = 64,
  VIRTCARD_LIST_OTHER = 128, /* in another state */
  VIRTCARD_LIST_AUTOSTART = 1024,
  VIRTCARD_LIST_NO_AUTOSTART = 2048,
} VirtcardListFlags;

/* virtcard_connect_list - the domains that all of the filters let through
 *
 * flags: VirtcardListFlags; of those that exclude each other any.
 *
 * Returns: new array of VirtcardDomain * which frees them (g_ptr_array_unref), or NULL with error.
 */
GPtrArray *virtcard_connect_list (VirtcardConnect *connect, guint flags, GError **error);

/* virtcard_domain_find_… - one domain; Returns: new, or NULL with error: VIRTCARD_ERROR_NOT_FOUND */
VirtcardDomain *virtcard_domain_find_name (VirtcardConnect *connect, const char *name, GError **error);
VirtcardDomain *virtcard_domain_find_uuid (VirtcardConnect *connect, const char *uuid, GError **error);
VirtcardDomain *virtcard_domain_find_id (VirtcardConnect *connect, int id, GError **error);

/* virtcard_domain_find - the domain people mean: the one with this number, else UUID, else name
 *
 * Returns: as virtcard_domain_find_name.
 */
VirtcardDomain *virtcard_domain_find (VirtcardConnect *connect, const char *what, GError **error);

/* virtcard_domain_define - add a persistent description, or replace the one of that name and UUID
 *
 * It is on the disk when this returns.
 *
 * Returns: new, or NULL with error and nothing changed.
 */
VirtcardDomain *virtcard_domain_define (VirtcardConnect *connect, const char *xml, GError **error);

typedef enum
{
  VIRTCARD_START_PAUSED = 1,      /* held before its first instruction        */
  VIRTCARD_START_AUTODESTROY = 2, /* it ends when the connection does         */
} VirtcardStartFlags;

/* virtcard_domain_create - run a guest that is gone when it ends
 *
 * flags: VirtcardStartFlags.
 *
 * Returns: new, or NULL with error.
 */
VirtcardDomain *virtcard_domain_create (VirtcardConnect *connect, const char *xml, guint flags,
                                        GError **error);

typedef enum
{
  VIRTCARD_RESTORE_RUNNING = 2, /* however it was saved */
  VIRTCARD_RESTORE_PAUSED = 4,
} VirtcardRestoreFlags;

/* virtcard_domain_restore - run a guest from a file of virtcard_domain_save
 *
 * path is one of the host that holds the guests, and absolute.  The file stays.
 */
gboolean virtcard_domain_restore (VirtcardConnect *connect, const char *path, guint flags, GError **error);

/* virtcard_domain_undefine - forget its description; one that runs becomes transient */
gboolean virtcard_domain_undefine (VirtcardDomain *domain, GError **error);

/* Life.  TRUE: it is done, or, of shutdown and reboot, the guest was asked. */

gboolean virtcard_domain_start (VirtcardDomain *domain, guint flags, GError **error);
gboolean virtcard_domain_shutdown (VirtcardDomain *domain, GError **error);
gboolean virtcard_domain_reboot (VirtcardDomain *domain, GError **error);
gboolean virtcard_domain_reset (VirtcardDomain *domain, GError **error);
gboolean virtcard_domain_suspend (VirtcardDomain *domain, GError **error);
gboolean virtcard_domain_resume (VirtcardDomain *domain, GError **error);

typedef enum
{
  VIRTCARD_DESTROY_GRACEFUL = 1, /* QEMU is asked and not killed; VIRTCARD_ERROR_BUSY when it does not end */
} VirtcardDestroyFlags;

/* virtcard_domain_destroy - end it at once, as pulling its plug would */
gboolean virtcard_domain_destroy (VirtcardDomain *domain, guint flags, GError **error);

/* virtcard_domain_save - write its state to a file and end it
 *
 * path is one of the host that holds the guest, absolute, and nothing may be there.  flags:
 * VirtcardRestoreFlags, for the restore.  With an error the guest runs on and there is no file.
 */
gboolean virtcard_domain_save (VirtcardDomain *domain, const char *path, guint flags, GError **error);

/* Facts. */

typedef enum
{
  VIRTCARD_STATE_RUNNING = 1,
  VIRTCARD_STATE_PAUSED = 3,
  VIRTCARD_STATE_SHUTDOWN = 4, /* on its way off                       */
  VIRTCARD_STATE_SHUTOFF = 5,
  VIRTCARD_STATE_CRASHED = 6,
  VIRTCARD_STATE_PMSUSPENDED = 7,
} VirtcardState;

/* virtcard_domain_get_state - what it does, VirtcardState, and why; ret_reason may be NULL */
gboolean virtcard_domain_get_state (VirtcardDomain *domain, int *ret_state, int *ret_reason, GError **error);

/* virtcard_state_words - "shut off", and "destroyed" (NULL: no reason is known); borrowed, not to be freed */
const char *virtcard_state_words (int state, int reason, const char **ret_reason);

typedef struct
{
  int state;              /* VirtcardState                */
  guint64 max_memory_kib; /* what it can have             */
  guint64 memory_kib;     /* what it has                  */
  guint vcpus;            /* processors                   */
  guint64 cpu_ns;         /* time they took of the host's */
  char os_type[16];       /* "hvm"                        */
  gboolean is_active;     /* does it run?                 */
  gboolean is_persistent; /* will it be there afterwards? */
  gboolean has_autostart; /* does it start with the host? */
  gboolean is_updated;    /* was its description changed while it ran? */
} VirtcardDomainInfo;

gboolean virtcard_domain_get_info (VirtcardDomain *domain, VirtcardDomainInfo *ret_info, GError **error);

typedef enum
{
  VIRTCARD_STATS_STATE = 1,
  VIRTCARD_STATS_CPU = 2,
  VIRTCARD_STATS_BALLOON = 4,
  VIRTCARD_STATS_VCPU = 8,
  VIRTCARD_STATS_INTERFACE = 16,
  VIRTCARD_STATS_BLOCK = 32,
} VirtcardStatsFlags;

/* virtcard_domain_get_stats - numbers by name: "state.state", "cpu.time"
 *
 * flags: VirtcardStatsFlags; 0: all there are.
 *
 * Returns: new variant of type a(sv), in the order of the other side, or NULL with error.
 */
GVariant *virtcard_domain_get_stats (VirtcardDomain *domain, guint flags, GError **error);

typedef enum
{
  VIRTCARD_XML_SECURE = 1,   /* with passwords; not over a read-only connection */
  VIRTCARD_XML_INACTIVE = 2, /* the description, not what runs                  */
  VIRTCARD_XML_MIGRATABLE = 8,
} VirtcardXmlFlags;

/* virtcard_domain_get_xml - its description; Returns: new string, or NULL with error */
char *virtcard_domain_get_xml (VirtcardDomain *domain, guint flags, GError **error);

/* virtcard_domain_set_autostart - start it with the host, or do not */
gboolean virtcard_domain_set_autostart (VirtcardDomain *domain, gboolean on, GError **error);

/* Devices.  parts: VirtcardPart, ored; both are done or none. */

typedef enum
{
  VIRTCARD_PART_CURRENT = 0, /* what runs, if it runs; else the description */
  VIRTCARD_PART_LIVE = 1,    /* what runs                                   */
  VIRTCARD_PART_CONFIG = 2,  /* the description                             */
} VirtcardPart;

gboolean virtcard_domain_attach_device (VirtcardDomain *domain, const char *xml, guint parts, GError **error);
gboolean virtcard_domain_detach_device (VirtcardDomain *domain, const char *xml, guint parts, GError **error);
gboolean virtcard_domain_update_device (VirtcardDomain *domain, const char *xml, guint parts, GError **error);

/* virtcard_domain_detach_alias - detach the device of that <alias> */
gboolean virtcard_domain_detach_alias (VirtcardDomain *domain, const char *alias, guint parts,
                                       GError **error);

/* Cards of a guest that runs.  Only virtcard's daemon knows these calls, and qemu:///embed: any other answers
 * that it has no such program. */

typedef struct
{
  char *alias;
  char *mode;           /* "host", "host-certificates", "passthrough"  */
  guint reader;         /* index of the <controller type='ccid'>       */
  gboolean is_inserted; /* FALSE: it is out of its reader              */
} VirtcardCard;

/* virtcard_card_free - NULL is fine */
void virtcard_card_free (VirtcardCard *card);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VirtcardCard, virtcard_card_free)

/* virtcard_domain_list_cards - the cards of a running guest, those that are ejected too
 *
 * Returns: new array of VirtcardCard * which frees them (g_ptr_array_unref), or NULL with error.
 */
GPtrArray *virtcard_domain_list_cards (VirtcardDomain *domain, GError **error);

/* virtcard_domain_eject_card - take a card out of its reader, which stays
 *
 * alias NULL: the only card.  The card stays out until it is inserted or the guest ends.
 *
 * Returns: FALSE with error: VIRTCARD_ERROR_STATE when it is out already.
 */
gboolean virtcard_domain_eject_card (VirtcardDomain *domain, const char *alias, GError **error);

/* virtcard_domain_insert_card - put it back; VIRTCARD_ERROR_STATE when it is in its reader */
gboolean virtcard_domain_insert_card (VirtcardDomain *domain, const char *alias, GError **error);

/* virtcard_domain_monitor - send QEMU's monitor a command, for those who know what they do
 *
 * text is JSON with "execute", or, with human, a line for the monitor people type at.
 *
 * Returns: new string, QEMU's answer word for word, or NULL with error.
 */
char *virtcard_domain_monitor (VirtcardDomain *domain, const char *text, gboolean human, GError **error);

typedef enum
{
  VIRTCARD_CONSOLE_FORCE = 1, /* take it from who has it    */
  VIRTCARD_CONSOLE_SAFE = 2,  /* only when nobody has it    */
} VirtcardConsoleFlags;

/* virtcard_domain_open_console - join a console
 *
 * device: its alias; NULL: the first console, or else the first serial port.  Bytes go both ways while the
 * default main context runs.  The console's end is the end of the file; closing the file leaves the console.
 *
 * Returns: a new file descriptor, not blocking, or -1 with error.
 */
int virtcard_domain_open_console (VirtcardDomain *domain, const char *device, guint flags, GError **error);

/* Events. */

typedef enum
{
  VIRTCARD_EVENT_LIFECYCLE = 0, /* event and detail                              */
  VIRTCARD_EVENT_REBOOT = 1,
  VIRTCARD_EVENT_BALLOON_CHANGE = 13,        /* number: KiB                                   */
  VIRTCARD_EVENT_DEVICE_REMOVED = 15,        /* text: alias                                   */
  VIRTCARD_EVENT_AGENT_LIFECYCLE = 18,       /* event: 1 connected, 2 disconnected; detail: why */
  VIRTCARD_EVENT_DEVICE_ADDED = 19,          /* text: alias                                   */
  VIRTCARD_EVENT_DEVICE_REMOVAL_FAILED = 22, /* text: alias                                   */
  VIRTCARD_EVENT_METADATA_CHANGE = 23,       /* event: what of it; text: its URI, or NULL     */
  VIRTCARD_EVENT_MONITOR = 1000,             /* QEMU's own: text: its name; more: its data, JSON or NULL;
                                                number: microseconds since 1970               */
} VirtcardEventKind;

/* Borrowed, and only good for the call. */
typedef struct
{
  VirtcardEventKind kind;
  const char *name;  /* of the domain                        */
  const char *uuid;  /* of the domain                        */
  int id;            /* of the domain; -1: it does not run   */
  int event, detail; /* as the kind says                     */
  const char *text;  /* as the kind says                     */
  const char *more;  /* as the kind says                     */
  guint64 number;    /* as the kind says                     */
} VirtcardEvent;

/* VirtcardEventFn - something happened; may call anything but virtcard_connect_close */
typedef void (*VirtcardEventFn) (VirtcardConnect *connect, const VirtcardEvent *event, gpointer data);

/* virtcard_connect_listen - be told of the events of a kind
 *
 * domain NULL: of every domain.
 *
 * Returns: a number for virtcard_connect_unlisten, or 0 with error.
 */
guint virtcard_connect_listen (VirtcardConnect *connect, VirtcardEventKind kind, VirtcardDomain *domain,
                               VirtcardEventFn fn, gpointer data, GError **error);

/* virtcard_connect_unlisten - no more of that */
void virtcard_connect_unlisten (VirtcardConnect *connect, guint number);

/* virtcard_event_name - a kind's name: "lifecycle"; NULL: there is no such kind; not to be freed */
const char *virtcard_event_name (int kind);

/* virtcard_life_words - "Stopped", and "Shutdown" for its detail, of a lifecycle event; not to be freed */
const char *virtcard_life_words (int event, int detail, const char **ret_detail);

G_END_DECLS
