Tag: cacerts-embedded-roots
Severity: error
Check: cacerts
Explanation: The file has a list of root certificates in it. Whoever runs the program
 cannot say which of them to trust, and has those of the day on which it was
 built.
 .
 Build it with <code>cargo cacerts</code>, which puts the store of the
 distribution in their place.
