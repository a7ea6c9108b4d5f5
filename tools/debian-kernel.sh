#!/bin/sh
# Fetches the kernel of a Debian architecture, for qemu-system, and prints its path.
#
#   tools/debian-kernel.sh amd64 FOLDER
#
# A folder that is complete is left alone. Needs apt and dpkg (Debian, Ubuntu), not root: apt works on a state of its own.
set -eu

[ $# -eq 2 ] || { echo "usage: $0 ARCHITECTURE FOLDER" >&2; exit 2; }
architecture=$1
parent=$(dirname "$2")
mkdir -p "$parent"
parent=$(cd "$parent" && pwd)
folder=$parent/$(basename "$2")

if [ ! -d "$folder" ]; then
  work=$(mktemp -d "$parent/tmp-kernel-XXXXXX")
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT TERM
  mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial" "$work/debs" "$work/root"
  : >"$work/state/status"
  # As root, apt would drop to a user who cannot write here.
  cat >"$work/apt.conf" <<CONF
APT::Architecture "$architecture";
#clear APT::Architectures;
APT::Architectures { "$architecture"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Dir::State "$work/state";
Dir::State::status "$work/state/status";
Dir::Cache "$work/cache";
CONF
  export APT_CONFIG="$work/apt.conf"
  apt-get update --quiet >&2
  # The package without a version depends on the newest with one.
  package=$(apt-cache depends "linux-image-$architecture" | awk '/Depends: linux-image/ { print $2; exit }')
  (cd "$work/debs" && apt-get download --quiet "$package" >&2)
  dpkg-deb --fsys-tarfile "$work"/debs/*.deb | tar -x -C "$work/root" --wildcards './boot/vmlinuz-*'
  # Another run may have finished first: its folder is as good.
  mv -T "$work/root/boot" "$folder" 2>/dev/null || [ -d "$folder" ]
fi
echo "$folder"/vmlinuz-*
