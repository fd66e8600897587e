# shellcheck shell=bash
# Sourced by tests/servers/inside: what is not reached, or says nothing, the server or the proxy. What takes long is
# begun first, and looked at in the end.

# squid_conf PORTS: what each squid here has in common.
squid_conf() { # PORTS
    cat <<CNF
$1
pid_filename none
cache_log /mnt/squid.log
access_log none
logfile_rotate 0
cache deny all
netdb_filename none
shutdown_lifetime 0
connect_timeout 5 seconds
dns_nameservers 127.0.0.1
hosts_file /dev/null
visible_hostname proxy.corp.example
CNF
}

# --- What says nothing: processes that are stopped, and addresses whose packets are lost ---

proxy=http://proxy.corp.example
s_server 4500 "${api[@]}"
kill -STOP "$last"
squid_conf 'http_port 127.0.0.1:3140' > /mnt/stopped.conf
start 3140 squid -N -f /mnt/stopped.conf
kill -STOP "$last"
ip route add 192.0.2.0/24 dev lo
ask stopped api.corp.example:4500 &
ask stopped-proxy "https_proxy=$proxy:3140" api.corp.example &
ask lost 192.0.2.1 &
ask lost-proxy https_proxy=http://192.0.2.1:3128 api.corp.example &
ask stopped-mail --starttls smtp api.corp.example:4500 &

not_answered() {
    local name
    for name in stopped stopped-proxy lost lost-proxy stopped-mail; do
        wait_long test -s "$WORK/$name.status" || true
    done
    told stopped "$openssl" 'stopped' 3 silent 'takes the connection, and says nothing' '.stage == "tls"'
    told stopped-mail "$openssl" 'stopped, for STARTTLS' 3 silent 'It waits' '.stage == "starttls"'
    told stopped-proxy "$squid" 'stopped' 3 proxy-silent "the proxy $proxy:3140 (https_proxy) does not answer" '.stage == "proxy"'
    told lost network 'packets are lost' 3 silent '192.0.2.1:443 does not answer' '.stage == "connect"'
    told lost-proxy network 'packets to the proxy are lost' 3 proxy-silent \
        'the proxy http://192.0.2.1:3128 (https_proxy) does not answer' '.stage == "connect"'
}

# --- What is not there: ports, networks and names ---

cause network 'nobody listens' 3 refused 'api.corp.example:4501 refuses the connection (127.0.0.1:4501)' \
    '.stage == "connect" and .address == "127.0.0.1:4501"' api.corp.example:4501
cause network 'nobody listens as the proxy' 3 proxy-refused "the proxy $proxy:4501 (https_proxy) refuses the connection" \
    '.stage == "connect"' "https_proxy=$proxy:4501" api.corp.example
cause network 'no way to it' 3 unreachable '198.51.100.1:443 cannot be reached' '.stage == "connect"' 198.51.100.1
cause network 'no way to the proxy' 3 proxy-unreachable 'the proxy http://198.51.100.1:3128 (https_proxy) cannot be reached' \
    '.stage == "connect"' https_proxy=http://198.51.100.1:3128 api.corp.example
cause "$dnsmasq" 'no such name' 3 unknown-host 'nobody.invalid:443 is not known' '.stage == "lookup"' nobody.invalid
cause "$dnsmasq" 'no such proxy' 3 proxy-unknown-host 'the proxy http://nobody.invalid:3128 (https_proxy) is not known' \
    '.stage == "lookup"' https_proxy=http://nobody.invalid:3128 api.corp.example
# Where no DNS server is.
echo 'nameserver 127.0.0.2' > "$DIR/etc/resolv.conf"
cause DNS 'no answer' 3 lookup-failed 'cannot be looked up: DNS does not answer' '.stage == "lookup"' api.corp.example
cause DNS 'no answer about the proxy' 3 proxy-lookup-failed \
    "the proxy $proxy:3128 (https_proxy) cannot be looked up: DNS does not answer" '.stage == "lookup"' \
    "https_proxy=$proxy:3128" api.corp.example
echo 'nameserver 127.0.0.1' > "$DIR/etc/resolv.conf"
