Tag: cacerts-trusts-other-store
Severity: error
Check: cacerts
Explanation: The program has another path built in than the one that
 <code>cacerts path</code> has on this machine, or none.
 .
 Set <code>CACERTS_DEFAULT_PATH</code> where the package is built, and look
 whether it gets through to the build.
