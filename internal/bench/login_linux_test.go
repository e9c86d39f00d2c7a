package bench

import "testing"

// BenchmarkStoreLogin opens fresh connections with TLS, logs in and opens a mailbox. The password has been verified
// before, as it is for a client that comes back. Goal: 2 ms of the server's time; Dovecot takes 6 to 7 without TLS.
func BenchmarkStoreLogin(b *testing.B) {
	const connections = 500
	server := startData(b, sharedData(b))
	// Some more, so that what a first one costs is not counted: the password's verification is one of these.
	visit := func() {
		c := dial(b, server.tls, true, "alice")
		c.do(b, "SELECT Drafts")
		c.do(b, "LOGOUT")
		_ = c.Close() // it was said goodbye to
	}
	for range 20 {
		visit()
	}
	for b.Loop() {
		before := server.cpu(b)
		for range connections {
			visit()
		}
		report(b, micros(server.cpu(b)-before)/1000/connections, "ms-CPU", 2)
	}
}
