# shellcheck shell=bash
# Sourced by tests/servers/inside: starts servers, and asks `cacerts check` about them.

# start PORT COMMAND...: a server, which listens on that port of 127.0.0.1 before this returns. Its id is $last.
start() {
    local port=$1 try
    shift
    "$@" >> "$WORK/servers.log" 2>&1 </dev/null &
    last=$!
    for ((try = 0; try < 300; try++)); do
        ! (: < "/dev/tcp/127.0.0.1/$port") 2>/dev/null || return 0
        kill -0 "$last" 2>/dev/null || break
        sleep 0.1
    done
    fail "$1 listens on $port" "$(tail -n 20 "$WORK/servers.log")"
    done_testing
}

# s_server PORT OPTION...: openssl's.
s_server() { start "$1" openssl s_server -accept "127.0.0.1:$1" -quiet "${@:2}"; }
# wait_long COMMAND...: until it succeeds, for a minute at most.
wait_long() {
    local try
    for ((try = 0; try < 600; try++)); do
        ! "$@" || return 0
        sleep 0.1
    done
    return 1
}

# pair NAME: what it takes for a certificate, as the variable $pair.
pair() { pair=(-cert "$TLS/$1.pem" -key "$TLS/$1.key" -cert_chain "$TLS/$1.chain"); }

# ask NAME [VARIABLE=VALUE]... ARGUMENT...: checks twice, for a person and a program, with $store for a store, or the
# system's if that is empty. What is said is in $WORK/NAME.text and .json, the status in .status.
ask() {
    local name=$1 text_status=0 status=0 variables=()
    shift
    while [[ $1 =~ ^[A-Za-z_]+= ]]; do variables+=("$1"); shift; done
    [[ -z $store ]] || set -- --ca-certs "/srv/tls/$store.pem" "$@"
    inside "${variables[@]}" cacerts check --json "$@" > "$WORK/$name.json" 2> "$WORK/$name.stderr" </dev/null &
    inside "${variables[@]}" cacerts check "$@" > "$WORK/$name.text" 2>> "$WORK/$name.stderr" </dev/null || text_status=$?
    wait $! || status=$?
    # At once, as somebody may wait for it.
    printf '%s\n' "$text_status" "$status" > "$WORK/$name.status"
}

# told NAME SERVER CAUSE STATUS REASON WORDS FILTER: what was asked as NAME has this reason (null: none), the text has
# the words, as if it had no lines, and the filter of jq holds for the fields.
told() {
    local name=$1 server=$2 cause=$3 status=$4 reason=$5 words=$6 filter=${7:-true} wrong='' text wide
    text=$(tr -s ' \n' ' ' < "$WORK/$name.text")
    [[ $(<"$WORK/$name.status") == "$status"$'\n'"$status" ]] || wrong+="exit status: $(<"$WORK/$name.status"), not $status"$'\n'
    [[ $(jq -r .reason "$WORK/$name.json") == "$reason" ]] || wrong+="reason: $(jq -r .reason "$WORK/$name.json"), not $reason"$'\n'
    [[ $text == *"$words"* ]] || wrong+="not said: $words"$'\n'
    jq -e ".message as \$said | (\$said == null or (\$text | startswith(\$said))) and ($filter)" --arg text "$text" \
        "$WORK/$name.json" >/dev/null || wrong+="fields: not $filter"$'\n'
    # Commands and paths stay whole.
    wide=$(grep -E '.{81}' "$WORK/$name.text" | grep -vE '^ {6}[^ ]|^ *[^ ]+ *[^ ]*$' || true)
    [[ -z $wide ]] || wrong+="wide: $wide"$'\n'
    if [[ -z $wrong ]]; then pass "$server: $cause"; else
        fail "$server: $cause" "$wrong$(cat "$WORK/$name.text" "$WORK/$name.stderr")$(jq -c "del(.steps)" "$WORK/$name.json")"
    fi
    printf '%s|%s|%s|%s\n' "$server" "$cause" "$reason" "$status" >> "$WORK/causes"
}

# cause SERVER CAUSE STATUS REASON WORDS FILTER [VARIABLE=VALUE]... ARGUMENT...: asks, and looks at it.
cause() {
    ask "last" "${@:7}"
    told "last" "${@:1:6}"
}

# good SERVER [VARIABLE=VALUE]... ARGUMENT...: the same server is trusted.
good() { cause "$1" '(nothing is wrong)' 0 null ' is trusted' '.verified and .root != null' "${@:2}"; }

# table TITLE FILE: of its lines, whose columns | parts.
table() {
    echo
    column -t -s '|' -N "$1" "$2"
}
