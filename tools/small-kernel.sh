#!/bin/sh
# Builds a kernel for qemu-system from Debian's sources, and prints its path.
#
#   tools/small-kernel.sh amd64|arm64 FOLDER
#
# It has what a program needs to run as /init, and no more: among it a network and a keyboard without modules, which no kernel of Debian has,
# and on arm64 pages of 64 KiB, which none has, either. Five or six minutes of one processor. A folder that is complete is left alone.
# Needs apt and dpkg (Debian), make, flex, bison, bc, gcc and, for arm64, gcc-aarch64-linux-gnu, not root.
set -eu

usage() {
  echo "usage: $0 amd64|arm64 FOLDER" >&2
  exit 2
}

[ $# -eq 2 ] || usage
enabled="PRINTK TTY BLK_DEV_INITRD BINFMT_ELF FUTEX EPOLL SIGNALFD TIMERFD EVENTFD SHMEM ADVISE_SYSCALLS MEMBARRIER RSEQ POSIX_TIMERS
  FILE_LOCKING INOTIFY_USER MULTIUSER BUG HIGH_RES_TIMERS
  NET UNIX INET IP_PNP PCI NETDEVICES VIRTIO_MENU VIRTIO_PCI VIRTIO_NET
  VT INPUT_KEYBOARD SYSFS PROC_FS PROC_SYSCTL"
disabled="IPV6 ETHTOOL_NETLINK"
case $1 in
amd64)
  export ARCH=x86_64
  image=arch/x86/boot/bzImage
  # qemu's own processor calls itself one of AMD's.
  enabled="$enabled 64BIT SERIAL_8250 SERIAL_8250_CONSOLE SERIO SERIO_I8042 KEYBOARD_ATKBD PROCESSOR_SELECT KERNEL_GZIP"
  # What comes with the above, and qemu's machine has not or nobody asks for: a quarter of the work. The folders of all makers' network cards
  # are looked into, and an initial file system may be compressed in seven ways; ours is not.
  disabled="$disabled INET_DIAG ETHERNET WLAN WIRELESS PTP_1588_CLOCK NETWORK_FILESYSTEMS PCIEASPM PCI_QUIRKS VGA_ARB
    INPUT_MOUSE SERIO_SERPORT HID HID_SUPPORT LEGACY_PTYS SCHED_DEBUG KERNEL_XZ XZ_DEC
    RD_GZIP RD_BZIP2 RD_LZMA RD_XZ RD_LZO RD_LZ4 RD_ZSTD
    CPU_SUP_INTEL CPU_SUP_HYGON CPU_SUP_CENTAUR CPU_SUP_ZHAOXIN
    PERF_EVENTS_INTEL_UNCORE PERF_EVENTS_INTEL_RAPL PERF_EVENTS_INTEL_CSTATE
    SERIAL_8250_PCI SERIAL_8250_EXAR SERIAL_8250_DWLIB SERIAL_8250_LPSS SERIAL_8250_MID SERIAL_8250_PERICOM"
  ;;
arm64)
  export ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-
  image=arch/arm64/boot/Image
  enabled="$enabled ARM64_64K_PAGES ARM64_VA_BITS_48 SERIAL_AMBA_PL011 SERIAL_AMBA_PL011_CONSOLE PCI_HOST_GENERIC VIRTIO_INPUT"
  disabled="$disabled ARM64_4K_PAGES ARM64_VA_BITS_39"
  ;;
*) usage ;;
esac
parent=$(dirname "$2")
mkdir -p "$parent"
parent=$(cd "$parent" && pwd)
folder=$parent/$(basename "$2")

# The folder appears by one rename at the end, so that its existence means that it is complete. The first run makes it, and others that
# come meanwhile wait for it.
if [ ! -d "$folder" ]; then
  exec 9>"$folder.lock"
  flock 9
fi
if [ ! -d "$folder" ]; then
  work=$(mktemp -d "$parent/tmp-kernel-XXXXXX")
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT TERM
  # The package without a version depends on the newest with one. As root, apt would drop to a user who cannot write here.
  package=$(apt-cache depends linux-source | awk '/Depends: linux-source/ { print $2; exit }')
  (cd "$work" && apt-get download --quiet --option APT::Sandbox::User=root "$package" >&2)
  dpkg-deb --fsys-tarfile "$work"/*.deb | tar -x --to-stdout "./usr/src/$package.tar.xz" | xz --decompress | tar -x -C "$work"
  cd "$work/$package"
  {
    make --silent tinyconfig
    for option in $enabled; do scripts/config --enable "$option"; done
    for option in $disabled; do scripts/config --disable "$option"; done
    make --silent olddefconfig
    # What depends on something else is left out without a word.
    for option in $enabled; do
      grep --quiet "^CONFIG_$option=y" .config || { echo "$0: this kernel cannot have $option" >&2; exit 1; }
    done
    make --silent --jobs "$(nproc)" "$(basename "$image")"
  } >&2
  mkdir "$work/made"
  mv "$image" "$work/made/vmlinuz-small"
  cd "$parent"
  mv -T "$work/made" "$folder"
fi
echo "$folder"/vmlinuz-*
