Tag: cacerts-store-not-in-depends
Severity: error
Check: cacerts
Explanation: The program trusts a store that the package does not bring along: without
 it the program trusts nobody. The package that provides it has to be in
 <code>Depends</code>.
