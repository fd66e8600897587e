# shellcheck shell=bash
# Sourced by packaging/check, which has set -e: what is looked at in a package. Each function says in a few
# words what it has found, or what is wrong, and fails.

name_of() {
    case $1 in
        *.deb) dpkg-deb -f "$1" Package ;;
        *.rpm) rpm -qp --qf '%{NAME}' "$1" ;;
    esac
}

# contents DISTRIBUTION PACKAGE NAME: exactly what packaging/contents has, and all of it root's.
contents() {
    local wanted=packaging/contents/$3.$1 found=$WORK/found count
    case $2 in
        *.deb)
            dpkg-deb --ctrl-tarfile "$2" | tar -xO ./conffiles 2>/dev/null > "$WORK/conffiles" || true
            dpkg-deb --fsys-tarfile "$2" | tar -tv --numeric-owner > "$WORK/listed"
            if grep -vE '^[^ ]+ 0/0 ' "$WORK/listed"; then echo "is not root's"; return 1; fi
            if grep '^d' "$WORK/listed" | grep -v '^drwxr-xr-x '; then echo 'is not 755'; return 1; fi
            dpkg-deb -x "$2" "$WORK/modes"
            (cd "$WORK/modes" && find . ! -type d -printf '%m /%P\n') | while read -r mode path; do
                kind='file'
                ! grep -qxF "$path" "$WORK/conffiles" || kind=config
                printf '%-6s %s %s\n' "$kind" "$mode" "$path"
            done
            rm -r "$WORK/modes"
            ;;
        *.rpm)
            if rpm -qp --qf '[%{FILEUSERNAME} %{FILEGROUPNAME} %{FILENAMES}\n]' "$2" | grep -v '^root root '; then
                echo "is not root's"
                return 1
            fi
            # cn: configuration that is not replaced; d: documentation.
            rpm -qp --qf '[%{FILEFLAGS:fflags}- %{FILEMODES:octal} %{FILENAMES}\n]' "$2" |
                while read -r flags mode path; do
                    case $flags in cn-) kind=config ;; d-) kind=doc ;; -) kind='file' ;; *) kind=$flags ;; esac
                    printf '%-6s %s %s\n' "$kind" "${mode: -3}" "$path"
                done
            ;;
    esac | LC_ALL=C sort -k 3 > "$found"
    if ! diff "$wanted" "$found"; then
        echo "< as $wanted has it, > as it is"
        return 1
    fi
    count=$(wc -l < "$found")
    echo "$count files, $(grep -c '^config' "$found" || true) of them configuration"
}

# links TREE: what the pages in it link to is there, headings included, and there is a way to each page.
links() {
    local readme top page name link file reached=README.md count=0
    # Of an older rpm, in a folder with the version.
    readme=$(find "$1/usr/share/doc" -regex '.*/cacerts\(-[0-9.]*\)?/README\.md')
    [[ -f $readme ]] || { echo 'there is no README.md'; return 1; }
    top=${readme%/*}
    while IFS= read -r page; do
        name=${page#"$top/"}
        while IFS= read -r link; do
            file=$page
            [[ $link == '#'* ]] || file=${page%/*}/${link%%#*}
            [[ -f $file ]] || { echo "$name links to $link, which is not there"; return 1; }
            [[ $link != *'#'* ]] || headings "$file" | grep -qxF -- "${link#*#}" || {
                echo "$name links to $link, and there is no such heading"
                return 1
            }
            reached+=$'\n'$(realpath --relative-to "$top" "$file")
            count=$((count + 1))
        done < <(links_of "$page")
    done < <(find "$top" -name '*.md' | sort)
    link=$(find "$top" -name '*.md' ! -name CHANGELOG.md -printf '%P\n' | grep -vxF -- "$reached") || true
    [[ -z $link ]] || { echo "no page links to $link"; return 1; }
    echo "$count, to files"
}

# links_of PAGE: those to files and headings, outside of blocks to copy.
links_of() {
    # shellcheck disable=SC2016 # No command.
    sed '/^ *```/,/^ *```/d' "$1" | grep -oE '\]\([^) ]+|(href|src)="[^"]+' | sed -E 's/^(\]\(|[a-z]+=")//' |
        grep -vE '^[a-z]+:' | sort -u || true
}

# headings PAGE: what its headings are linked to by.
headings() {
    # shellcheck disable=SC2016 # No command.
    sed '/^ *```/,/^ *```/d' "$1" | sed -nE 's/^#+ +//p' | tr '[:upper:] ' '[:lower:]-' | tr -cd '[:alnum:]\n_-'
}

# times TREE: clamped to the date of the version, unless SOURCE_DATE_EPOCH says otherwise.
times() {
    local date
    date=${SOURCE_DATE_EPOCH:-$(version_date)}
    if find "$1" -type f -newermt "@$date" | grep .; then
        echo "is newer than $(date -u -d "@$date" +%F)"
        return 1
    fi
    date -u -d "@$date" +%F
}

# no_paths TREE: of the folders that were built in.
no_paths() {
    local path paths
    mapfile -t paths < <(telling "$PWD" "$(rustc --print sysroot)" "${CARGO_HOME:-$HOME/.cargo}" "$HOME/")
    for path in "${paths[@]}"; do
        if grep -rlF -- "$path" "$1"; then
            echo "names $path"
            return 1
        fi
        if find "$1" -name '*.gz' -exec zgrep -lF -- "$path" {} + | grep .; then
            echo "names $path"
            return 1
        fi
    done
    echo "none of ${#paths[@]}"
}

# size PACKAGE NAME: in the range of what it has been; more has a reason that is to be told here.
size() {
    # cacerts has most of it, 0.2 MB to look into packages, zstd in C included, and 0.1 for P-521; cargo-cacerts,
    # with the library's source and the drop-ins, 0.6.
    local found limit=2700000
    [[ $2 == cacerts ]] || limit=60000
    found=$(stat -c %s "$1")
    [[ $found -le $limit ]] || { echo "$found bytes, of at most $limit"; return 1; }
    echo "$((found / 1000)) kB, of at most $((limit / 1000))"
}

# checksums PACKAGE TREE: as DEBIAN/md5sums has them, and none is missing.
checksums() {
    dpkg-deb --ctrl-tarfile "$1" | tar -xO ./md5sums > "$WORK/md5sums"
    (cd "$2" && md5sum --quiet --strict -c "$WORK/md5sums")
    diff <(cd "$2" && find . -type f -printf '%P\n' | sort) <(sed 's/^[^ ]*  //' "$WORK/md5sums" | sort)
    echo "$(wc -l < "$WORK/md5sums") right"
}

lint_deb() {
    local options=(--allow-root --no-cfg -EI --pedantic)
    lintian "${options[@]}" --fail-on error,warning,info,pedantic,experimental "$@" || return 1
    # Each with its reason in the file.
    echo "no tag, $(lintian "${options[@]}" --show-overrides "$@" | grep -c '^O: ' || true) overridden"
}

# rules DISTRIBUTION: the folder of rpmlint's rules for it, below $LINT.
rules() {
    if [[ $1 != fedora ]]; then
        echo "$LINT/configs/openSUSE"
        return
    fi
    # In Fedora, the list of licences comes from another package; the one in its rules here has the
    # names of before 2022. Those of SPDX, which it has now, are in openSUSE's.
    mkdir -p "$WORK/rules"
    cp "$LINT"/configs/Fedora/* "$WORK/rules"
    cp "$LINT/configs/openSUSE/licenses.toml" "$WORK/rules"
    echo "$WORK/rules"
}

# Beside what cargo-generate-rpm cannot write: a %changelog, and the name of the machine, which would be
# another on each. A package of rpmbuild has both.
lint_rpm() { # DISTRIBUTION PACKAGE
    local found
    printf 'addFilter("%s")\n' 'E: no-changelogname-tag' 'E: no-buildhost-tag' > "$WORK/rpmlintrc"
    found=$("$LINT/bin/rpmlint" --strict -c "$(rules "$1")" -r "$WORK/rpmlintrc" "$2") ||
        { echo "$found"; return 1; }
    grep -q ' 0 errors, 0 warnings' <<< "$found" || { echo "$found"; return 1; }
    echo 'nothing, 2 filtered'
}

trusts() { # DISTRIBUTION BINARY
    local found path
    path=$(wanted "$1")
    found=$(noted "$2")
    [[ $found == "$path" ]] || { echo "${found:-no note}, not $path"; return 1; }
    echo "$found"
}

# listed BINARY [BILL]: the crates that cargo-auditable has put into it are those of the bill of materials, and some that
# it counts and that are not linked: macros, and what features that are off would bring.
listed() {
    # Where there is none, objcopy says so and exits with 0.
    rm -f "$WORK/listed"
    objcopy --dump-section .dep-v0="$WORK/listed" "$1" "$WORK/copied"
    [[ -s $WORK/listed ]] || return 1
    /usr/bin/python3 - "$WORK/listed" "${2:-docs/sbom.cdx.json}" <<'PYTHON'
import json, sys, zlib

listed = json.loads(zlib.decompress(open(sys.argv[1], "rb").read()))["packages"]
listed = {(crate["name"], crate["version"]) for crate in listed if crate.get("kind") != "build"}
bill = {(crate["name"], crate["version"]) for crate in json.load(open(sys.argv[2]))["components"]}
if bill - listed:
    sys.exit(f"not in the list: {sorted(bill - listed)}")
more = {name for name, version in listed - bill}
more -= {"base64ct", "cacerts", "proc-macro2", "quote", "syn", "tls_codec", "tls_codec_derive", "unicode-ident"}
if more:
    sys.exit(f"not in the bill of materials: {sorted(more)}")
print(f"{len(listed)}, all {len(bill)} of the bill")
PYTHON
}

told() { # DISTRIBUTION FOLDER
    local found path
    path=$(wanted "$1")
    found=$(PKG_CONFIG_LIBDIR=$2 pkg-config --variable=cacerts_default_path cacerts)
    [[ $found == "$path" ]] || { echo "$found, not $path"; return 1; }
    [[ $(PKG_CONFIG_LIBDIR=$2 pkg-config --modversion cacerts) == "$(version)" ]]
    echo "the same, version $(version)"
}

# hardened BINARY: position-independent, all relocations read-only, stack not executable, stripped.
hardened() {
    local headers dynamic
    headers=$(readelf -hlW "$1") dynamic=$(readelf -dW "$1")
    grep -qE 'Type: +DYN' <<< "$headers" || { echo 'not position-independent'; return 1; }
    grep -q 'GNU_RELRO' <<< "$headers" || { echo 'no RELRO'; return 1; }
    grep -qE 'BIND_NOW|Flags:.* NOW' <<< "$dynamic" || { echo 'symbols are bound late'; return 1; }
    grep -E 'GNU_STACK' <<< "$headers" | grep -q ' RW ' || { echo 'the stack is executable'; return 1; }
    if grep -qE 'RPATH|RUNPATH' <<< "$dynamic"; then echo 'it has an RPATH'; return 1; fi
    if readelf -SW "$1" | grep -qF .symtab; then echo 'not stripped'; return 1; fi
    echo 'PIE, full RELRO, NX, no RPATH'
}

commented() {
    [[ -s $1 ]]
    if grep -vE '^(#|$)' "$1"; then echo 'is set'; return 1; fi
    echo "$(grep -cE '^#[a-z_]+ = ' "$1") keys"
}

# licences TREE: the machine-readable file, whose completeness tests/generated looks after.
licences() {
    local file
    file=$(find "$1" -path '*/copyright' -type f)
    awk '
        /^License: / { sub(/^License: /, ""); gsub(/ (or|and) /, "\n"); last = $0; next_is_text = 1
            n = split($0, names, "\n"); for (i = 1; i <= n; i++) used[names[i]] = 1; next }
        /^ / { if (next_is_text) text[last] = 1 }
        { next_is_text = 0 }
        END { for (name in used) { count++; if (!(name in text)) { print name " has no text"; bad = 1 } }
            if (bad || !count) exit 1; printf "%d licences", count }' "$file"
    echo " of $(grep -c '^Files:' "$file") sources"
}

man_pages() {
    local page said
    for page in packaging/man/*; do
        said=$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null)
        [[ -z $said ]] || { echo "$page: $said"; return 1; }
    done
    echo "$(find packaging/man -type f | wc -l) pages"
}

# completion SHELL: it is read, and completes `cacerts expl`, as far as that can be asked without a terminal.
completion() {
    local found
    case $1 in
        bash)
            # shellcheck disable=SC2016 # That shell's.
            found=$(bash -c 'set -e; . packaging/completions/cacerts.bash
                COMP_WORDS=(cacerts expl) COMP_CWORD=1
                _cacerts cacerts expl cacerts
                echo "${COMPREPLY[*]}"')
            ;;
        zsh)
            zsh -n packaging/completions/_cacerts
            echo 'read'
            return
            ;;
        fish)
            fish -n packaging/completions/cacerts.fish
            found=$(HOME=$WORK fish -c 'source packaging/completions/cacerts.fish; complete -C "cacerts expl"' |
                cut -f 1)
            ;;
    esac
    [[ $found == explain ]] || { echo "completes expl to: $found"; return 1; }
    echo 'read, and completes'
}
