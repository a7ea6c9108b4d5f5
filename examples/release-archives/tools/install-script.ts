export interface Archive {
  readonly target: string;
  readonly name: string;
  readonly sha256: string;
}

/** For a POSIX shell: fetches the archive for this machine, compares its hash, and puts the program into a folder of PATH. */
export function installScript(app: string, url: string, archives: readonly Archive[]): string {
  const cases = archives
    .filter(({ name }) => name.endsWith(".tar.gz"))
    .map(({ target, name, sha256 }) => `  ${target}) archive=${name} sha256=${sha256} ;;`);
  return `#!/bin/sh
# Installs ${app} to \${PREFIX:-$HOME/.local}/bin.
set -eu
url="\${${variable(app)}_URL:-${url}}"
bin="\${PREFIX:-$HOME/.local}/bin"
case "$(uname -s)" in
  Linux) os=linux ;;
  Darwin) os=darwin ;;
  *) os=$(uname -s) ;;
esac
case "$(uname -m)" in
  x86_64 | amd64) arch=x64 ;;
  aarch64 | arm64) arch=arm64 ;;
  *) arch=$(uname -m) ;;
esac
case "$os-$arch" in
${cases.join("\n")}
  *) echo "${app} is not made for $os-$arch" >&2; exit 1 ;;
esac
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
if command -v curl >/dev/null; then curl -fsSL "$url/$archive" -o "$folder/$archive"
else wget -q "$url/$archive" -O "$folder/$archive"; fi
if command -v sha256sum >/dev/null; then found=$(sha256sum "$folder/$archive")
else found=$(shasum -a 256 "$folder/$archive"); fi
if [ "\${found%% *}" != "$sha256" ]; then
  echo "$url/$archive is not what was released (its SHA-256 is \${found%% *})" >&2
  exit 1
fi
mkdir -p "$bin"
tar -xzf "$folder/$archive" -C "$folder"
mv "$folder/${app}" "$bin/${app}"
echo "installed $bin/${app}"
`;
}

function variable(app: string): string {
  return app.toUpperCase().replace(/[^A-Z0-9]/g, "_");
}
