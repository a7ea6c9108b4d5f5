#!/bin/sh
# Makes a folder with Wine 10, which runs Windows programs as new as Node 26 (Debian 12's own Wine ends at Node 22):
#
#   FOLDER/root    a root file system with Wine and nothing else
#   FOLDER/prefix  a Windows of it, for copies
#
# Prints the folder. A folder that is complete is left alone. Needs what unpack-debian-13.sh needs, bwrap (bubblewrap) and flock, not
# root.
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

work=$(mktemp -d "$parent/tmp-wine-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
mkdir -p "$work/made/prefix"

# Less than the packages depend on: Wine opens what it needs for screens, sound and printers when a program asks for it. Of the
# rest, base-files has the links of the root folder, libc-bin the locale for UTF-8, dash a shell, and the libraries for fonts
# keep Wine from complaining at every start.
"$(dirname "$0")/unpack-debian-13.sh" "$work/made/root" \
  base-files dash fontconfig-config libbrotli1 libbz2-1.0 libc6 libc-bin libexpat1 libfontconfig1 libfreetype6 \
  libgcc-s1 liblzma5 libpng16-16t64 libunwind8 libwine libz-mingw-w64 wine64 zlib1g
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
