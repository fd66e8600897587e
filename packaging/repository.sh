# shellcheck shell=bash
# Sourced by packaging/check, tests/clean-root/rpm and tests/clean-root/reviewer, which set $WORK: a repository
# of finished .rpm packages, and dnf or zypper installing from it. There is no Fedora or openSUSE here, so
# packages made on the spot stand for what the distribution provides. It may use rpmbuild, createrepo_c, dnf,
# zypper and, for a newer package, what packaging/build has installed and left.

# providers DISTRIBUTION: the packages that have its CA store; the last has the bundle.
providers() {
    case $1 in
        fedora) echo ca-certificates ;;
        opensuse) echo ca-certificates ca-certificates-mozilla ;;
    esac
}

# refusal NAME: an extended regular expression for how dnf and zypper, older and newer, say that it is missing.
refusal() { echo "nothing provides '?$1'? needed by (the to be installed )?cacerts"; }

# stand_in DIRECTORY NAME SPEC-LINES FILES-LINES: builds DIRECTORY/NAME.rpm; $WORK/files has its files.
stand_in() {
    cat > "$WORK/$2.spec" <<SPEC
Name: $2
Version: 1
Release: 1
Summary: Stands for the distribution's own in a test
License: MIT
BuildArch: noarch
$3
%description
%{summary}.
%install
mkdir -p %{buildroot}
cp -r "$WORK/files/." %{buildroot}
%files
$4
SPEC
    mkdir -p "$1" "$WORK/files"
    # Of the files of all, each has its own.
    rpmbuild -bb --quiet --define "_topdir $WORK/rpmbuild" --define "_rpmdir $1" --define '__os_install_post %{nil}' \
        --define '_rpmfilename %%{NAME}.rpm' --define '_buildhost localhost' \
        --define '_unpackaged_files_terminate_build 0' "$WORK/$2.spec"
}

# folders DISTRIBUTION: those of our packages' files.
folders() { sed -E 's/^[a-z]+ +[0-7]+ (.*)\/[^/]*$/\1/' packaging/contents/cacerts*."$1" | sort -u; }
# ours DISTRIBUTION: of these, the ones with our name. The others, and what these are in, the distribution has.
OURS='/cacerts(-devel)?(/.*)?$'
ours() { folders "$1" | grep -E "$OURS"; }

# stand_in_base DISTRIBUTION DIRECTORY PACKAGE...: a package `base` with the distribution's folders, which
# provides what of the C library and of gcc's they require.
stand_in_base() {
    local folder folders provides
    mapfile -t folders < <(folders "$1" | sed -E "s#$OURS##" | sort -u)
    for folder in "${folders[@]}"; do mkdir -p "$WORK/files$folder"; done
    provides=$(rpm -qp --requires "${@:3}" | grep -E '^(lib(c|m|gcc_s)|ld-linux[^.]*)\.so|^rtld\(' |
        sort -u | sed 's/^/Provides: /')
    stand_in "$2" base "$provides" "$(printf '%%dir %s\n' "${folders[@]}")"
}

# packed DISTRIBUTION TREE OUT TOML...: what packaging/build has left for it, packed by the Cargo.toml of TREE and
# with those keys.
packed() {
    local tool=$PWD/target/tools/bin/cargo-generate-rpm build=$PWD/target/packages/.build/$1/packed
    [[ -x $tool && -d $build ]] || { echo "$build or $tool is missing: run packaging/build first"; return 1; }
    (cd "$2" && CARGO_TARGET_DIR=$build "$tool" --variant "$1" --auto-req builtin --payload-compress none \
        --output "$3" --set-metadata "$(printf '%s\n' "${@:4}")")
}

# newer DISTRIBUTION PACKAGE FILE: the next release of it, whose configuration file has another comment.
newer() {
    local tree=$WORK/newer vendor
    # zypper upgrades to nobody else's.
    vendor=$(rpm -qp --qf '%{VENDOR}' "$2")
    rm -rf "$tree"
    mkdir "$tree"
    cp -r Cargo.toml ./*.md docs LICENSE-* packaging "$tree"
    echo '# Another comment.' >> "$tree/packaging/config.toml"
    packed "$1" "$tree" "$3" 'release = "2"' "vendor = \"\"\"$vendor\"\"\""
}

# manager DISTRIBUTION ROOT REPOSITORY COMMAND ARGUMENT...: dnf or zypper in that root, which knows of that
# repository only, as it is now, and goes by no setting of this machine. What it says is shown if it fails.
manager() {
    local repos=$WORK/repos how said
    createrepo_c --quiet "$3"
    rm -rf "$repos" "$2/var/cache/zypp"
    mkdir "$repos"
    printf '[local]\nname=local\nbaseurl=file://%s\ngpgcheck=0\n' "$3" > "$repos/local.repo"
    printf '[main]\n' > "$repos/main.conf"
    case $1 in
        fedora) how=(dnf --config "$repos/main.conf" --setopt "reposdir=$repos" --installroot "$2" --releasever 1
            --noplugins --refresh --assumeyes) ;;
        opensuse) how=(zypper --root "$2" --reposd-dir "$repos" --non-interactive --no-gpg-checks) ;;
    esac
    said=$(LC_ALL=C ZYPP_CONF=$repos/main.conf timeout -k 5 60 "${how[@]}" --quiet "${@:4}" 2>&1 </dev/null) ||
        { echo "$said"; return 1; }
}
