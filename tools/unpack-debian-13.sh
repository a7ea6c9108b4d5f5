#!/bin/sh
# Unpacks packages of Debian 13 (amd64) into a folder, for programs that are newer there than on the machine: those named, without
# what they depend on. Needs apt and dpkg with a Debian mirror among apt's sources, not root: apt works on a state of its own, so the
# machine's packages and lists stay as they are.
set -eu

[ $# -ge 2 ] || { echo "usage: $0 FOLDER PACKAGE..." >&2; exit 2; }
mkdir -p "$1"
root=$(cd "$1" && pwd)
shift

# The mirror that the machine takes its own Debian from, whatever release that is.
mirror=$(apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI)' 'Created-By: Packages' |
  awk '$1 == "Debian" && $2 == "Debian" { print $3; exit }')
[ -n "$mirror" ] || {
  echo "$0: apt knows of no Debian mirror (after apt-get update it would)" >&2
  exit 1
}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial"
: >"$work/state/status"
echo "deb [arch=amd64 signed-by=$keyring] $mirror trixie main" >"$work/sources.list"

# As root, apt would drop to a user who cannot write here.
cat >"$work/apt.conf" <<CONF
APT::Architecture "amd64";
#clear APT::Architectures;
APT::Architectures { "amd64"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State "$work/state";
Dir::State::status "$work/state/status";
Dir::Cache "$work/cache";
CONF
export APT_CONFIG="$work/apt.conf"

apt-get update --quiet >&2
(cd "$work/cache/archives" && apt-get download --quiet "$@" >&2)
for package in "$work"/cache/archives/*.deb; do
  dpkg-deb --extract "$package" "$root"
done
