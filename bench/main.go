// Command bench compares the codec with two others and with two floors, all in
// one run: machines are noisy, ratios less so. It prints the medians of several
// rounds, in each of which every subject has its turn.
//
// The subjects are the codec of package imap, the hand-written decoders in
// bench/prototype, go-imap v2 and, as floors, a loop that only finds the ends of
// tokens and one that only looks at words for quotes and controls.
//
// Where a program's code and data come to lie changes what a processor makes of it: the
// same file run again, or a copy of it, may differ by a tenth, now and then by a quarter. Compare
// several copies of each of two programs before you believe in a gain.
package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// A workload is an input that the subjects work on, unit by unit.
type workload struct {
	name string
	// units and octets are those of one pass.
	units, octets int
	subjects      []subject
}

// more are further workloads: with the build tag growth, those that say what extensions cost.
var more = func(string) ([]workload, error) { return nil, nil }

// A subject does one pass over a workload.
type subject struct {
	name string
	pass func()
}

func main() {
	rounds := flag.Int("rounds", 31, "number of rounds, of which medians are taken")
	slice := flag.Duration("slice", 10*time.Millisecond, "time for a subject in a round")
	match := flag.String("match", "", "regular expression of the workloads to run")
	dir := flag.String("corpora", "../imap/testdata", "directory of the corpora")
	flag.Parse()
	chosen, err := regexp.Compile(*match)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	all, err := workloads(*dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	extra, err := more(*dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	all = append(all, extra...)
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "workload\tsubject\tns/unit\tMB/s\ttime of imap / time of this")
	for _, w := range all {
		if chosen.MatchString(w.name) {
			report(out, w, measure(w, *rounds, *slice))
			out.Flush()
		}
	}
}

// measure returns the median nanoseconds of a unit for each subject.
func measure(w workload, rounds int, slice time.Duration) []float64 {
	times := make([][]float64, len(w.subjects))
	for range rounds {
		for i, s := range w.subjects {
			times[i] = append(times[i], timed(s.pass, slice)/float64(w.units))
		}
	}
	medians := make([]float64, len(times))
	for i, t := range times {
		slices.Sort(t)
		medians[i] = t[len(t)/2]
	}
	return medians
}

// timed repeats passes for a while and returns the nanoseconds of one.
func timed(pass func(), slice time.Duration) float64 {
	pass()
	start := time.Now()
	for n := 1; ; n++ {
		pass()
		if spent := time.Since(start); spent > slice {
			return float64(spent.Nanoseconds()) / float64(n)
		}
	}
}

func report(out *tabwriter.Writer, w workload, ns []float64) {
	for i, s := range w.subjects {
		rate := float64(w.octets) / float64(w.units) / ns[i] * 1000
		ratio := "–"
		if !strings.HasPrefix(s.name, "imap") {
			ratio = fmt.Sprintf("%.2f", ns[0]/ns[i])
		}
		fmt.Fprintf(out, "%s\t%s\t%.1f\t%.0f\t%s\n", w.name, s.name, ns[i], rate, ratio)
	}
}
