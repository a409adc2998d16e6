/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fields/known-tables.h"

/* Children of an element. */
const VcKnown vc_known_elements[] = {
  /* clang-format off */
  { "acpi", "table" },
  { "active_pcr_banks", "sha1 sha256 sha384 sha512" },
  { "adapter", "parentaddr" },
  { "address", "zpci" },
  { "audio", "input output" },
  { "auth", "secret" },
  { "backend", "active_pcr_banks device encryption log protocol source" },
  { "backingStore", "backingStore format source" },
  { "bandwidth", "inbound outbound" },
  { "baseBoard", "entry" },
  { "binary", "cache lock sandbox thread_pool" },
  { "bios", "entry" },
  { "blkiotune", "device weight" },
  { "cache", "line size" },
  { "cachetune", "cache monitor" },
  { "capabilities",
    "add audit_control audit_write block_suspend chown dac_override dac_read_search del fowner fsetid "
    "ipc_lock ipc_owner kill lease linux_immutable mac_admin mac_override mknod net_admin "
    "net_bind_service net_broadcast net_raw setfcap setgid setpcap setuid sys_admin sys_boot "
    "sys_chroot sys_module sys_nice sys_pacct sys_ptrace sys_rawio sys_resource sys_time "
    "sys_tty_config syslog wake_alarm" },
  { "cell", "cache distances" },
  { "channel", "address alias log protocol source target" },
  { "chassis", "entry" },
  { "clock", "timer" },
  { "coalesce", "rx" },
  { "commandline", "arg env" },
  { "console", "acpi address alias log protocol source target" },
  { "controller", "acpi address alias driver master model pcihole64 target" },
  { "cookies", "cookie" },
  { "cpu", "cache feature maxphysaddr model numa topology vendor" },
  { "cputune",
    "cachetune emulator_period emulator_quota emulatorpin emulatorsched global_period global_quota "
    "iothread_period iothread_quota iothreadpin iothreadsched memorytune period quota shares vcpupin "
    "vcpusched" },
  { "device", "frontend path read_bytes_sec read_iops_sec weight write_bytes_sec write_iops_sec" },
  { "devices",
    "audio channel console controller disk emulator filesystem graphics hostdev hub input interface "
    "iommu lease memballoon memory nvram panic parallel redirdev redirfilter rng serial shmem "
    "smartcard sound tpm video vsock watchdog" },
  { "disk",
    "acpi address alias auth backenddomain backingStore blockio boot driver encryption geometry "
    "iotune mirror privateData product readonly serial shareable source target transient vendor wwn" },
  { "distances", "sibling" },
  { "domain",
    "blkiotune bootloader bootloader_args capabilities clock commandline cpu cputune currentMemory "
    "datacenterpath defaultiothread deprecation description devices features genid idmap iothreadids "
    "iothreads keywrap launchSecurity maxMemory memory memoryBacking memtune metadata name namespace "
    "numatune on_crash on_lockfailure on_poweroff on_reboot os override perf pm resource seclabel "
    "sysinfo title uuid vcpu vcpus" },
  { "driver", "guest host metadata_cache" },
  { "encryption", "cipher ivgen secret" },
  { "features",
    "acpi apic capabilities ccf-assist cfpc gic hap hpt htm hyperv ibs ioapic kvm msrs nested-hv pae "
    "pmu privnet pvspinlock sbbc smm tcg viridian vmcoreinfo vmport xen" },
  { "filesystem",
    "acpi address alias binary boot driver readonly source space_hard_limit space_soft_limit target" },
  { "filterref", "parameter" },
  { "firmware", "feature" },
  { "format", "metadata_cache" },
  { "frontend", "property" },
  { "graphics", "audio channel clipboard filetransfer gl image jpeg listen mouse playback streaming zlib" },
  { "hostdev", "acpi address alias boot driver ip readonly rom route shareable source teaming" },
  { "hpt", "maxpagesize" },
  { "hub", "address alias" },
  { "hugepages", "page" },
  { "hyperv",
    "avic evmcs frequencies ipi reenlightenment relaxed reset runtime spinlocks stimer synic tlbflush "
    "vapic vendor_id vpindex" },
  { "idmap", "gid uid" },
  { "initiator", "iqn" },
  { "input", "acpi address alias driver settings source" },
  { "interconnects", "bandwidth latency" },
  { "interface",
    "acpi address alias backend backenddomain bandwidth boot coalesce downscript driver filterref "
    "guest ip link mac model mtu port portForward rom route script source target teaming tune "
    "virtualport vlan" },
  { "iommu", "acpi address alias driver" },
  { "iothreadids", "iothread" },
  { "iotune",
    "group_name read_bytes_sec read_bytes_sec_max read_bytes_sec_max_length read_iops_sec "
    "read_iops_sec_max read_iops_sec_max_length size_iops_sec total_bytes_sec total_bytes_sec_max "
    "total_bytes_sec_max_length total_iops_sec total_iops_sec_max total_iops_sec_max_length "
    "write_bytes_sec write_bytes_sec_max write_bytes_sec_max_length write_iops_sec write_iops_sec_max "
    "write_iops_sec_max_length" },
  { "keywrap", "cipher" },
  { "kvm", "dirty-ring hidden hint-dedicated poll-control pv-ipi" },
  { "label", "size" },
  { "launchSecurity", "cbitpos dhCert handle policy reducedPhysBits session" },
  { "lease", "key lockspace target" },
  { "memballoon", "acpi address alias driver stats" },
  { "memory", "acpi address alias source target uuid" },
  { "memoryBacking", "access allocation discard hugepages locked nosharepages source" },
  { "memorytune", "monitor node" },
  { "memtune", "hard_limit min_guarantee soft_limit swap_hard_limit" },
  { "metadata_cache", "max_size" },
  { "mirror", "backingStore format source" },
  { "model", "acceleration resolution" },
  { "namespace", "shareipc sharenet shareuts" },
  { "numa", "cell interconnects" },
  { "numatune", "memnode memory" },
  { "nvram", "address source" },
  { "oemStrings", "entry" },
  { "os",
    "acpi bios boot bootmenu cmdline dtb firmware init initarg initdir initenv initgroup initrd "
    "inituser kernel loader nvram root smbios type" },
  { "output", "settings" },
  { "override", "device" },
  { "panic", "address alias" },
  { "parallel", "acpi address alias log protocol source target" },
  { "parentaddr", "address" },
  { "perf", "event" },
  { "pm", "suspend-to-disk suspend-to-mem" },
  { "portForward", "range" },
  { "redirdev", "address alias boot log protocol source" },
  { "redirfilter", "usbdev" },
  { "reservations", "source" },
  { "resource", "fibrechannel partition" },
  { "rng", "acpi address alias backend driver rate" },
  { "rx", "frames" },
  { "seclabel", "baselabel imagelabel label" },
  { "serial", "acpi address alias log protocol source target" },
  { "shmem", "acpi address alias model msi server size" },
  { "slices", "slice" },
  { "smartcard", "acpi address certificate database log protocol source target" },
  { "smm", "tseg" },
  { "sound", "acpi address alias audio codec" },
  { "source",
    "adapter address alignsize auth block char clipboard config cookies encryption host identity "
    "initiator interface ip local mouse nodemask pagesize path pmem privateData product readahead "
    "reconnect reservations route seclabel slices snapshot ssl timeout vendor" },
  { "stimer", "direct" },
  { "sysinfo", "baseBoard bios chassis entry oemStrings system" },
  { "system", "entry" },
  { "target", "block current label model node readonly requested size" },
  { "tcg", "tb-cache" },
  { "timer", "catchup" },
  { "tpm", "address alias backend" },
  { "tune", "sndbuf" },
  { "vcpus", "vcpu" },
  { "video", "acpi address alias driver model" },
  { "virtualport", "parameters" },
  { "vlan", "tag" },
  { "vsock", "acpi address alias cid driver" },
  { "watchdog", "acpi address alias" },
  { "xen", "e820_host passthrough" },
  /* clang-format on */
};

const gsize vc_known_n_elements = G_N_ELEMENTS (vc_known_elements);
