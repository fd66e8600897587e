# shellcheck shell=bash
# Sourced by tests/servers/inside: servers that are not reached, speak something else at first, or stand behind a proxy.

# --- STARTTLS: postfix ---

mail=/mnt/postfix
mkdir -p "$mail/queue" "$mail/data"
chown postfix "$mail/data"
cp /usr/share/postfix/master.cf.dist "$mail/master.cf"
sed -i -E 's/^smtp +inet.*/smtp inet n - n - - smtpd\n2525 inet n - n - - smtpd -o smtpd_tls_security_level=none\n2526 inet n - n - - smtpd -o smtpd_client_restrictions=reject -o smtpd_delay_reject=no/' "$mail/master.cf"
cat > "$mail/main.cf" <<CNF
compatibility_level = 3.6
queue_directory = $mail/queue
data_directory = $mail/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
myhostname = mail.corp.example
mydestination = localhost
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = /dev/stdout
smtpd_tls_security_level = may
smtpd_tls_cert_file = $TLS/api.chain
smtpd_tls_key_file = $TLS/api.key
CNF
start 25 postfix -c "$mail" start-fg
good "$postfix" --starttls smtp --server-name api.corp.example mail.corp.example
store=other-root cause "$postfix" 'root missing' 1 unknown-issuer 'wanted Example Corp Root CA' '.certificate == 1' \
    --server-name api.corp.example smtp://mail.corp.example
cause "$postfix" 'TLS begins later' 3 starttls-needed 'cacerts check --starttls smtp mail.corp.example:25' \
    '.verified == null' mail.corp.example:25
cause "$postfix" 'no TLS' 3 no-starttls 'offers no TLS' '.stage == "starttls"' --starttls smtp mail.corp.example:2525
cause "$postfix" 'it turns this client away' 3 starttls-refused 'turns this client away before TLS: it says "554' \
    '.stage == "starttls"' --starttls smtp mail.corp.example:2526

# --- dovecot ---

cat > /mnt/dovecot.conf <<CNF
base_dir = /run/dovecot
log_path = /mnt/dovecot.log
listen = 127.0.0.1
protocols = imap pop3
ssl = yes
ssl_cert = <$TLS/api.chain
ssl_key = <$TLS/api.key
passdb {
  driver = static
  args = nopassword=y
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=/mnt/home
}
CNF
start 995 dovecot -F -c /mnt/dovecot.conf
for protocol in imap pop3; do
    good "$dovecot, ${protocol^^}" --starttls "$protocol" api.corp.example
    good "$dovecot, ${protocol^^}" "${protocol}s://api.corp.example"
    store=other-root cause "$dovecot, ${protocol^^}" 'root missing' 1 unknown-issuer 'wanted Example Corp Root CA' \
        '.certificate == 1' "$protocol://api.corp.example"
done
cause "$dovecot, IMAP" 'TLS begins later' 3 starttls-needed 'cacerts check --starttls imap api.corp.example:143' \
    '.verified == null' api.corp.example:143
cause "$dovecot, POP3" 'TLS begins later' 3 starttls-needed 'cacerts check --starttls pop3 api.corp.example:110' \
    '.verified == null' api.corp.example 110
cause "$dovecot, IMAP" 'another protocol than named' 3 other-protocol 'speaks another protocol here: IMAP' \
    '.stage == "starttls"' --starttls smtp api.corp.example:143

# --- PostgreSQL, slapd and SSH ---

data=/mnt/data
mkdir "$data"
chown postgres "$data"
as_postgres=(setpriv --reuid postgres --regid postgres --clear-groups)
step 'PostgreSQL has a cluster' "${as_postgres[@]}" "$postgres/initdb" --no-sync --auth trust "$data"
install -o postgres -m 600 "$TLS/api.key" /mnt/postgres.key
run_postgres() { start "$1" "${as_postgres[@]}" "$postgres/postgres" -D "$data" -k /mnt/data -h 127.0.0.1 -p "$1" "${@:2}"; }
run_postgres 5432 -c ssl=on -c "ssl_cert_file=$TLS/api.chain" -c ssl_key_file=/mnt/postgres.key
good "$postgresql" postgres://user:secret@api.corp.example/database
store=other-root cause "$postgresql" 'root missing' 1 unknown-issuer 'wanted Example Corp Root CA' '.certificate == 1' \
    --starttls postgres api.corp.example
cause "$postgresql" 'TLS begins later' 3 starttls-needed 'cacerts check --starttls postgres api.corp.example:5432' \
    '.verified == null' api.corp.example:5432
kill -INT "$last"
wait "$last" || true
run_postgres 5433
cause "$postgresql" 'no TLS' 3 no-starttls 'offers no TLS' '.stage == "starttls"' --starttls postgres api.corp.example:5433
cause "$postgresql" 'it hangs up' 3 closed 'breaks off the connection' '.stage == "tls"' api.corp.example:5433

{
    echo 'include /etc/ldap/schema/core.schema'
    echo 'pidfile /run/slapd.pid'
    echo 'database config'
} > /mnt/plain.conf
{
    cat /mnt/plain.conf
    echo "TLSCertificateFile $TLS/direct.pem"
    echo "TLSCertificateKeyFile $TLS/direct.key"
} > /mnt/slapd.conf
start 389 slapd -d 0 -f /mnt/slapd.conf -h ldap://127.0.0.1:389
good "$slapd" ldap://direct.corp.example
store=other-root cause "$slapd" 'root missing' 1 unknown-issuer 'wanted Example Corp Root CA' '.certificate == 0' \
    --starttls ldap direct.corp.example
start 4440 slapd -d 0 -f /mnt/plain.conf -h ldap://127.0.0.1:4440
cause "$slapd" 'no TLS' 3 no-starttls 'offers no TLS' '.stage == "starttls"' --starttls ldap direct.corp.example:4440

start 22 dropbear -F -E -R -s -p 127.0.0.1:22 -P /run/dropbear.pid -r /mnt/dropbear.key
cause "dropbear" 'SSH' 3 other-protocol 'speaks SSH' '.verified == null' api.corp.example:22
start 873 rsync --daemon --no-detach --config=/dev/null --address=127.0.0.1
cause "rsync" 'no TLS' 3 not-tls 'it says "@RSYNCD' '.verified == null' api.corp.example:873
cause "$gnutls" 'TLS begins at once' 3 starttls-not-needed 'Leave --starttls out' '.stage == "starttls"' \
    --starttls postgres api.corp.example:4422
s_server 4441 "${api[@]}"
cause "$openssl" 'TLS begins at once, and it hangs up' 3 closed 'breaks off the connection before TLS' \
    '.stage == "starttls"' --starttls postgres api.corp.example:4441

# --- squid: through it, refused by it, and looking into TLS ---

cat "$TLS/proxy-root.pem" "$TLS/proxy-root.key" > /mnt/proxy.pem
echo "me:$(openssl passwd -apr1 secret)" > /mnt/proxy.users
/usr/lib/squid/security_file_certgen -c -s /mnt/proxy.certificates -M 4MB >/dev/null
chown -R proxy /mnt/proxy.certificates
{
    squid_conf "http_port 127.0.0.1:3128
http_port 127.0.0.1:3129
http_port 127.0.0.1:3130 ssl-bump tls-cert=/mnt/proxy.pem generate-host-certificates=on"
    cat <<CNF
sslcrtd_program /usr/lib/squid/security_file_certgen -s /mnt/proxy.certificates -M 4MB
sslcrtd_children 1
tls_outgoing_options cafile=$TLS/corp-root.pem
ssl_bump bump all
auth_param basic program /usr/lib/squid/basic_ncsa_auth /mnt/proxy.users
auth_param basic children 1
acl with_password localport 3129
acl known proxy_auth REQUIRED
acl secret dstdomain secret.corp.example
http_access deny secret
http_access deny with_password !known
http_access allow all
CNF
} > /mnt/squid.conf
start 3128 squid -N -f /mnt/squid.conf
proxy=http://proxy.corp.example
good "$squid" "https_proxy=$proxy:3128" api.corp.example
store=other-root cause "$squid" 'root missing, through it' 1 unknown-issuer 'wanted Example Corp Root CA' \
    ".certificate == 1 and .proxy == {url: \"$proxy:3128\", setting: \"https_proxy\"}" "https_proxy=$proxy:3128" api.corp.example
cause "$squid" 'refused: 403' 3 proxy-forbidden 'does not let this machine go there (403)' '.stage == "proxy"' \
    "https_proxy=$proxy:3128" secret.corp.example
cause "$squid" 'asks for a password: 407' 3 proxy-authentication 'wants a user and a password (407)' \
    '.stage == "proxy"' "https_proxy=$proxy:3129" api.corp.example
cause "$squid" 'another password: 407' 3 proxy-authentication 'does not accept the user and password' \
    '.stage == "proxy"' "https_proxy=http://me:wrong@proxy.corp.example:3129" api.corp.example
good "$squid" "https_proxy=http://me:secret@proxy.corp.example:3129" api.corp.example
cause "$squid" 'server not reached' 3 proxy-failed 'could not connect to it (503)' '.stage == "proxy"' \
    "https_proxy=$proxy:3128" api.corp.example:4499
cause "$squid" 'looks into TLS' 1 unknown-issuer 'whoever runs http://proxy.corp.example:3130 has its certificate' \
    '.wanted == "CN=Example Corp Inspection CA,O=Example Corp"' "https_proxy=$proxy:3130" api.corp.example
store=proxy-root good "$squid, looking into TLS" "https_proxy=$proxy:3130" api.corp.example
cause "$nginx" 'a web server in the place of the proxy' 3 proxy-failed 'through' '.stage == "proxy"' \
    "https_proxy=$proxy:80" api.corp.example
