"""Newer packages for a host: its installed ones, built anew with a higher version into a small repository on the host itself."""

from __future__ import annotations

import lab

# The host's own package lists are taken away: nothing here depends on a network, or on what is newest today.
REPOSITORY = r"""
set -eu
repo=/srv/packages; rm -rf $repo /tmp/built; mkdir -p $repo
publish() {
  dpkg-deb --build --root-owner-group -Znone $tree $repo/$name.deb
  { dpkg-deb -f $repo/$name.deb; echo "Filename: ./$name.deb"; echo "Size: $(stat -c %s $repo/$name.deb)"
    echo "SHA256: $(sha256sum $repo/$name.deb | cut -d' ' -f1)"; echo; } >> $repo/Packages
}
for name in "$@"; do
  tree=/tmp/built/$name; mkdir -p $tree/DEBIAN
  dpkg -L $name | while read -r path; do
    [ -d "$path" ] || { mkdir -p "$tree$(dirname "$path")"; cp -a "$path" "$tree$path"; }
  done
  for script in preinst postinst prerm postrm conffiles; do
    [ ! -e /var/lib/dpkg/info/$name.$script ] || cp -p /var/lib/dpkg/info/$name.$script $tree/DEBIAN/$script
  done
  dpkg-query -s $name | sed -e '/^Status:/d' -e '/^Conffiles:/,/^[^ ]/{/^Conffiles:/d;/^ /d}' -e 's/^Version: .*/&+lab/' \
    > $tree/DEBIAN/control
  publish
done
if [ "$new" ]; then
  wanted="$(dpkg-query -W -f '${Version}' $1)+lab"; name=$new; tree=/tmp/built/$name; mkdir -p $tree/DEBIAN
  printf 'Package: %s\nVersion: 1\nArchitecture: all\nMaintainer: lab <lab@lab>\nDepends: %s (>= %s)\nDescription: lab\n' \
    $name $1 "$wanted" > $tree/DEBIAN/control
  publish
fi
touch $repo/Packages
: > /etc/apt/sources.list
echo "deb [trusted=yes] file:$repo ./" > /etc/apt/sources.list.d/packages.list
"""


def offer(hosts, *packages, new=""):
    """Let hosts see newer versions of these packages, and of no others.

    :param new: a package that no host has yet, and that needs the newer version of the first one.
    """
    for name in hosts:
        lab.shell(name, "new=%s; set -- %s\n%s" % (new, " ".join(packages), REPOSITORY))
