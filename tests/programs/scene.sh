# shellcheck shell=bash
# Sourced by tests/programs/cells and costs, in namespaces of their own: the names that programs ask for, /etc/ssl,
# and the server. $WORK is the place for all of it.

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/programs/stores.sh
. "$HERE/stores.sh"
# shellcheck source=tests/programs/list.sh
. "$HERE/list.sh"
server=

# set_scene: a network of its own, in which this machine has all of $HOSTS, and a /etc/ssl of its own.
set_scene() {
    ip link set lo up
    echo "127.0.0.1 localhost ${HOSTS[*]}" > "$WORK/hosts"
    mount --bind "$WORK/hosts" /etc/hosts
    rm -rf "$WORK/ssl"
    mkdir -p "$WORK/ssl" "$WORK/output"
    cp /etc/ssl/openssl.cnf "$WORK/ssl/"
    mount --bind "$WORK/ssl" /etc/ssl
}

# serve ROOT: a server with the certificate that this root has signed.
serve() {
    local try
    [[ -z $server ]] || { kill "$server" && wait "$server"; } 2>/dev/null || true
    : > "$WORK/server.log"
    python3 "$HERE/server.py" "$PKI/$1.chain.pem" "$PKI/$1.leaf.key" "$WORK/server.log" 443 &
    server=$!
    for ((try = 0; try < 600; try++)); do
        ! grep -q '^listening' "$WORK/server.log" || return 0
        sleep 0.05
    done
    echo 'the server does not start' >&2
    return 1
}

# verdict: what the server has seen.
verdict() {
    if grep -q '^request' "$WORK/server.log"; then echo works
    elif grep -q '^refused' "$WORK/server.log"; then echo refused
    else echo error; fi
}

# start PROGRAM SECONDS [VARIABLE=VALUE]...: runs what `drive` does, in the empty home $WORK/home with no other variable,
# until it ends, or the server has seen enough of it; a moment later it is ended, and what it has started.
start() {
    local program=$1 limit=$(($2 * 20)) grace=-1 try pid
    shift 2
    : > "$WORK/server.log"
    (
        cd "$WORK/home"
        exec unshare --pid --fork --kill-child --mount-proc env -i PATH="$PWD/bin:/usr/bin:/bin" HOME="$PWD" "$@" \
            bash "$HERE/drive" "$program"
    ) </dev/null &
    pid=$!
    for ((try = 0; try < limit && grace != 0; try++)); do
        kill -0 "$pid" 2>/dev/null || break
        # A daemon does not end by itself; others have something to say about it.
        if [[ $grace -lt 0 && $(verdict) != error ]]; then grace=40; fi
        grace=$((grace - (grace > 0)))
        sleep 0.05
    done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    # The server, too, has to come to the end of what was begun.
    for ((try = 0; try < 40; try++)); do
        sleep 0.05
        [[ $try -lt 2 || $(grep -c '^hello' "$WORK/server.log") -gt $(grep -cE '^(refused|request)' "$WORK/server.log") ]] || break
    done
}
