package sqlitestore

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"testing"
)

// BenchmarkOpenAccounts reports what an account costs whose database is open:
// resident memory and descriptors.
func BenchmarkOpenAccounts(b *testing.B) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		b.Skip("needs /proc")
	}
	s := openStore(b, b.TempDir(), Options{Logger: quiet, Durability: Relaxed})
	const n = 200
	memory, files := resident(b), descriptors(b)
	for i := range n {
		a, id := newAccount(b, s, fmt.Sprint("user", i))
		appendText(b, a, id, "text")
		if _, err := a.Load(b.Context(), id); err != nil {
			b.Fatal(err)
		}
	}
	memory, files = resident(b)-memory, descriptors(b)-files
	for b.Loop() { // resets what was reported
	}
	b.ReportMetric(float64(memory)/n, "B/account")
	b.ReportMetric(float64(files)/n, "files/account")
}

// resident is the resident memory of this process, in octets.
func resident(b *testing.B) int {
	b.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	m := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(text)
	if m == nil {
		b.Fatal("no VmRSS")
	}
	kib, err := strconv.Atoi(string(m[1]))
	if err != nil {
		b.Fatal(err)
	}
	return kib << 10
}

func descriptors(b *testing.B) int {
	b.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		b.Fatal(err)
	}
	return len(list)
}
