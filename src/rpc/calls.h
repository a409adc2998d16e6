/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Every remote call virtcard answers, and every event it tells.  The numbers are libvirt's, for ever; so are
 * the names of its functions, which stand in errors.  Virtcard's own calls have a program of their own.
 * Signatures: xdr/xdr.h.
 *
 * One list, several readers: the enum, the table, the handlers (a test finds the missing ones), docs/rpc.md
 * and the names of the fuzz corpus. */

typedef enum
{
  VC_MAY_LOG_IN,  /* before it is known who it is              */
  VC_MAY_CONNECT, /* before a connection is open               */
  VC_MAY_READ,
  VC_MAY_WRITE, /* not over a read-only connection           */
} VcRight;

#define VC_PROGRAM_REMOTE    0x20008086u
#define VC_PROGRAM_QEMU      0x20008087u
#define VC_PROGRAM_KEEPALIVE 0x6b656570u
#define VC_PROGRAM_CARD      0x76636172u /* "vcar": virtcard's own */
#define VC_PROGRAM_VERSION   1u

#define NET    "sU"
#define POOL   "sU"
#define VOLUME "sss"
#define SECRET "Uis"
#define IFACE  "ss"

/* clang-format off */

/*       number symbol                    libvirt's function        takes      gives          right */
#define VC_CALLS(CALL)                                                                                         \
  CALL (  1, CONNECT_OPEN,                "ConnectOpen",                "Su",     "",           VC_MAY_CONNECT) \
  CALL (  2, CONNECT_CLOSE,               "ConnectClose",               "",       "",           VC_MAY_LOG_IN)  \
  CALL (  3, CONNECT_GET_TYPE,            "ConnectGetType",             "",       "s",          VC_MAY_READ)    \
  CALL (  4, CONNECT_GET_VERSION,         "ConnectGetVersion",          "",       "H",          VC_MAY_READ)    \
  CALL (  5, CONNECT_GET_MAX_VCPUS,       "ConnectGetMaxVcpus",         "S64",    "i",          VC_MAY_READ)    \
  CALL (  6, NODE_GET_INFO,               "NodeGetInfo",                "",       "c32Hiiiiii", VC_MAY_READ)    \
  CALL (  7, CONNECT_GET_CAPABILITIES,    "ConnectGetCapabilities",     "",       "s",          VC_MAY_READ)    \
  CALL (  8, DOMAIN_ATTACH_DEVICE,        "DomainAttachDevice",         "Ds",     "",           VC_MAY_WRITE)   \
  CALL (  9, DOMAIN_CREATE,               "DomainCreate",               "D",      "",           VC_MAY_WRITE)   \
  CALL ( 10, DOMAIN_CREATE_XML,           "DomainCreateXML",            "su",     "D",          VC_MAY_WRITE)   \
  CALL ( 11, DOMAIN_DEFINE_XML,           "DomainDefineXML",            "s",      "D",          VC_MAY_WRITE)   \
  CALL ( 12, DOMAIN_DESTROY,              "DomainDestroy",              "D",      "",           VC_MAY_WRITE)   \
  CALL ( 13, DOMAIN_DETACH_DEVICE,        "DomainDetachDevice",         "Ds",     "",           VC_MAY_WRITE)   \
  CALL ( 14, DOMAIN_GET_XML_DESC,         "DomainGetXMLDesc",           "Du",     "s",          VC_MAY_READ)    \
  CALL ( 15, DOMAIN_GET_AUTOSTART,        "DomainGetAutostart",         "D",      "i",          VC_MAY_READ)    \
  CALL ( 16, DOMAIN_GET_INFO,             "DomainGetInfo",              "D",      "uHHuH",      VC_MAY_READ)    \
  CALL ( 17, DOMAIN_GET_MAX_MEMORY,       "DomainGetMaxMemory",         "D",      "H",          VC_MAY_READ)    \
  CALL ( 18, DOMAIN_GET_MAX_VCPUS,        "DomainGetMaxVcpus",          "D",      "i",          VC_MAY_READ)    \
  CALL ( 19, DOMAIN_GET_OS_TYPE,          "DomainGetOSType",            "D",      "s",          VC_MAY_READ)    \
  CALL ( 20, DOMAIN_GET_VCPUS,           "DomainGetVcpus",             "Dii",    "[uiHi]o8388608", VC_MAY_READ) \
  CALL ( 21, CONNECT_LIST_DEFINED_DOMAINS, "ConnectListDefinedDomains", "i",      "[s]",        VC_MAY_READ)    \
  CALL ( 22, DOMAIN_LOOKUP_BY_ID,         "DomainLookupByID",           "i",      "D",          VC_MAY_READ)    \
  CALL ( 23, DOMAIN_LOOKUP_BY_NAME,       "DomainLookupByName",         "s4096",  "D",          VC_MAY_READ)    \
  CALL ( 24, DOMAIN_LOOKUP_BY_UUID,       "DomainLookupByUUID",         "U",      "D",          VC_MAY_READ)    \
  CALL ( 25, CONNECT_NUM_OF_DEFINED_DOMAINS, "ConnectNumOfDefinedDomains", "",    "i",          VC_MAY_READ)    \
  CALL ( 27, DOMAIN_REBOOT,               "DomainReboot",               "Du",     "",           VC_MAY_WRITE)   \
  CALL ( 28, DOMAIN_RESUME,               "DomainResume",               "D",      "",           VC_MAY_WRITE)   \
  CALL ( 29, DOMAIN_SET_AUTOSTART,        "DomainSetAutostart",         "Di",     "",           VC_MAY_WRITE)   \
  CALL ( 30, DOMAIN_SET_MAX_MEMORY,      "DomainSetMaxMemory",         "DH",     "",           VC_MAY_WRITE)    \
  CALL ( 31, DOMAIN_SET_MEMORY,          "DomainSetMemory",            "DH",     "",           VC_MAY_WRITE)    \
  CALL ( 32, DOMAIN_SET_VCPUS,           "DomainSetVcpus",             "Du",     "",           VC_MAY_WRITE)    \
  CALL ( 33, DOMAIN_SHUTDOWN,             "DomainShutdown",             "D",      "",           VC_MAY_WRITE)   \
  CALL ( 34, DOMAIN_SUSPEND,              "DomainSuspend",              "D",      "",           VC_MAY_WRITE)   \
  CALL ( 35, DOMAIN_UNDEFINE,             "DomainUndefine",             "D",      "",           VC_MAY_WRITE)   \
  CALL ( 36, CONNECT_LIST_DEFINED_NETWORKS, "ConnectListDefinedNetworks", "i",    "[s]",        VC_MAY_READ)    \
  CALL ( 37, CONNECT_LIST_DOMAINS,        "ConnectListDomains",         "i",      "[i]",        VC_MAY_READ)    \
  CALL ( 38, CONNECT_LIST_NETWORKS,       "ConnectListNetworks",        "i",      "[s]",        VC_MAY_READ)    \
  CALL ( 39, NETWORK_CREATE,             "NetworkCreate",  NET, "", VC_MAY_WRITE) \
  CALL ( 41, NETWORK_DEFINE_XML,         "NetworkDefineXML", "s", NET, VC_MAY_WRITE) \
  CALL ( 42, NETWORK_DESTROY,            "NetworkDestroy", NET, "", VC_MAY_WRITE) \
  CALL ( 43, NETWORK_GET_XML_DESC,       "NetworkGetXMLDesc", NET "u", "s", VC_MAY_READ) \
  CALL ( 44, NETWORK_GET_AUTOSTART,      "NetworkGetAutostart", NET, "i", VC_MAY_READ) \
  CALL ( 45, NETWORK_GET_BRIDGE_NAME,    "NetworkGetBridgeName", NET, "s", VC_MAY_READ) \
  CALL ( 46, NETWORK_LOOKUP_BY_NAME,      "NetworkLookupByName",        "s4096",  NET,          VC_MAY_READ)    \
  CALL ( 47, NETWORK_LOOKUP_BY_UUID,      "NetworkLookupByUUID",        "U",      NET,          VC_MAY_READ)    \
  CALL ( 48, NETWORK_SET_AUTOSTART,      "NetworkSetAutostart", NET "i", "", VC_MAY_WRITE) \
  CALL ( 49, NETWORK_UNDEFINE,           "NetworkUndefine", NET, "", VC_MAY_WRITE) \
  CALL ( 50, CONNECT_NUM_OF_DEFINED_NETWORKS, "ConnectNumOfDefinedNetworks", "",  "i",          VC_MAY_READ)    \
  CALL ( 51, CONNECT_NUM_OF_DOMAINS,      "ConnectNumOfDomains",        "",       "i",          VC_MAY_READ)    \
  CALL ( 52, CONNECT_NUM_OF_NETWORKS,     "ConnectNumOfNetworks",       "",       "i",          VC_MAY_READ)    \
  CALL ( 54, DOMAIN_RESTORE,              "DomainRestore",              "s4096",  "",           VC_MAY_WRITE)   \
  CALL ( 55, DOMAIN_SAVE,                 "DomainSave",                 "Ds4096", "",           VC_MAY_WRITE)   \
  CALL ( 56, DOMAIN_GET_SCHEDULER_TYPE,   "DomainGetSchedulerType",     "D",      "si",         VC_MAY_READ)    \
  CALL ( 59, CONNECT_GET_HOSTNAME,        "ConnectGetHostname",         "",       "s",          VC_MAY_READ)    \
  CALL ( 60, CONNECT_SUPPORTS_FEATURE,    "ConnectSupportsFeature",     "i",      "i",          VC_MAY_CONNECT) \
  CALL ( 64, DOMAIN_BLOCK_STATS,         "DomainBlockStats",           "Ds4096", "hhhhh",      VC_MAY_READ)     \
  CALL ( 65, DOMAIN_INTERFACE_STATS,     "DomainInterfaceStats",       "Ds4096", "hhhhhhhh",   VC_MAY_READ)     \
  CALL ( 66, AUTH_LIST,                   "AuthList",                   "",       "[i]20",      VC_MAY_LOG_IN) \
  CALL ( 67, AUTH_SASL_INIT,              "AuthSaslInit",               "",       "s4096",      VC_MAY_LOG_IN)  \
  CALL ( 68, AUTH_SASL_START,             "AuthSaslStart",              "s4096i[i]65536", "ii[i]65536", VC_MAY_LOG_IN) \
  CALL ( 69, AUTH_SASL_STEP,              "AuthSaslStep",               "i[i]65536", "ii[i]65536", VC_MAY_LOG_IN) \
  CALL ( 71, CONNECT_NUM_OF_STORAGE_POOLS, "ConnectNumOfStoragePools",  "",       "i",          VC_MAY_READ)    \
  CALL ( 72, CONNECT_LIST_STORAGE_POOLS,  "ConnectListStoragePools",    "i",      "[s]",        VC_MAY_READ)    \
  CALL ( 73, CONNECT_NUM_OF_DEFINED_STORAGE_POOLS, "ConnectNumOfDefinedStoragePools", "", "i",  VC_MAY_READ)    \
  CALL ( 74, CONNECT_LIST_DEFINED_STORAGE_POOLS, "ConnectListDefinedStoragePools", "i", "[s]",  VC_MAY_READ)    \
  CALL ( 76, STORAGE_POOL_CREATE_XML,    "StoragePoolCreateXML", "su", POOL, VC_MAY_WRITE) \
  CALL ( 77, STORAGE_POOL_DEFINE_XML,    "StoragePoolDefineXML", "su", POOL, VC_MAY_WRITE) \
  CALL ( 78, STORAGE_POOL_CREATE,        "StoragePoolCreate", POOL "u", "", VC_MAY_WRITE) \
  CALL ( 79, STORAGE_POOL_BUILD,         "StoragePoolBuild", POOL "u", "", VC_MAY_WRITE) \
  CALL ( 80, STORAGE_POOL_DESTROY,       "StoragePoolDestroy", POOL, "", VC_MAY_WRITE) \
  CALL ( 81, STORAGE_POOL_DELETE,        "StoragePoolDelete", POOL "u", "", VC_MAY_WRITE) \
  CALL ( 82, STORAGE_POOL_UNDEFINE,      "StoragePoolUndefine", POOL, "", VC_MAY_WRITE) \
  CALL ( 83, STORAGE_POOL_REFRESH,       "StoragePoolRefresh", POOL "u", "", VC_MAY_WRITE) \
  CALL ( 84, STORAGE_POOL_LOOKUP_BY_NAME, "StoragePoolLookupByName",    "s4096",  POOL,         VC_MAY_READ)    \
  CALL ( 85, STORAGE_POOL_LOOKUP_BY_UUID, "StoragePoolLookupByUUID",    "U",      POOL,         VC_MAY_READ)    \
  CALL ( 86, STORAGE_POOL_LOOKUP_BY_VOLUME, "StoragePoolLookupByVolume", VOLUME, POOL, VC_MAY_READ) \
  CALL ( 87, STORAGE_POOL_GET_INFO,      "StoragePoolGetInfo", POOL, "uHHH", VC_MAY_READ) \
  CALL ( 88, STORAGE_POOL_GET_XML_DESC,  "StoragePoolGetXMLDesc", POOL "u", "s", VC_MAY_READ) \
  CALL ( 89, STORAGE_POOL_GET_AUTOSTART, "StoragePoolGetAutostart", POOL, "i", VC_MAY_READ) \
  CALL ( 90, STORAGE_POOL_SET_AUTOSTART, "StoragePoolSetAutostart", POOL "i", "", VC_MAY_WRITE) \
  CALL ( 91, STORAGE_POOL_NUM_OF_VOLUMES, "StoragePoolNumOfVolumes", POOL, "i", VC_MAY_READ) \
  CALL ( 92, STORAGE_POOL_LIST_VOLUMES,  "StoragePoolListVolumes", POOL "i", "[s]", VC_MAY_READ) \
  CALL ( 93, STORAGE_VOL_CREATE_XML,     "StorageVolCreateXML", POOL "su", VOLUME, VC_MAY_WRITE) \
  CALL ( 94, STORAGE_VOL_DELETE,         "StorageVolDelete", VOLUME "u", "", VC_MAY_WRITE) \
  CALL ( 95, STORAGE_VOL_LOOKUP_BY_NAME, "StorageVolLookupByName", POOL "s4096", VOLUME, VC_MAY_READ) \
  CALL ( 96, STORAGE_VOL_LOOKUP_BY_KEY,   "StorageVolLookupByKey",      "s4096",  VOLUME,       VC_MAY_READ)    \
  CALL ( 97, STORAGE_VOL_LOOKUP_BY_PATH,  "StorageVolLookupByPath",     "s4096",  VOLUME,       VC_MAY_READ)    \
  CALL ( 98, STORAGE_VOL_GET_INFO,       "StorageVolGetInfo", VOLUME, "iHH", VC_MAY_READ) \
  CALL ( 99, STORAGE_VOL_GET_XML_DESC,   "StorageVolGetXMLDesc", VOLUME "u", "s", VC_MAY_READ) \
  CALL (100, STORAGE_VOL_GET_PATH,       "StorageVolGetPath", VOLUME, "s", VC_MAY_READ) \
  CALL (101, NODE_GET_CELLS_FREE_MEMORY,  "NodeGetCellsFreeMemory",     "ii",     "[H]1024",    VC_MAY_READ)    \
  CALL (102, NODE_GET_FREE_MEMORY,        "NodeGetFreeMemory",          "",       "H",          VC_MAY_READ)    \
  CALL (105, CONNECT_DOMAIN_EVENT_REGISTER, "ConnectDomainEventRegister", "",     "i",          VC_MAY_READ)    \
  CALL (106, CONNECT_DOMAIN_EVENT_DEREGISTER, "ConnectDomainEventDeregister", "", "i",          VC_MAY_READ)    \
  CALL (110, CONNECT_GET_URI,             "ConnectGetURI",              "",       "s",          VC_MAY_READ)    \
  CALL (111, NODE_NUM_OF_DEVICES,         "NodeNumOfDevices",           "S4096u", "i",          VC_MAY_READ)    \
  CALL (112, NODE_LIST_DEVICES,           "NodeListDevices",            "S4096iu", "[s]65536",  VC_MAY_READ)    \
  CALL (113, NODE_DEVICE_LOOKUP_BY_NAME,  "NodeDeviceLookupByName",     "s4096",  "s",          VC_MAY_READ)    \
  CALL (114, NODE_DEVICE_GET_XML_DESC,    "NodeDeviceGetXMLDesc",       "s4096u", "s",          VC_MAY_READ)    \
  CALL (115, NODE_DEVICE_GET_PARENT,     "NodeDeviceGetParent", "s4096", "S", VC_MAY_READ) \
  CALL (116, NODE_DEVICE_NUM_OF_CAPS,    "NodeDeviceNumOfCaps", "s4096", "i", VC_MAY_READ) \
  CALL (117, NODE_DEVICE_LIST_CAPS,      "NodeDeviceListCaps", "s4096i", "[s]65536", VC_MAY_READ) \
  CALL (121, DOMAIN_GET_SECURITY_LABEL,   "DomainGetSecurityLabel",     "D",      "C4097i",     VC_MAY_READ)    \
  CALL (122, NODE_GET_SECURITY_MODEL,     "NodeGetSecurityModel",       "",       "C257C257",   VC_MAY_READ)    \
  CALL (126, CONNECT_NUM_OF_INTERFACES,   "ConnectNumOfInterfaces",     "",       "i",          VC_MAY_READ)    \
  CALL (127, CONNECT_LIST_INTERFACES,     "ConnectListInterfaces",      "i",      "[s]",        VC_MAY_READ)    \
  CALL (128, INTERFACE_LOOKUP_BY_NAME,    "InterfaceLookupByName",      "s4096",  IFACE,        VC_MAY_READ)    \
  CALL (136, CONNECT_DOMAIN_XML_TO_NATIVE, "ConnectDomainXMLToNative",  "s256su", "s",          VC_MAY_WRITE)   \
  CALL (137, CONNECT_NUM_OF_DEFINED_INTERFACES, "ConnectNumOfDefinedInterfaces", "", "i",       VC_MAY_READ)    \
  CALL (138, CONNECT_LIST_DEFINED_INTERFACES, "ConnectListDefinedInterfaces", "i", "[s]",       VC_MAY_READ)    \
  CALL (139, CONNECT_NUM_OF_SECRETS,      "ConnectNumOfSecrets",        "",       "i",          VC_MAY_READ)    \
  CALL (140, CONNECT_LIST_SECRETS,        "ConnectListSecrets",         "i",      "[s]",        VC_MAY_READ)    \
  CALL (141, SECRET_LOOKUP_BY_UUID,       "SecretLookupByUUID",         "U",      SECRET,       VC_MAY_READ)    \
  CALL (142, SECRET_DEFINE_XML,           "SecretDefineXML",            "su",     SECRET,       VC_MAY_WRITE)   \
  CALL (143, SECRET_GET_XML_DESC,         "SecretGetXMLDesc",           SECRET "u", "s",        VC_MAY_READ)    \
  CALL (144, SECRET_SET_VALUE,            "SecretSetValue",             SECRET "o65536u", "",   VC_MAY_WRITE)   \
  CALL (145, SECRET_GET_VALUE,            "SecretGetValue",             SECRET "u", "o65536",   VC_MAY_WRITE)   \
  CALL (146, SECRET_UNDEFINE,             "SecretUndefine",             SECRET,   "",           VC_MAY_WRITE)   \
  CALL (147, SECRET_LOOKUP_BY_USAGE,      "SecretLookupByUsage",        "is",     SECRET,       VC_MAY_READ)    \
  CALL (149, CONNECT_IS_SECURE,           "ConnectIsSecure",            "",       "i",          VC_MAY_READ)    \
  CALL (150, DOMAIN_IS_ACTIVE,            "DomainIsActive",             "D",      "i",          VC_MAY_READ)    \
  CALL (151, DOMAIN_IS_PERSISTENT,        "DomainIsPersistent",         "D",      "i",          VC_MAY_READ)    \
  CALL (152, NETWORK_IS_ACTIVE,          "NetworkIsActive", NET, "i", VC_MAY_READ) \
  CALL (153, NETWORK_IS_PERSISTENT,      "NetworkIsPersistent", NET, "i", VC_MAY_READ) \
  CALL (154, STORAGE_POOL_IS_ACTIVE,     "StoragePoolIsActive", POOL, "i", VC_MAY_READ) \
  CALL (155, STORAGE_POOL_IS_PERSISTENT, "StoragePoolIsPersistent", POOL, "i", VC_MAY_READ) \
  CALL (157, CONNECT_GET_LIB_VERSION,     "ConnectGetLibVersion",       "",       "H",          VC_MAY_READ)    \
  CALL (159, DOMAIN_MEMORY_STATS,         "DomainMemoryStats",          "Duu",    "[iH]1024",   VC_MAY_READ)    \
  CALL (160, DOMAIN_ATTACH_DEVICE_FLAGS,  "DomainAttachDeviceFlags",    "Dsu",    "",           VC_MAY_WRITE)   \
  CALL (161, DOMAIN_DETACH_DEVICE_FLAGS,  "DomainDetachDeviceFlags",    "Dsu",    "",           VC_MAY_WRITE)   \
  CALL (163, DOMAIN_GET_JOB_INFO,         "DomainGetJobInfo",           "D",      "iHHHHHHHHHHH", VC_MAY_READ)  \
  CALL (164, DOMAIN_ABORT_JOB,           "DomainAbortJob",             "D",      "",           VC_MAY_WRITE)    \
  CALL (167, CONNECT_DOMAIN_EVENT_REGISTER_ANY, "ConnectDomainEventRegisterAny", "i", "",       VC_MAY_READ)    \
  CALL (168, CONNECT_DOMAIN_EVENT_DEREGISTER_ANY, "ConnectDomainEventDeregisterAny", "i", "",   VC_MAY_READ)    \
  CALL (174, DOMAIN_UPDATE_DEVICE_FLAGS,  "DomainUpdateDeviceFlags",    "Dsu",    "",           VC_MAY_WRITE)   \
  CALL (178, CONNECT_NUM_OF_NWFILTERS,    "ConnectNumOfNWFilters",      "",       "i",          VC_MAY_READ)    \
  CALL (179, CONNECT_LIST_NWFILTERS,      "ConnectListNWFilters",       "i",      "[s]",        VC_MAY_READ)    \
  CALL (182, DOMAIN_MANAGED_SAVE,        "DomainManagedSave",          "Du",     "",           VC_MAY_WRITE)    \
  CALL (183, DOMAIN_HAS_MANAGED_SAVE_IMAGE, "DomainHasManagedSaveImage", "Du",    "i",          VC_MAY_READ)    \
  CALL (184, DOMAIN_MANAGED_SAVE_REMOVE, "DomainManagedSaveRemove",    "Du",     "",           VC_MAY_WRITE)    \
  CALL (187, DOMAIN_SNAPSHOT_NUM,         "DomainSnapshotNum",          "Du",     "i",          VC_MAY_READ)    \
  CALL (188, DOMAIN_SNAPSHOT_LIST_NAMES,  "DomainSnapshotListNames",    "Diu",    "[s]",        VC_MAY_READ)    \
  CALL (189, DOMAIN_SNAPSHOT_LOOKUP_BY_NAME, "DomainSnapshotLookupByName", "Ds4096u", "sD",     VC_MAY_READ)    \
  CALL (190, DOMAIN_HAS_CURRENT_SNAPSHOT, "DomainHasCurrentSnapshot",   "Du",     "i",          VC_MAY_READ)    \
  CALL (191, DOMAIN_SNAPSHOT_CURRENT,     "DomainSnapshotCurrent",      "Du",     "sD",         VC_MAY_READ)    \
  CALL (194, DOMAIN_GET_BLOCK_INFO,      "DomainGetBlockInfo",         "Ds4096u", "HHH",        VC_MAY_READ)    \
  CALL (196, DOMAIN_CREATE_WITH_FLAGS,    "DomainCreateWithFlags",      "Du",     "D",          VC_MAY_WRITE)   \
  CALL (199, DOMAIN_SET_VCPUS_FLAGS,     "DomainSetVcpusFlags",        "Duu",    "",           VC_MAY_WRITE)    \
  CALL (200, DOMAIN_GET_VCPUS_FLAGS,      "DomainGetVcpusFlags",        "Du",     "i",          VC_MAY_READ)    \
  CALL (201, DOMAIN_OPEN_CONSOLE,         "DomainOpenConsole",          "DS4096u", "",          VC_MAY_WRITE)   \
  CALL (202, DOMAIN_IS_UPDATED,           "DomainIsUpdated",            "D",      "i",          VC_MAY_READ)    \
  CALL (204, DOMAIN_SET_MEMORY_FLAGS,    "DomainSetMemoryFlags",       "DHu",    "",           VC_MAY_WRITE)    \
  CALL (210, DOMAIN_INJECT_NMI,           "DomainInjectNMI",            "Du",     "",           VC_MAY_WRITE)   \
  CALL (211, DOMAIN_SCREENSHOT,          "DomainScreenshot",           "Duu",    "S256",       VC_MAY_WRITE)    \
  CALL (212, DOMAIN_GET_STATE,            "DomainGetState",             "Du",     "ii",         VC_MAY_READ)    \
  CALL (226, DOMAIN_SEND_KEY,             "DomainSendKey",              "Duu[u]16u", "",        VC_MAY_WRITE)   \
  CALL (227, NODE_GET_CPU_STATS,          "NodeGetCPUStats",            "iiu",    "[sH]16i",    VC_MAY_READ)    \
  CALL (228, NODE_GET_MEMORY_STATS,       "NodeGetMemoryStats",         "iiu",    "[sH]16i",    VC_MAY_READ)    \
  CALL (229, DOMAIN_GET_CONTROL_INFO,     "DomainGetControlInfo",       "Du",     "uuH",        VC_MAY_READ)    \
  CALL (230, DOMAIN_GET_VCPU_PIN_INFO,   "DomainGetVcpuPinInfo",       "Diiu",   "o8388608i",  VC_MAY_READ)     \
  CALL (231, DOMAIN_UNDEFINE_FLAGS,       "DomainUndefineFlags",        "Du",     "",           VC_MAY_WRITE)   \
  CALL (232, DOMAIN_SAVE_FLAGS,           "DomainSaveFlags",            "Ds4096Su", "",         VC_MAY_WRITE)   \
  CALL (233, DOMAIN_RESTORE_FLAGS,        "DomainRestoreFlags",         "s4096Su", "",          VC_MAY_WRITE)   \
  CALL (234, DOMAIN_DESTROY_FLAGS,        "DomainDestroyFlags",         "Du",     "",           VC_MAY_WRITE)   \
  CALL (235, DOMAIN_SAVE_IMAGE_GET_XML_DESC, "DomainSaveImageGetXMLDesc",  "s4096u", "s",          VC_MAY_WRITE) \
  CALL (243, DOMAIN_BLOCK_STATS_FLAGS,   "DomainBlockStatsFlags",      "Ds4096iu", "[P]16i",     VC_MAY_READ)   \
  CALL (245, DOMAIN_RESET,                "DomainReset",                "Du",     "",           VC_MAY_WRITE)   \
  CALL (258, DOMAIN_SHUTDOWN_FLAGS,       "DomainShutdownFlags",        "Du",     "",           VC_MAY_WRITE)   \
  CALL (260, STORAGE_VOL_RESIZE,         "StorageVolResize", VOLUME "Hu", "", VC_MAY_WRITE) \
  CALL (263, DOMAIN_GET_DISK_ERRORS,     "DomainGetDiskErrors",        "Duu",    "[s4096i]256i", VC_MAY_READ)   \
  CALL (264, DOMAIN_SET_METADATA,         "DomainSetMetadata",          "DiSS4096S4096u", "",   VC_MAY_WRITE)   \
  CALL (265, DOMAIN_GET_METADATA,         "DomainGetMetadata",          "DiS4096u", "s",        VC_MAY_READ)    \
  CALL (273, CONNECT_LIST_ALL_DOMAINS,    "ConnectListAllDomains",      "iu",     "[D]u",       VC_MAY_READ)    \
  CALL (274, DOMAIN_LIST_ALL_SNAPSHOTS,   "DomainListAllSnapshots",     "Diu",    "[sD]i",      VC_MAY_READ)    \
  CALL (278, DOMAIN_GET_SECURITY_LABEL_LIST, "DomainGetSecurityLabelList", "D",   "[C4097i]64i", VC_MAY_READ)   \
  CALL (280, DOMAIN_GET_EMULATOR_PIN_INFO, "DomainGetEmulatorPinInfo",   "Diu",    "o8388608i",  VC_MAY_READ)   \
  CALL (281, CONNECT_LIST_ALL_STORAGE_POOLS, "ConnectListAllStoragePools", "iu",  "[" POOL "]u", VC_MAY_READ)   \
  CALL (282, STORAGE_POOL_LIST_ALL_VOLUMES, "StoragePoolListAllVolumes", POOL "iu", "[" VOLUME "]u", VC_MAY_READ) \
  CALL (283, CONNECT_LIST_ALL_NETWORKS,   "ConnectListAllNetworks",     "iu",     "[" NET "]u", VC_MAY_READ)    \
  CALL (284, CONNECT_LIST_ALL_INTERFACES, "ConnectListAllInterfaces",   "iu",     "[" IFACE "]u", VC_MAY_READ)  \
  CALL (285, CONNECT_LIST_ALL_NODE_DEVICES, "ConnectListAllNodeDevices", "iu",    "[s]65536u",  VC_MAY_READ)    \
  CALL (286, CONNECT_LIST_ALL_NWFILTERS,  "ConnectListAllNWFilters",    "iu",     "[sU]u",      VC_MAY_READ)    \
  CALL (287, CONNECT_LIST_ALL_SECRETS,    "ConnectListAllSecrets",      "iu",     "[" SECRET "]u", VC_MAY_READ) \
  CALL (293, NODE_GET_CPU_MAP,            "NodeGetCPUMap",              "iiu",    "o2048ui",    VC_MAY_READ)    \
  CALL (312, CONNECT_GET_CPU_MODEL_NAMES, "ConnectGetCPUModelNames",    "s256iu", "[s]8192i",   VC_MAY_READ)    \
  CALL (313, CONNECT_NETWORK_EVENT_REGISTER_ANY, "ConnectNetworkEventRegisterAny", "i?(" NET ")", "i", VC_MAY_READ) \
  CALL (314, CONNECT_NETWORK_EVENT_DEREGISTER_ANY, "ConnectNetworkEventDeregisterAny", "i", "", VC_MAY_READ)    \
  CALL (316, CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, "ConnectDomainEventRegisterAny", "i?D",    "i",          VC_MAY_READ) \
  CALL (317, CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY, "ConnectDomainEventDeregisterAny", "i",      "",           VC_MAY_READ) \
  CALL (342, CONNECT_GET_DOMAIN_CAPABILITIES, "ConnectGetDomainCapabilities", "S4096S256S256S256u", "s",          VC_MAY_WRITE) \
  CALL (344, CONNECT_GET_ALL_DOMAIN_STATS, "ConnectGetAllDomainStats",  "[D]uu",  "[D[P]262144]", VC_MAY_READ)  \
  CALL (350, DOMAIN_DEFINE_XML_FLAGS,     "DomainDefineXMLFlags",       "su",     "D",          VC_MAY_WRITE)   \
  CALL (351, DOMAIN_GET_IOTHREAD_INFO,   "DomainGetIOThreadInfo",      "Du",     "[uo8192]16384u", VC_MAY_READ) \
  CALL (358, DOMAIN_RENAME,              "DomainRename",               "DS4096u", "i",          VC_MAY_WRITE)   \
  CALL (360, CONNECT_REGISTER_CLOSE_CALLBACK, "ConnectRegisterCloseCallback", "", "",           VC_MAY_READ)    \
  CALL (361, CONNECT_UNREGISTER_CLOSE_CALLBACK, "ConnectUnregisterCloseCallback", "", "",       VC_MAY_READ)    \
  CALL (368, CONNECT_STORAGE_POOL_EVENT_REGISTER_ANY, "ConnectStoragePoolEventRegisterAny", "i?(" POOL ")", "i", VC_MAY_READ) \
  CALL (369, CONNECT_STORAGE_POOL_EVENT_DEREGISTER_ANY, "ConnectStoragePoolEventDeregisterAny", "i", "", VC_MAY_READ) \
  CALL (374, CONNECT_NODE_DEVICE_EVENT_REGISTER_ANY, "ConnectNodeDeviceEventRegisterAny", "i?s4096", "i", VC_MAY_READ) \
  CALL (375, CONNECT_NODE_DEVICE_EVENT_DEREGISTER_ANY, "ConnectNodeDeviceEventDeregisterAny", "i", "", VC_MAY_READ) \
  CALL (378, STORAGE_VOL_GET_INFO_FLAGS, "StorageVolGetInfoFlags", VOLUME "u", "iHH", VC_MAY_READ) \
  CALL (380, CONNECT_SECRET_EVENT_REGISTER_ANY, "ConnectSecretEventRegisterAny", "i?(" SECRET ")", "i", VC_MAY_READ) \
  CALL (381, CONNECT_SECRET_EVENT_DEREGISTER_ANY, "ConnectSecretEventDeregisterAny", "i", "",   VC_MAY_READ)    \
  CALL (388, DOMAIN_MANAGED_SAVE_GET_XML_DESC, "DomainManagedSaveGetXMLDesc", "Du",     "s",          VC_MAY_WRITE) \
  CALL (391, STORAGE_POOL_LOOKUP_BY_TARGET_PATH, "StoragePoolLookupByTargetPath", "s4096", POOL, VC_MAY_READ)   \
  CALL (392, DOMAIN_DETACH_DEVICE_ALIAS,  "DomainDetachDeviceAlias",    "Ds4096u", "",          VC_MAY_WRITE)   \
  CALL (401, CONNECT_LIST_ALL_NWFILTER_BINDINGS, "ConnectListAllNWFilterBindings", "iu", "[ss]u", VC_MAY_READ)  \
  CALL (413, DOMAIN_LIST_ALL_CHECKPOINTS, "DomainListAllCheckpoints",   "Diu",    "[sD]i",      VC_MAY_READ)    \
  CALL (419, CONNECT_SET_IDENTITY,        "ConnectSetIdentity",         "[P]20u", "",           VC_MAY_WRITE)   \
  CALL (426, DOMAIN_GET_MESSAGES,         "DomainGetMessages",          "Du",     "[s]2048",    VC_MAY_READ) \
  CALL (436, NODE_DEVICE_IS_ACTIVE,      "NodeDeviceIsActive", "s4096", "i", VC_MAY_READ)

/* The same of libvirt's second program. */
#define VC_QEMU_CALLS(CALL)                                                                                    \
  CALL (  1, MONITOR_COMMAND,             "DomainQemuMonitorCommand",   "Dsu",    "s",          VC_MAY_WRITE)   \
  CALL (  4, MONITOR_EVENT_REGISTER,     "ConnectDomainQemuMonitorEventRegister", "?DS4096u", "i",          VC_MAY_WRITE) \
  CALL (  5, MONITOR_EVENT_DEREGISTER,    "ConnectDomainQemuMonitorEventDeregister", "i", "",   VC_MAY_WRITE)

/* What libvirt has no call for.  A daemon that does not know the program says so, and nothing else happens.
 * A card is named by its alias; none: the only one.  A list has alias, mode, controller and whether the card is
 * in its reader. */
#define VC_CARD_CALLS(CALL)                                                                                    \
  CALL (  1, CARD_LIST,                   "DomainListCards",            "Du",     "[ssui]1024", VC_MAY_READ)    \
  CALL (  2, CARD_EJECT,                  "DomainEjectCard",            "DS4096u", "",          VC_MAY_WRITE)   \
  CALL (  3, CARD_INSERT,                 "DomainInsertCard",           "DS4096u", "",          VC_MAY_WRITE)

/*       program              number symbol                     tells                                  */
#define VC_EVENTS(EVENT)                                                                                \
  EVENT (VC_PROGRAM_REMOTE, 107, DOMAIN_LIFECYCLE_OLD,          "Dii")   /* for who did not ask by 316 */ \
  EVENT (VC_PROGRAM_REMOTE, 169, DOMAIN_REBOOT_OLD,             "D")                                    \
  EVENT (VC_PROGRAM_REMOTE, 276, DOMAIN_BALLOON_CHANGE_OLD,     "DH")                                   \
  EVENT (VC_PROGRAM_REMOTE, 311, DOMAIN_DEVICE_REMOVED_OLD,     "Ds")                                   \
  EVENT (VC_PROGRAM_REMOTE, 315, NETWORK_LIFECYCLE,             "i" NET "ii")                           \
  EVENT (VC_PROGRAM_REMOTE, 318, DOMAIN_LIFECYCLE,              "iDii")                                 \
  EVENT (VC_PROGRAM_REMOTE, 319, DOMAIN_REBOOT,                 "iD")                                   \
  EVENT (VC_PROGRAM_REMOTE, 331, DOMAIN_BALLOON_CHANGE,         "iDH")                                  \
  EVENT (VC_PROGRAM_REMOTE, 333, DOMAIN_DEVICE_REMOVED,         "iDs")                                  \
  EVENT (VC_PROGRAM_REMOTE, 348, DOMAIN_AGENT_LIFECYCLE,        "iDii")                                 \
  EVENT (VC_PROGRAM_REMOTE, 354, DOMAIN_DEVICE_ADDED,           "iDs")                                  \
  EVENT (VC_PROGRAM_REMOTE, 367, DOMAIN_DEVICE_REMOVAL_FAILED,  "iDs")                                  \
  EVENT (VC_PROGRAM_REMOTE, 370, STORAGE_POOL_LIFECYCLE,        "i" POOL "ii")                          \
  EVENT (VC_PROGRAM_REMOTE, 373, STORAGE_POOL_REFRESH,          "i" POOL)                               \
  EVENT (VC_PROGRAM_REMOTE, 379, DOMAIN_METADATA_CHANGE,        "iDiS")                                 \
  EVENT (VC_PROGRAM_REMOTE, 382, SECRET_LIFECYCLE,              "i" SECRET "ii")                        \
  EVENT (VC_PROGRAM_REMOTE, 383, SECRET_VALUE_CHANGED,          "i" SECRET)                             \
  EVENT (VC_PROGRAM_QEMU,     6, MONITOR_EVENT,                 "iDshuS")

/* clang-format on */

typedef enum
{
#define CALL(number, symbol, api, takes, gives, right) VC_CALL_##symbol,
  VC_CALLS (CALL) VC_QEMU_CALLS (CALL) VC_CARD_CALLS (CALL)
#undef CALL
      VC_N_CALLS
} VcCallIndex;

typedef enum
{
#define EVENT(program, number, symbol, tells) VC_TELL_##symbol,
  VC_EVENTS (EVENT)
#undef EVENT
      VC_N_TELLS
} VcTell;

typedef struct
{
  guint32 program, number;
  const char *symbol;
  const char *api; /* libvirt's function, without its "vir" */
  const char *takes, *gives;
  VcRight right;
} VcCall;

extern const VcCall vc_calls[VC_N_CALLS];
extern const VcCall vc_tells[VC_N_TELLS]; /* only program, number, symbol and gives */

/* vc_call_find - a call by its number.  Returns: its row, or NULL */
const VcCall *vc_call_find (guint32 program, guint32 number);
