# shellcheck shell=bash
# Sourced by packaging/installed.sh and tests/clean-root/lib.sh: the archives of Debian roots that are unpacked for a
# test. They stay in target/clean-root.

# contained SECONDS COMMAND...: with mounts and processes of its own, none of which is there after it.
contained() {
    local propagation=private
    # A root that is no mount point, as of a chroot, cannot be made private.
    unshare --mount true 2>/dev/null || propagation=unchanged
    timeout --foreground -s KILL "$1" unshare --mount --propagation "$propagation" --pid --fork --kill-child \
        --mount-proc "${@:2}" </dev/null
}

# debian_root TAR SUITE PACKAGE...: the archive of a root of that suite, with apt and those packages in it, is made
# unless there is one of the last week.
debian_root() {
    local tar=$1 suite=$2 packages=("${@:3}") options=() status=0
    # Their Release files are for a few days only, and a mirror may be older.
    [[ $suite != sid && $suite != forky ]] || options=(--aptopt='Acquire::Check-Valid-Until "false"')
    mkdir -p "${tar%/*}"
    # Another test, beside this one, may be making it.
    exec 7> "$tar.lock"
    flock 7
    [[ -z $(find "$tar" -mtime +7 2>/dev/null) ]] || rm -f "$tar"
    if [[ ! -e $tar ]]; then
        TMPDIR=$WORK contained 900 mmdebstrap --quiet --mode=root --variant=apt "${options[@]}" \
            --include="$(IFS=,; echo "${packages[*]}")" "$suite" "$WORK/new.tar" 7>&- &&
            mv "$WORK/new.tar" "$tar" || status=$?
    fi
    exec 7>&-
    return "$status"
}
