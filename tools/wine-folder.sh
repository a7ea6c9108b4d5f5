#!/bin/sh
# Makes a folder with Wine 10, which runs Windows programs as new as Node 26 (Debian 12's own Wine ends at Node 22):
#
#   FOLDER/root    a root file system with Wine and nothing else
#   FOLDER/prefix  a Windows of it, for copies
#
# Prints the folder. A folder that is complete is left alone. Needs apt and dpkg with a Debian mirror among apt's sources,
# bwrap (bubblewrap) and flock, not root: apt works on a state of its own, so the machine's packages and lists stay as they are.
set -eu

[ $# -eq 1 ] || { echo "usage: $0 FOLDER" >&2; exit 2; }
parent=$(dirname "$1")
mkdir -p "$parent"
parent=$(cd "$parent" && pwd)
folder=$parent/$(basename "$1")

# The folder appears by one rename at the end, so that its existence means that it is complete. The first run makes it, and
# others that come meanwhile wait for it: it takes half a minute and 1.5 GB.
if [ ! -d "$folder" ]; then
  exec 9>"$folder.lock"
  flock 9
fi
if [ -d "$folder" ]; then
  echo "$folder"
  exit 0
fi
# Of a run that was killed.
rm -rf "$parent"/tmp-wine-*

# The mirror that the machine takes its own Debian from, whatever release that is.
mirror=$(apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI)' 'Created-By: Packages' |
  awk '$1 == "Debian" && $2 == "Debian" { print $3; exit }')
[ -n "$mirror" ] || {
  echo "$0: apt knows of no Debian mirror (after apt-get update it would)" >&2
  exit 1
}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

work=$(mktemp -d "$parent/tmp-wine-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial" "$work/made/root" "$work/made/prefix"
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

# Less than the packages depend on: Wine opens what it needs for screens, sound and printers when a program asks for it. Of the
# rest, base-files has the links of the root folder, libc-bin the locale for UTF-8, dash a shell, and the libraries for fonts
# keep Wine from complaining at every start.
apt-get update --quiet >&2
(cd "$work/cache/archives" && apt-get download --quiet \
  base-files dash fontconfig-config libbrotli1 libbz2-1.0 libc6 libc-bin libexpat1 libfontconfig1 libfreetype6 \
  libgcc-s1 liblzma5 libpng16-16t64 libunwind8 libwine libz-mingw-w64 wine64 zlib1g >&2)
for package in "$work"/cache/archives/*.deb; do
  dpkg-deb --extract "$package" "$work/made/root"
done
chmod 755 "$work/made/root"

# Names that every Windows knows by itself.
printf '127.0.0.1 localhost\n::1 localhost\n' >"$work/made/root/etc/hosts"
echo 'hosts: files' >"$work/made/root/etc/nsswitch.conf"

# What the package does when it is installed: Wine takes a library for its own when this stands behind the first header.
windows=$work/made/root/usr/lib/x86_64-linux-gnu/wine/x86_64-windows
cp "$work/made/root/usr/x86_64-w64-mingw32/lib/zlib1.dll" "$windows"
printf 'Wine builtin DLL\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' |
  dd of="$windows/zlib1.dll" bs=32 seek=2 conv=notrunc status=none

# Without the overrides, Wine would look for packages of its own for .NET and HTML, and start its debugger where a program
# crashes.
bwrap --unshare-all --die-with-parent --ro-bind "$work/made/root" / --ro-bind /sys /sys --dev /dev --proc /proc \
  --tmpfs /tmp --bind "$work/made/prefix" /tmp/prefix --clearenv --setenv HOME /tmp --setenv WINEPREFIX /tmp/prefix \
  --setenv WINEDEBUG -all --setenv WINEDLLOVERRIDES mscoree,mshtml,winedbg.exe= --setenv LC_ALL C.UTF-8 \
  /bin/sh -c '/usr/lib/wine/wine64 winecfg -v win10 && /usr/lib/wine/wineserver64 -w' >&2 </dev/null

mv -T "$work/made" "$folder"
echo "$folder"
