/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * SoftHSM as a hardware token: the same PKCS#11 module, slots with a token marked removable and hardware.
 *
 * libcacard, and so QEMU's ccid-card-emulated with backend=nss-emulated (<smartcard mode='host'>),
 * mirrors only such slots into the guest. SoftHSM's spare slot stays unmarked: mirrored too, it would
 * put its empty token over the real one.
 *
 *   cc -shared -fPIC -o softhsm_removable.so softhsm_removable.c $(pkg-config --cflags nss) -ldl
 *   modutil -dbdir sql:DB -add SoftHSM -libfile $PWD/softhsm_removable.so -force
 *
 * VC_SOFTHSM names another libsofthsm2.so than Debian's. While the file that VC_SOFTHSM_EJECTED names
 * exists, no slot has a token.
 */
#include <dlfcn.h>
#include <pkcs11.h>
#include <stdlib.h>
#include <unistd.h>

static CK_FUNCTION_LIST functions;
static CK_FUNCTION_LIST_PTR real;

static CK_RV
get_removable_slot_info (CK_SLOT_ID slot, CK_SLOT_INFO_PTR info)
{
  const char *ejected = getenv ("VC_SOFTHSM_EJECTED");
  CK_TOKEN_INFO token;
  CK_RV rv = real->C_GetSlotInfo (slot, info);

  if (rv == CKR_OK && real->C_GetTokenInfo (slot, &token) == CKR_OK && token.flags & CKF_TOKEN_INITIALIZED)
    info->flags |= CKF_REMOVABLE_DEVICE | CKF_HW_SLOT;
  if (rv == CKR_OK && ejected && access (ejected, F_OK) == 0)
    info->flags &= ~(CK_FLAGS) CKF_TOKEN_PRESENT;
  return rv;
}

CK_RV
C_GetFunctionList (CK_FUNCTION_LIST_PTR_PTR ret)
{
  const char *path = getenv ("VC_SOFTHSM");
  void *module = dlopen (path ? path : "/usr/lib/softhsm/libsofthsm2.so", RTLD_NOW);
  CK_C_GetFunctionList get = module ? (CK_C_GetFunctionList) dlsym (module, "C_GetFunctionList") : NULL;

  if (!get || get (&real) != CKR_OK)
    return CKR_GENERAL_ERROR;
  functions = *real;
  functions.C_GetSlotInfo = get_removable_slot_info;
  *ret = &functions;
  return CKR_OK;
}
