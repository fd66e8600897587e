# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_cacerts_global_optspecs
    string join \n ca-certs= extra-ca-certs= cert= key= k/insecure tls-min= config= v/verbose h/help V/version
end

function __fish_cacerts_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_cacerts_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_cacerts_using_subcommand
    set -l cmd (__fish_cacerts_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c cacerts -n "__fish_cacerts_needs_command" -l ca-certs -l cacert -l os-cacert -d 'Trust this PEM file or directory instead of any other store [env: OS_CACERT]' -r -F
complete -c cacerts -n "__fish_cacerts_needs_command" -l extra-ca-certs -d 'Trust this PEM file or directory in addition; may be given more than once' -r -F
complete -c cacerts -n "__fish_cacerts_needs_command" -l cert -d 'Show this client certificate (PEM)' -r -F
complete -c cacerts -n "__fish_cacerts_needs_command" -l key -d 'The client certificate\'s key (PEM) [default: the file of --cert]' -r -F
complete -c cacerts -n "__fish_cacerts_needs_command" -l tls-min -d 'Speak no older TLS version: 1.2 or 1.3' -r
complete -c cacerts -n "__fish_cacerts_needs_command" -l config -d 'Read this configuration file, not the user\'s and the system\'s' -r -F
complete -c cacerts -n "__fish_cacerts_needs_command" -s k -l insecure -d 'Do not verify servers at all'
complete -c cacerts -n "__fish_cacerts_needs_command" -s v -l verbose -d 'Also show each request as a curl command, and what else there is to be said'
complete -c cacerts -n "__fish_cacerts_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cacerts -n "__fish_cacerts_needs_command" -s V -l version -d 'Print version'
complete -c cacerts -n "__fish_cacerts_needs_command" -f -a "path" -d 'Print the path of the store that is trusted, and nothing else'
complete -c cacerts -n "__fish_cacerts_needs_command" -f -a "defaults" -d 'Print the constants that are built in'
complete -c cacerts -n "__fish_cacerts_needs_command" -f -a "explain" -d 'Show where a store can be named, in order, which one won, and why the others did not'
complete -c cacerts -n "__fish_cacerts_needs_command" -f -a "list" -d 'List the certificates in the store, or in a file'
complete -c cacerts -n "__fish_cacerts_needs_command" -f -a "diff" -d 'Tell what one store has and the other has not'
complete -c cacerts -n "__fish_cacerts_needs_command" -f -a "get" -d 'Fetch an address from a server that is verified'
complete -c cacerts -n "__fish_cacerts_needs_command" -f -a "check" -d 'Go through one handshake with a server, and say whether it is trusted and why'
complete -c cacerts -n "__fish_cacerts_needs_command" -f -a "inspect" -d 'Tell what finished programs trust, without running them'
complete -c cacerts -n "__fish_cacerts_needs_command" -f -a "config" -d 'Read or change the configuration: the user\'s file, or the one of --config'
complete -c cacerts -n "__fish_cacerts_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cacerts -n "__fish_cacerts_using_subcommand path" -l ca-certs -l cacert -l os-cacert -d 'Trust this PEM file or directory instead of any other store [env: OS_CACERT]' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand path" -l extra-ca-certs -d 'Trust this PEM file or directory in addition; may be given more than once' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand path" -l cert -d 'Show this client certificate (PEM)' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand path" -l key -d 'The client certificate\'s key (PEM) [default: the file of --cert]' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand path" -l tls-min -d 'Speak no older TLS version: 1.2 or 1.3' -r
complete -c cacerts -n "__fish_cacerts_using_subcommand path" -l config -d 'Read this configuration file, not the user\'s and the system\'s' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand path" -s k -l insecure -d 'Do not verify servers at all'
complete -c cacerts -n "__fish_cacerts_using_subcommand path" -s v -l verbose -d 'Also show each request as a curl command, and what else there is to be said'
complete -c cacerts -n "__fish_cacerts_using_subcommand path" -s h -l help -d 'Print help'
complete -c cacerts -n "__fish_cacerts_using_subcommand defaults" -l ca-certs -l cacert -l os-cacert -d 'Trust this PEM file or directory instead of any other store [env: OS_CACERT]' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand defaults" -l extra-ca-certs -d 'Trust this PEM file or directory in addition; may be given more than once' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand defaults" -l cert -d 'Show this client certificate (PEM)' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand defaults" -l key -d 'The client certificate\'s key (PEM) [default: the file of --cert]' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand defaults" -l tls-min -d 'Speak no older TLS version: 1.2 or 1.3' -r
complete -c cacerts -n "__fish_cacerts_using_subcommand defaults" -l config -d 'Read this configuration file, not the user\'s and the system\'s' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand defaults" -l json -d 'Print JSON'
complete -c cacerts -n "__fish_cacerts_using_subcommand defaults" -s k -l insecure -d 'Do not verify servers at all'
complete -c cacerts -n "__fish_cacerts_using_subcommand defaults" -s v -l verbose -d 'Also show each request as a curl command, and what else there is to be said'
complete -c cacerts -n "__fish_cacerts_using_subcommand defaults" -s h -l help -d 'Print help'
complete -c cacerts -n "__fish_cacerts_using_subcommand explain" -l ca-certs -l cacert -l os-cacert -d 'Trust this PEM file or directory instead of any other store [env: OS_CACERT]' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand explain" -l extra-ca-certs -d 'Trust this PEM file or directory in addition; may be given more than once' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand explain" -l cert -d 'Show this client certificate (PEM)' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand explain" -l key -d 'The client certificate\'s key (PEM) [default: the file of --cert]' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand explain" -l tls-min -d 'Speak no older TLS version: 1.2 or 1.3' -r
complete -c cacerts -n "__fish_cacerts_using_subcommand explain" -l config -d 'Read this configuration file, not the user\'s and the system\'s' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand explain" -l json -d 'Print JSON'
complete -c cacerts -n "__fish_cacerts_using_subcommand explain" -s k -l insecure -d 'Do not verify servers at all'
complete -c cacerts -n "__fish_cacerts_using_subcommand explain" -s v -l verbose -d 'Also show each request as a curl command, and what else there is to be said'
complete -c cacerts -n "__fish_cacerts_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cacerts -n "__fish_cacerts_using_subcommand list" -l expires-within -d 'Only those that have expired or will have in this many days' -r
complete -c cacerts -n "__fish_cacerts_using_subcommand list" -l ca-certs -l cacert -l os-cacert -d 'Trust this PEM file or directory instead of any other store [env: OS_CACERT]' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand list" -l extra-ca-certs -d 'Trust this PEM file or directory in addition; may be given more than once' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand list" -l cert -d 'Show this client certificate (PEM)' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand list" -l key -d 'The client certificate\'s key (PEM) [default: the file of --cert]' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand list" -l tls-min -d 'Speak no older TLS version: 1.2 or 1.3' -r
complete -c cacerts -n "__fish_cacerts_using_subcommand list" -l config -d 'Read this configuration file, not the user\'s and the system\'s' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand list" -l full -d 'Show each in full'
complete -c cacerts -n "__fish_cacerts_using_subcommand list" -l pem -d 'Print PEM'
complete -c cacerts -n "__fish_cacerts_using_subcommand list" -l json -d 'Print JSON'
complete -c cacerts -n "__fish_cacerts_using_subcommand list" -s k -l insecure -d 'Do not verify servers at all'
complete -c cacerts -n "__fish_cacerts_using_subcommand list" -s v -l verbose -d 'Also show each request as a curl command, and what else there is to be said'
complete -c cacerts -n "__fish_cacerts_using_subcommand list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cacerts -n "__fish_cacerts_using_subcommand diff" -l ca-certs -l cacert -l os-cacert -d 'Trust this PEM file or directory instead of any other store [env: OS_CACERT]' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand diff" -l extra-ca-certs -d 'Trust this PEM file or directory in addition; may be given more than once' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand diff" -l cert -d 'Show this client certificate (PEM)' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand diff" -l key -d 'The client certificate\'s key (PEM) [default: the file of --cert]' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand diff" -l tls-min -d 'Speak no older TLS version: 1.2 or 1.3' -r
complete -c cacerts -n "__fish_cacerts_using_subcommand diff" -l config -d 'Read this configuration file, not the user\'s and the system\'s' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand diff" -l json -d 'Print JSON'
complete -c cacerts -n "__fish_cacerts_using_subcommand diff" -s k -l insecure -d 'Do not verify servers at all'
complete -c cacerts -n "__fish_cacerts_using_subcommand diff" -s v -l verbose -d 'Also show each request as a curl command, and what else there is to be said'
complete -c cacerts -n "__fish_cacerts_using_subcommand diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cacerts -n "__fish_cacerts_using_subcommand get" -s o -l output -d 'Write to this file, not to standard output' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand get" -l ca-certs -l cacert -l os-cacert -d 'Trust this PEM file or directory instead of any other store [env: OS_CACERT]' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand get" -l extra-ca-certs -d 'Trust this PEM file or directory in addition; may be given more than once' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand get" -l cert -d 'Show this client certificate (PEM)' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand get" -l key -d 'The client certificate\'s key (PEM) [default: the file of --cert]' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand get" -l tls-min -d 'Speak no older TLS version: 1.2 or 1.3' -r
complete -c cacerts -n "__fish_cacerts_using_subcommand get" -l config -d 'Read this configuration file, not the user\'s and the system\'s' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand get" -s k -l insecure -d 'Do not verify servers at all'
complete -c cacerts -n "__fish_cacerts_using_subcommand get" -s v -l verbose -d 'Also show each request as a curl command, and what else there is to be said'
complete -c cacerts -n "__fish_cacerts_using_subcommand get" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cacerts -n "__fish_cacerts_using_subcommand check" -l starttls -d 'Begin in this protocol, and go over to TLS' -r -f -a "imap\t''
ldap\t''
pop3\t''
postgres\t''
smtp\t''"
complete -c cacerts -n "__fish_cacerts_using_subcommand check" -l server-name -d 'Ask for this name (SNI), which the certificate has to be for' -r
complete -c cacerts -n "__fish_cacerts_using_subcommand check" -l connect -d 'Connect to this HOST or HOST:PORT, and ask for the server all the same' -r
complete -c cacerts -n "__fish_cacerts_using_subcommand check" -l expires-within -d 'Fail if one of its certificates, or the root, runs out within so many days' -r
complete -c cacerts -n "__fish_cacerts_using_subcommand check" -l ca-certs -l cacert -l os-cacert -d 'Trust this PEM file or directory instead of any other store [env: OS_CACERT]' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand check" -l extra-ca-certs -d 'Trust this PEM file or directory in addition; may be given more than once' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand check" -l cert -d 'Show this client certificate (PEM)' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand check" -l key -d 'The client certificate\'s key (PEM) [default: the file of --cert]' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand check" -l tls-min -d 'Speak no older TLS version: 1.2 or 1.3' -r
complete -c cacerts -n "__fish_cacerts_using_subcommand check" -l config -d 'Read this configuration file, not the user\'s and the system\'s' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand check" -l pem -d 'Print what the server sent, in PEM, and nothing else; trusted or not'
complete -c cacerts -n "__fish_cacerts_using_subcommand check" -l json -d 'Print JSON'
complete -c cacerts -n "__fish_cacerts_using_subcommand check" -s k -l insecure -d 'Do not verify servers at all'
complete -c cacerts -n "__fish_cacerts_using_subcommand check" -s v -l verbose -d 'Also show each request as a curl command, and what else there is to be said'
complete -c cacerts -n "__fish_cacerts_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cacerts -n "__fish_cacerts_using_subcommand inspect" -l expect -d 'Fail if a file has notes with another path than exactly this (none: nothing baked in), or has no note although it was named itself; below a directory those without one pass' -r
complete -c cacerts -n "__fish_cacerts_using_subcommand inspect" -l deny -d 'Fail if a file has embedded roots, or if there is no store to look for; or if a program guesses: it has a list of well-known paths, and no note' -r -f -a "embedded-roots\t''
guessing\t''"
complete -c cacerts -n "__fish_cacerts_using_subcommand inspect" -l ca-certs -l cacert -l os-cacert -d 'Trust this PEM file or directory instead of any other store [env: OS_CACERT]' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand inspect" -l extra-ca-certs -d 'Trust this PEM file or directory in addition; may be given more than once' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand inspect" -l cert -d 'Show this client certificate (PEM)' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand inspect" -l key -d 'The client certificate\'s key (PEM) [default: the file of --cert]' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand inspect" -l tls-min -d 'Speak no older TLS version: 1.2 or 1.3' -r
complete -c cacerts -n "__fish_cacerts_using_subcommand inspect" -l config -d 'Read this configuration file, not the user\'s and the system\'s' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand inspect" -l json -d 'Print JSON: an array of the ELF and PE files, and of others with something to say'
complete -c cacerts -n "__fish_cacerts_using_subcommand inspect" -l json-lines -d 'Print the same as JSON while it goes, a line for each file'
complete -c cacerts -n "__fish_cacerts_using_subcommand inspect" -s k -l insecure -d 'Do not verify servers at all'
complete -c cacerts -n "__fish_cacerts_using_subcommand inspect" -s v -l verbose -d 'Also show each request as a curl command, and what else there is to be said'
complete -c cacerts -n "__fish_cacerts_using_subcommand inspect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and not __fish_seen_subcommand_from get set unset help" -l ca-certs -l cacert -l os-cacert -d 'Trust this PEM file or directory instead of any other store [env: OS_CACERT]' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and not __fish_seen_subcommand_from get set unset help" -l extra-ca-certs -d 'Trust this PEM file or directory in addition; may be given more than once' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and not __fish_seen_subcommand_from get set unset help" -l cert -d 'Show this client certificate (PEM)' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and not __fish_seen_subcommand_from get set unset help" -l key -d 'The client certificate\'s key (PEM) [default: the file of --cert]' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and not __fish_seen_subcommand_from get set unset help" -l tls-min -d 'Speak no older TLS version: 1.2 or 1.3' -r
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and not __fish_seen_subcommand_from get set unset help" -l config -d 'Read this configuration file, not the user\'s and the system\'s' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and not __fish_seen_subcommand_from get set unset help" -s k -l insecure -d 'Do not verify servers at all'
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and not __fish_seen_subcommand_from get set unset help" -s v -l verbose -d 'Also show each request as a curl command, and what else there is to be said'
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and not __fish_seen_subcommand_from get set unset help" -s h -l help -d 'Print help'
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and not __fish_seen_subcommand_from get set unset help" -f -a "get" -d 'Print the value that the configuration files, or else what is built in, give a key'
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and not __fish_seen_subcommand_from get set unset help" -f -a "set" -d 'Set a key, and tell at once of what cannot be used'
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and not __fish_seen_subcommand_from get set unset help" -f -a "unset" -d 'Remove a key'
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and not __fish_seen_subcommand_from get set unset help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from get" -l ca-certs -l cacert -l os-cacert -d 'Trust this PEM file or directory instead of any other store [env: OS_CACERT]' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from get" -l extra-ca-certs -d 'Trust this PEM file or directory in addition; may be given more than once' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from get" -l cert -d 'Show this client certificate (PEM)' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from get" -l key -d 'The client certificate\'s key (PEM) [default: the file of --cert]' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from get" -l tls-min -d 'Speak no older TLS version: 1.2 or 1.3' -r
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from get" -l config -d 'Read this configuration file, not the user\'s and the system\'s' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from get" -s k -l insecure -d 'Do not verify servers at all'
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from get" -s v -l verbose -d 'Also show each request as a curl command, and what else there is to be said'
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help'
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from set" -l ca-certs -l cacert -l os-cacert -d 'Trust this PEM file or directory instead of any other store [env: OS_CACERT]' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from set" -l extra-ca-certs -d 'Trust this PEM file or directory in addition; may be given more than once' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from set" -l cert -d 'Show this client certificate (PEM)' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from set" -l key -d 'The client certificate\'s key (PEM) [default: the file of --cert]' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from set" -l tls-min -d 'Speak no older TLS version: 1.2 or 1.3' -r
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from set" -l config -d 'Read this configuration file, not the user\'s and the system\'s' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from set" -s k -l insecure -d 'Do not verify servers at all'
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from set" -s v -l verbose -d 'Also show each request as a curl command, and what else there is to be said'
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from unset" -l ca-certs -l cacert -l os-cacert -d 'Trust this PEM file or directory instead of any other store [env: OS_CACERT]' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from unset" -l extra-ca-certs -d 'Trust this PEM file or directory in addition; may be given more than once' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from unset" -l cert -d 'Show this client certificate (PEM)' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from unset" -l key -d 'The client certificate\'s key (PEM) [default: the file of --cert]' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from unset" -l tls-min -d 'Speak no older TLS version: 1.2 or 1.3' -r
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from unset" -l config -d 'Read this configuration file, not the user\'s and the system\'s' -r -F
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from unset" -s k -l insecure -d 'Do not verify servers at all'
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from unset" -s v -l verbose -d 'Also show each request as a curl command, and what else there is to be said'
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from unset" -s h -l help -d 'Print help'
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "get" -d 'Print the value that the configuration files, or else what is built in, give a key'
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "set" -d 'Set a key, and tell at once of what cannot be used'
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "unset" -d 'Remove a key'
complete -c cacerts -n "__fish_cacerts_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cacerts -n "__fish_cacerts_using_subcommand help; and not __fish_seen_subcommand_from path defaults explain list diff get check inspect config help" -f -a "path" -d 'Print the path of the store that is trusted, and nothing else'
complete -c cacerts -n "__fish_cacerts_using_subcommand help; and not __fish_seen_subcommand_from path defaults explain list diff get check inspect config help" -f -a "defaults" -d 'Print the constants that are built in'
complete -c cacerts -n "__fish_cacerts_using_subcommand help; and not __fish_seen_subcommand_from path defaults explain list diff get check inspect config help" -f -a "explain" -d 'Show where a store can be named, in order, which one won, and why the others did not'
complete -c cacerts -n "__fish_cacerts_using_subcommand help; and not __fish_seen_subcommand_from path defaults explain list diff get check inspect config help" -f -a "list" -d 'List the certificates in the store, or in a file'
complete -c cacerts -n "__fish_cacerts_using_subcommand help; and not __fish_seen_subcommand_from path defaults explain list diff get check inspect config help" -f -a "diff" -d 'Tell what one store has and the other has not'
complete -c cacerts -n "__fish_cacerts_using_subcommand help; and not __fish_seen_subcommand_from path defaults explain list diff get check inspect config help" -f -a "get" -d 'Fetch an address from a server that is verified'
complete -c cacerts -n "__fish_cacerts_using_subcommand help; and not __fish_seen_subcommand_from path defaults explain list diff get check inspect config help" -f -a "check" -d 'Go through one handshake with a server, and say whether it is trusted and why'
complete -c cacerts -n "__fish_cacerts_using_subcommand help; and not __fish_seen_subcommand_from path defaults explain list diff get check inspect config help" -f -a "inspect" -d 'Tell what finished programs trust, without running them'
complete -c cacerts -n "__fish_cacerts_using_subcommand help; and not __fish_seen_subcommand_from path defaults explain list diff get check inspect config help" -f -a "config" -d 'Read or change the configuration: the user\'s file, or the one of --config'
complete -c cacerts -n "__fish_cacerts_using_subcommand help; and not __fish_seen_subcommand_from path defaults explain list diff get check inspect config help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cacerts -n "__fish_cacerts_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "get" -d 'Print the value that the configuration files, or else what is built in, give a key'
complete -c cacerts -n "__fish_cacerts_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "set" -d 'Set a key, and tell at once of what cannot be used'
complete -c cacerts -n "__fish_cacerts_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "unset" -d 'Remove a key'
