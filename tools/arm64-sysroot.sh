#!/bin/sh
# Makes a folder with the arm64 libraries that an official Node binary needs, for qemu-user:
#
#   qemu-aarch64-static -L "$(tools/arm64-sysroot.sh FOLDER)" PROGRAM
#
# Prints the folder. A folder that is complete is left alone. Needs apt and dpkg (Debian, Ubuntu), not root: apt works
# on a state of its own, so the machine's architectures, package lists and packages stay as they are, and nothing
# is registered with binfmt.
set -eu

[ $# -eq 1 ] || { echo "usage: $0 FOLDER" >&2; exit 2; }
parent=$(dirname "$1")
mkdir -p "$parent"
parent=$(cd "$parent" && pwd)
folder=$parent/$(basename "$1")

# The folder appears by one rename at the end, so that its existence means that it is complete.
if [ -d "$folder" ]; then
  echo "$folder"
  exit 0
fi

work=$(mktemp -d "$parent/tmp-arm64-sysroot-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial" "$work/root"
: >"$work/state/status"

# As root, apt would drop to a user who cannot write here.
cat >"$work/apt.conf" <<CONF
APT::Architecture "arm64";
#clear APT::Architectures;
APT::Architectures { "arm64"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Dir::State "$work/state";
Dir::State::status "$work/state/status";
Dir::Cache "$work/cache";
CONF
export APT_CONFIG="$work/apt.conf"

apt-get update --quiet >&2
(cd "$work/cache/archives" && apt-get download --quiet libc6 libgcc-s1 libstdc++6 libatomic1 >&2)
for package in "$work"/cache/archives/*.deb; do
  dpkg-deb --extract "$package" "$work/root"
done

chmod 755 "$work/root"
# Another run may have finished first: its folder is as good.
mv -T "$work/root" "$folder" 2>/dev/null || [ -d "$folder" ]
echo "$folder"
