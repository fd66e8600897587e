Tag: cacerts-guesses-store
Severity: warning
Check: cacerts
Explanation: The program goes through a list of well-known paths, and takes the first
 one that is there. Nobody has decided which store it trusts.
 .
 Build it with <code>cargo cacerts</code>.
