# shellcheck shell=bash
# Sourced by tests/programs/run: what the verdicts mean, and the table in words.

FAULTS=()
fault() { FAULTS+=("$1"); }

# why NAME SITUATION: how a drop-in's cell is different from the original's; nothing where they are the same. One
# that must not be is `fault`.
why() {
    local original=${VERDICT[original.$1.$2]:-} found=${VERDICT[drop-in.$1.$2]:-}
    if [[ -z $original || -z $found ]]; then echo fault
    elif [[ $original == "$found" ]]; then :
    elif [[ $found == works ]]; then
        if [[ ${CLASS[$1]} == EM && " 1 3 6 7 11 12 13 " == *" $2 "* ]]; then echo decided
        elif [[ $2 == 13 && ${VERDICT[original.$1.1]} == works ]]; then echo empty
        elif [[ $2 == 7 && $original == error && ${VERDICT[original.$1.6]} == works ]]; then echo list
        else echo fault; fi
    elif [[ $original != works ]]; then echo sooner
    else
        case $2 in
            8 | 10) if says "$1" "$2" "$BUNDLE"; then echo bundle; else echo silent; fi ;;
            4 | 5 | 14 | 15 | 16) echo variables ;;
            *) echo fault ;;
        esac
    fi
}

# says NAME SITUATION TEXT: in what the drop-in has written.
says() { grep -qF "$3" "$OUT/output/${place}drop-in/$1/$1.$2"; }

in_words() {
    case $1 in
        decided) echo 'the original trusts the roots that are embedded in it, whatever is there; the drop-in has none' ;;
        empty) echo 'an empty variable is no setting, so this is situation 1; the original trusts nobody then' ;;
        list) echo "\`SSL_CERT_DIR\` is a list, as OpenSSL has it; the original takes it for the name of one directory" ;;
        sooner) echo 'neither trusts the server, but they notice at another moment' ;;
        bundle) echo "narrower: the bundle is what was decided on, and no other store takes its place; the program says so" ;;
        silent) echo "narrower, as before, but the program does not hand on the reason that the drop-in gives" ;;
        fault) echo "**a fault**" ;;
        variables) echo "narrower: what the variables name takes the place of the store, and does not have the root" ;;
    esac
}

# locked KIND CRATE
locked() { [[ $(cat "$OUT/$place$1/$2/lock" 2>/dev/null) != --locked ]] || echo ', locked'; }

# letters KIND NAME: a row's cells.
letters() {
    local situation letter
    for situation in "${SITUATIONS[@]}"; do
        letter=${VERDICT[$1.$2.$situation]:-?}
        letter=${letter:0:1}
        if [[ $1 == drop-in && -n $(why "$2" "$situation") ]]; then letter="**$letter**"; fi
        printf ' %s |' "$letter"
    done
}

# said KIND NAME SITUATION: the line in which a program says what is wrong, without what differs from run to run.
said() {
    local file=$OUT/output/$place$1/$2/$2.$3
    { grep -m 1 -E "$BUNDLE" "$file" || grep -m 1 -iE 'certificate|issuer|handshake' "$file" || grep -v '^$' "$file" | tail -n 1; } |
        sed -E -e $'s/\x1b\\[[0-9;]*m//g' -e "s,$OUT/work\.[^/]*/,,g" -e "s,https://${HOSTS[1]}/[^ ]*:,its registry:,g" -e 's,/[^ ]*/registry/src/[^/]*/,,g' -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z *//g' -e 's/^[[:space:]]+//' \
            -e 's/\|/\\|/g' | cut -c1-400
}

results() {
    local name crate kind situation reason found cells
    cat <<END
# Real programs in ${#SITUATIONS[@]} situations of their CA store

Written by \`tests/programs/run\` on $(date -u +%Y-%m-%d): $(rustc --version | cut -d' ' -f1,2), $(openssl version | cut -d' ' -f1,2),
ca-certificates $(dpkg-query -W -f "\${Version}" ca-certificates) ($(wc -l < "$WORK/ca-certificates.conf") certificates), and the store as update-ca-certificates makes it. The first
row of each is the program as \`cargo install\` makes it, the second as \`cargo cacerts install\` does with
\`CACERTS_DEFAULT_PATH=$BUNDLE\`. **w**orks: the server saw a request after the handshake; **r**efused: the
program broke the handshake off; **e**rror: it began none. Bold: other than the original.

END
    for situation in "${SITUATIONS[@]}"; do echo "- $situation: $(what_is "$situation")"; done
    echo
    printf '| program | |%s\n' "$(printf ' %s |' "${SITUATIONS[@]}")"
    printf '|---|---|%s\n' "$(printf -- '---|%.0s' "${SITUATIONS[@]}")"
    for name in "${built[@]}"; do
        crate=${CRATE[$name]}
        echo "| $name (${CLASS[$name]}; $crate ${VERSION[$name]}) | original$(locked original "$crate") |$(letters original "$name")"
        echo "| | drop-in$(locked drop-in "$crate") |$(letters drop-in "$name")"
    done
    printf '\n%s\n' "What decides on trust in the original: PV rustls-platform-verifier (of reqwest 0.13, or asked directly), UQ the same (of
ureq 3), NC rustls-native-certs (of reqwest 0.12), HR the same (of hyper-rustls), NT OpenSSL (of native-tls), EM embedded
roots (webpki-roots). Locked: by the lock file that comes with the program (\`--locked\`); else with the newest versions that
its requirements allow."
    for name in "${chosen[@]}"; do
        for kind in "${KINDS[@]}"; do
            [[ -z ${WHY[$kind.${CRATE[$name]}]:-} ]] || printf '\n%s\n' "Not built: $name (${CRATE[$name]} ${VERSION[$name]}), $kind: \`${WHY[$kind.${CRATE[$name]}]}\`"
        done
    done
    if [[ -z $quick && ${#chosen[@]} == "${#NAMES[@]}" ]]; then
        printf '\nBuilt by no `cargo cacerts`, which stops at an original that there is no drop-in for:\n\n'
        for name in "${STOPPED[@]}"; do
            read -r crate kind reason <<< "$name"
            echo "- $crate $kind: \`$(tail -n 1 "$OUT/log/drop-in-$crate")\`"
        done
    fi
    printf '\n## Where they differ\n\n'
    for reason in decided empty list bundle silent variables sooner fault; do
        found=
        for name in "${built[@]}"; do
            cells=
            for situation in "${SITUATIONS[@]}"; do
                [[ $(why "$name" "$situation") != "$reason" ]] || cells+=" $situation"
            done
            [[ -z $cells ]] || found+="; $name:$cells"
        done
        [[ -n $found ]] || continue
        [[ $reason != fault ]] || fault "wider, or narrower without a reason: ${found#; }"
        echo "- $(in_words "$reason"): ${found#; }"
    done
    printf '\n## What they say where the store is missing (situation 9)\n\n| program | original | drop-in |\n|---|---|---|\n'
    for name in "${built[@]}"; do
        echo "| $name | $(said original "$name" 9) | $(said drop-in "$name" 9) |"
    done
    printf '\n## What `cacerts inspect` says of them\n\nRoots are those of that store, each key counted once.\n\n'
    crate=
    for name in "${built[@]}"; do
        [[ ${CRATE[$name]} != "$crate" ]] || continue
        crate=${CRATE[$name]}
        for kind in "${KINDS[@]}"; do
            # What has no note, or other roots, is a no, which is no fault of an original.
            { inspect '' "$kind" "$name" || true; } | sed "s/^/- $kind: /"
        done
    done
    local counted=()
    for name in "${built[@]}"; do ! is_counted "$name" || counted+=("$name"); done
    [[ ${#counted[@]} != 0 ]] || return 0
    printf '\n## What it costs\n\nStart to the first request: instructions of the whole process, in millions (valgrind, the least of fifteen: aws-lc, in xh, varies by 2), and\nfiles and directories opened. The difference to one root in `SSL_CERT_FILE` is the store.\n\n| program | | M instructions | one root | store | opened | for the store |\n|---|---|---|---|---|---|---|\n'
    for name in "${counted[@]}"; do
        for kind in "${KINDS[@]}"; do
            if [[ -z ${COST[$kind.$name.store]:-} ]]; then fault "$name, $kind: nothing was counted"; continue; fi
            awk -v name="$name" -v kind="$kind" '{ printf "| %s | %s | %.2f | %.2f | %.2f | %d | %d |\n", name, kind, $1/1e6, $4/1e6, ($1-$4)/1e6, $2, $3 }' \
                <<< "${COST[$kind.$name.store]} ${COST[$kind.$name.root]}"
        done
    done
    printf '\nWhat the drop-in opens:\n\n'
    for name in "${counted[@]}"; do
        echo "- $name: $(sed "s,^$OUT/work\.[^/]*/home/,~/," "$OUT/output/drop-in/$name/$name.store.opened" | uniq -c |
            awk '{ printf "%s`%s`%s", sep, $2, ($1 > 1 ? " (" $1 " times)" : ""); sep = ", " }')"
    done
}
