# shellcheck shell=bash
# Sourced by packaging/check and tests/clean-root/reviewer after packaging/repository.sh: what is looked at in a
# root that packages are installed into, which takes root. Each function says in a few words what it has found,
# or what is wrong, and fails. Everything is below $WORK, and nothing goes to the network but mmdebstrap.

# shellcheck source=packaging/root.sh
. packaging/root.sh

# purged SUITE DEB...: piuparts installs, upgrades, removes and purges them in a root of that suite.
purged() {
    local suite=$1 base=$WORK/base tar=target/clean-root/installed-$1.tar log=$WORK/piuparts deb status=0
    # All that it can be strict about. What they depend on is in the root, which needs no archive then, and what
    # is left is theirs.
    local strict=(--pedantic-purge-test --fail-on-broken-symlinks --warn-on-usr-move=fail
        --install-purge-install --install-remove-install)
    debian_root "$tar" "$suite" ca-certificates || return
    mkdir -p "$base" "$WORK/tmp"
    tar -C "$base" -xpf "$tar"

    # The archive that an upgrade starts from: the same packages, of an earlier version.
    mkdir "$base/srv/earlier"
    for deb in "${@:2}"; do
        rm -rf "$WORK/deb"
        dpkg-deb -R "$deb" "$WORK/deb"
        sed -i 's/^Version: .*/Version: 0/' "$WORK/deb/DEBIAN/control"
        dpkg-deb --root-owner-group -Znone -b "$WORK/deb" "$base/srv/earlier" >/dev/null
    done
    (cd "$base/srv/earlier" && dpkg-scanpackages -m . 2>/dev/null > Packages)
    rm -f "$base"/etc/apt/sources.list.d/*
    echo 'deb [trusted=yes] file:/srv/earlier ./' > "$base/etc/apt/sources.list"

    contained 600 unshare --net piuparts --existing-chroot="$base" --hard-link --tmpdir="$WORK/tmp" \
        --keep-sources-list --distribution="$suite" "${strict[@]}" "${@:2}" > "$log" 2>&1 || status=$?
    if [[ $status != 0 ]]; then
        sed -n '/ ERROR: /,/ DEBUG: /p' "$log" | grep -v ' DEBUG: ' || tail -n 20 "$log"
        return 1
    fi
    # It goes without what it cannot do.
    grep -q 'PASS: Installation and purging test' "$log" || { echo 'no test of purging'; return 1; }
    grep -q 'PASS: Installation, upgrade and purging tests' "$log" || { echo 'no test of upgrading'; return 1; }
    rm -rf --one-file-system "$base" "$WORK/tmp"
    echo 'installed, upgraded, removed, purged: nothing left'
}

# everything ROOT: all files and folders, but for what rpm, dnf and zypper keep for themselves.
everything() {
    find "$1" -mindepth 1 \( -path "$1/var/cache" -o -path "$1/var/log" -o -path "$1/var/lib/dnf" \
        -o -path "$1/var/lib/zypp" -o -path "$1/var/lib/rpm" -o -name .rpmdb -o -path "$1/run/zypp.pid" \) \
        -prune -o -printf '/%P\n' | sort
}

# from_repository DISTRIBUTION PACKAGE...: cacerts and cacerts-devel live in an empty root from which dnf or
# zypper removes them again.
from_repository() {
    local distribution=$1 root=$WORK/root repository=$WORK/repository
    local name said config=$root/etc/cacerts/config.toml update=upgrade
    [[ $distribution == fedora ]] || update=update
    mkdir "$root" "$repository"
    cp "${@:2}" "$repository"
    stand_in_base "$distribution" "$repository" "${@:2}"
    manager "$distribution" "$root" "$repository" install base
    everything "$root" > "$WORK/before"

    for name in $(providers "$distribution"); do
        if said=$(manager "$distribution" "$root" "$repository" install cacerts); then
            echo "is installed without $name"
            return 1
        fi
        grep -qE "$(refusal "$name")" <<< "$said" || { echo "$said"; return 1; }
        stand_in "$repository" "$name" '' ''
    done
    manager "$distribution" "$root" "$repository" install cacerts cacerts-devel
    for name in $(providers "$distribution"); do rpm --root "$root" -q "$name" >/dev/null; done
    rpm --root "$root" -V cacerts cacerts-devel

    newer "$distribution" "$repository"/cacerts-[0-9]*.rpm "$repository/newer.rpm"
    echo 'ca_certs = "/srv/edited.pem"' >> "$config"
    manager "$distribution" "$root" "$repository" "$update" cacerts
    [[ $(rpm --root "$root" -q --qf '%{RELEASE}' cacerts) == 2 ]] || { echo 'is not upgraded'; return 1; }
    [[ $(tail -n 1 "$config") == ca_certs* ]] || { echo "an upgrade replaces $config, which was edited"; return 1; }
    mv "$config.rpmnew" "$config"
    rpm --root "$root" -V cacerts cacerts-devel

    manager "$distribution" "$root" "$repository" remove cacerts cacerts-devel
    # cargo-generate-rpm cannot write that a folder is the package's.
    ours "$distribution" > "$WORK/ours"
    if ! diff <(sort "$WORK/before" "$WORK/ours") <(everything "$root"); then
        echo '> is left, < is gone'
        return 1
    fi
    echo "upgraded, removed but for the empty $(paste -sd ' ' "$WORK/ours" | sed -E 's#(/[^ ]*) \1-devel#\1{,-devel}#g')"
}
