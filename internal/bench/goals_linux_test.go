package bench

import (
	"fmt"
	"io"
	"slices"
	"testing"
	"text/tabwriter"
)

// row is a line of the table that is printed at the end: a goal, and what each run has measured.
type row struct {
	what   string
	unit   string
	goal   float64
	least  bool // the goal is the least that will do, not the most
	values []float64
}

// table is all rows, in the order in which they were measured first.
var table []*row

// report prints a figure, and fails the benchmark with -goals if it is above its goal.
func report(b *testing.B, value float64, unit string, goal float64) {
	b.Helper()
	note(b, value, row{what: b.Name(), unit: unit, goal: goal})
}

// reportLeast is report for a figure that must not be below its goal.
func reportLeast(b *testing.B, value float64, unit string, goal float64) {
	b.Helper()
	note(b, value, row{what: b.Name(), unit: unit, goal: goal, least: true})
}

func note(b *testing.B, value float64, r row) {
	b.Helper()
	b.ReportMetric(0, "ns/op") // hidden: it would be the client's time
	b.ReportMetric(value, r.unit)
	at := slices.IndexFunc(table, func(t *row) bool { return t.what == r.what && t.unit == r.unit })
	if at < 0 {
		at = len(table)
		table = append(table, &r)
	}
	table[at].values = append(table[at].values, value)
	if r.reaches(value) {
		return
	}
	message := fmt.Sprintf("%.4g %s, the goal is %.4g", value, r.unit, r.goal)
	if *goals {
		b.Error(message)
	} else {
		b.Log("goal missed: " + message)
	}
}

func (r *row) reaches(value float64) bool {
	if r.least {
		return value >= r.goal
	}
	return value <= r.goal
}

// better is how many times better than its goal a figure is; 1 just reaches it.
func (r *row) better(value float64) float64 {
	if r.least {
		return value / r.goal
	}
	return r.goal / max(value, 1e-9)
}

// printTable prints all goals with the median of what was measured, and the worst and best of it when there were
// several runs.
func printTable(w io.Writer) {
	if len(table) == 0 {
		return
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nbenchmark\tgoal\tmeasured\tunit\ttimes the goal\truns (min–max)\t")
	for _, r := range table {
		v := slices.Sorted(slices.Values(r.values))
		median, sign, verdict := v[len(v)/2], "≤", "missed"
		if r.least {
			sign = "≥"
		}
		if r.reaches(median) {
			verdict = "reached"
		}
		fmt.Fprintf(t, "%s\t%s %.4g\t%.4g\t%s\t%.2f\t%d (%.4g–%.4g)\t%s\n",
			r.what[len("Benchmark"):], sign, r.goal, median, r.unit, r.better(median), len(v), v[0], v[len(v)-1], verdict)
	}
	_ = t.Flush() // standard output
}
