#!/bin/sh
# apt_source.sh PACKAGE FOLDER: unpacks a source package of the distribution into FOLDER, without changing the system's
# package lists. apt verifies the signature of the index and the checksums of the files.
set -eu
package=$1
folder=$2

mkdir -p "$folder/parts" "$folder/lists/partial"
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
  [ -f "$file" ] || continue
  sed -e 's/^deb /deb-src /' -e 's/^Types:.*/Types: deb-src/' "$file" >"$folder/parts/$(basename "$file")"
  case $file in */sources.list) mv "$folder/parts/sources.list" "$folder/parts/main.list" ;; esac
done
apt() {
  apt-get -qq -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$folder/parts" \
    -o Dir::State::lists="$folder/lists" "$@"
}
# A repository without sources is not an error.
apt update || true
cd "$folder"
apt source --download-only "$package"
mkdir -p unpacked
tar -xf "$package"_*.orig.tar.* -C unpacked
mv unpacked/* .
rm -rf unpacked lists parts
