#!/bin/sh
# Fetches a kernel of a Debian architecture, for qemu-system, and prints its path.
#
#   tools/debian-kernel.sh amd64 FOLDER
#   tools/debian-kernel.sh arm64 FOLDER trixie linux-image-arm64-16k
#
# The machine's release and the architecture's usual kernel, unless others are named. A folder that is complete is left alone. Needs
# apt and dpkg (Debian), not root: apt works on a state of its own.
set -eu

[ $# -eq 2 ] || [ $# -eq 4 ] || { echo "usage: $0 ARCHITECTURE FOLDER [RELEASE PACKAGE]" >&2; exit 2; }
architecture=$1
release=${3-}
image=${4-linux-image-$architecture}
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
  if [ -n "$release" ]; then
    # The mirror that the machine takes its own Debian from.
    mirror=$(apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI)' 'Created-By: Packages' |
      awk '$1 == "Debian" && $2 == "Debian" { print $3; exit }')
    [ -n "$mirror" ] || { echo "$0: apt knows of no Debian mirror (after apt-get update it would)" >&2; exit 1; }
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $release main" >"$work/sources.list"
    cat >>"$work/apt.conf" <<CONF
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "/dev/null";
CONF
  fi
  export APT_CONFIG="$work/apt.conf"
  apt-get update --quiet >&2
  # The package without a version depends on the newest with one.
  package=$(apt-cache depends "$image" | awk '/Depends: linux-image/ { print $2; exit }')
  (cd "$work/debs" && apt-get download --quiet "$package" >&2)
  dpkg-deb --fsys-tarfile "$work"/debs/*.deb | tar -x -C "$work/root" --wildcards './boot/vmlinuz-*'
  mv -T "$work/root/boot" "$folder"
fi
echo "$folder"/vmlinuz-*
