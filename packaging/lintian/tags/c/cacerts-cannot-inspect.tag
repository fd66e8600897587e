Tag: cacerts-cannot-inspect
Severity: error
Check: cacerts
Explanation: The package, or a file in it, could not be looked into: the command
 <code>cacerts</code> is missing, there is no store on this machine to know
 roots by, the file is damaged, or it has been packed or encrypted.
