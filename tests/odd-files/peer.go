// Says how many of the servers a file of certificates makes trusted: FILE SERVER...
package main

import (
	"crypto/x509"
	"fmt"
	"os"
)

func main() {
	pool := x509.NewCertPool()
	bytes, err := os.ReadFile(os.Args[1])
	said := err != nil || !pool.AppendCertsFromPEM(bytes)
	trusted := 0
	for _, path := range os.Args[2:] {
		der, err := os.ReadFile(path)
		if err != nil {
			panic(err)
		}
		server, err := x509.ParseCertificate(der)
		if err != nil {
			panic(err)
		}
		if _, err := server.Verify(x509.VerifyOptions{Roots: pool, DNSName: "server.example"}); err == nil {
			trusted++
		}
	}
	fmt.Println(trusted, said)
}
