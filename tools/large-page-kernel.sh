#!/bin/sh
# Builds a kernel for arm64 whose pages have 64 KiB, for qemu-system, and prints its path. Debian has none.
#
#   tools/large-page-kernel.sh FOLDER
#
# It has what a program needs to run as /init, and no more: some four minutes of one processor. A folder that is complete is left alone.
# Needs apt and dpkg (Debian), make, flex, bison, bc, gcc and gcc-aarch64-linux-gnu, not root.
set -eu

[ $# -eq 1 ] || { echo "usage: $0 FOLDER" >&2; exit 2; }
parent=$(dirname "$1")
mkdir -p "$parent"
parent=$(cd "$parent" && pwd)
folder=$parent/$(basename "$1")

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
  export ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-
  {
    make --silent tinyconfig
    for option in ARM64_64K_PAGES ARM64_VA_BITS_48 PRINTK TTY SERIAL_AMBA_PL011 SERIAL_AMBA_PL011_CONSOLE BLK_DEV_INITRD BINFMT_ELF \
      FUTEX EPOLL SIGNALFD TIMERFD EVENTFD SHMEM ADVISE_SYSCALLS MEMBARRIER RSEQ POSIX_TIMERS FILE_LOCKING INOTIFY_USER MULTIUSER BUG \
      HIGH_RES_TIMERS; do
      scripts/config --enable "$option"
    done
    scripts/config --disable ARM64_4K_PAGES --disable ARM64_VA_BITS_39
    make --silent olddefconfig
    grep --quiet '^CONFIG_ARM64_64K_PAGES=y' .config
    make --silent --jobs "$(nproc)" Image
  } >&2
  mkdir "$work/made"
  mv arch/arm64/boot/Image "$work/made/vmlinuz-64k"
  cd "$parent"
  mv -T "$work/made" "$folder"
fi
echo "$folder"/vmlinuz-*
