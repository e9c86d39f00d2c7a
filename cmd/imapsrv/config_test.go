package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"github.com/imapsrv/imapsrv/imap/session"
	"github.com/imapsrv/imapsrv/store"
)

// notInFiles are the flags of serve that no config file has: they say what kind of server it is, and where the file is.
var notInFiles = []string{"config", "demo", "help", "stdio", "user"}

func model(t *testing.T) (*commands, *kong.Kong) {
	t.Helper()
	var line commands
	parser, err := kong.New(&line, kong.Name("imapsrv"))
	if err != nil {
		t.Fatal(err)
	}
	return &line, parser
}

// TestEverySetting: each flag of serve is in the sample, and the sample has nothing else.
func TestEverySetting(t *testing.T) {
	_, parser := model(t)
	var flags []string
	for _, command := range parser.Model.Children {
		if command.Name != "serve" {
			continue
		}
		for _, flag := range command.Flags {
			if !slices.Contains(notInFiles, flag.Name) {
				flags = append(flags, flag.Name)
			}
			if flag.Help == "" {
				t.Errorf("--%s has no help", flag.Name)
			}
		}
	}
	if len(flags) < 30 {
		t.Fatalf("only %d flags were found", len(flags))
	}
	code, sample, stderr := obey(t, "config", "example")
	if code != 0 {
		t.Fatal(stderr)
	}
	var keys []string
	for _, m := range regexp.MustCompile(`(?m)^#([a-z-]+) = .`).FindAllStringSubmatch(sample, -1) {
		keys = append(keys, m[1])
	}
	slices.Sort(flags)
	slices.Sort(keys)
	if d := cmp.Diff(flags, keys); d != "" {
		t.Errorf("flags (-) and the sample (+) differ:\n%s", d)
	}
	shipped, err := os.ReadFile("../../imapsrv.example.toml")
	if err != nil || string(shipped) != sample {
		t.Errorf("imapsrv.example.toml is not what `imapsrv config example` prints (%v)", err)
	}
}

// TestSampleIsTrue: the sample as it is changes nothing; its defaults are the defaults; every value in it is good.
func TestSampleIsTrue(t *testing.T) {
	t.Chdir(t.TempDir())
	_, sample, _ := obey(t, "config", "example")
	_, plain, _ := obey(t, "config", "check")
	write := func(name, text string) string {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	code, got, stderr := obey(t, "config", "check", "--config", write("sample.toml", sample))
	if code != 0 || got != plain {
		t.Errorf("status %d, %s\n%s", code, stderr, cmp.Diff(plain, got))
	}
	all := regexp.MustCompile(`(?m)^#([a-z-]+ = )`).ReplaceAllString(sample, "$1")
	all = regexp.MustCompile(`(?m)^(cert|key|data|hostname|trace|listen|listen-tls|listen-lmtp) = .*$`).ReplaceAllString(all, "")
	code, got, stderr = obey(t, "config", "check", "--config", write("all.toml", all))
	if code != 0 || got != plain {
		t.Errorf("status %d, %s\n%s", code, stderr, cmp.Diff(plain, got))
	}
	// What is printed is a config file that says the same.
	code, again, stderr := obey(t, "config", "check", "--config", write("printed.toml", got))
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	again = strings.ReplaceAll(again, dir+string(filepath.Separator), "")
	if code != 0 || again != got {
		t.Errorf("status %d, %s\n%s", code, stderr, cmp.Diff(got, again))
	}
	files := regexp.MustCompile(`(?m)^#(listen|listen-tls|listen-lmtp|data|hostname|trace) = `).ReplaceAllString(sample, "$1 = ")
	if code, _, stderr := obey(t, "config", "check", "--config", write("values.toml", files)); code != 2 || !strings.Contains(stderr, "--listen-tls needs") {
		t.Errorf("status %d, %s", code, stderr)
	}
}

// TestDefaults: the flags' defaults are the engine's and the store's.
func TestDefaults(t *testing.T) {
	line, parser := model(t)
	if _, err := parser.Parse([]string{"serve"}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(session.DefaultLimits(), line.Serve.limits()); d != "" {
		t.Error(d)
	}
	if got, want := line.Serve.storeOptions().Limits.MessageSize, store.DefaultLimits().MessageSize; got != want {
		t.Errorf("messages of %d octets, not %d", got, want)
	}
	if _, err := parser.Parse([]string{"serve", "--max-depth=0", "--auth-delay=0", "--max-literal-memory=0"}); err != nil {
		t.Fatal(err)
	}
	if l := line.Serve.limits(); l.Depth >= 0 || l.AuthDelay >= 0 || l.LiteralMemory >= 0 {
		t.Errorf("0 is a limit: %+v", l)
	}
}

func TestConfigErrors(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, tt := range []struct{ text, want string }{
		{"\nlisen = []\n", `c.toml:2: there is no setting "lisen"`},
		{"[limits]\nx = 1\n", `c.toml:1: there is no setting "limits"`},
		{"demo = true\n", `c.toml:1: there is no setting "demo"`},
		{"config = 'x'\n", `c.toml:1: there is no setting "config"`},
		{"listen = 5\n", "c.toml:1:10: listen has the wrong type"},
		{"lmtp-allow-remote = 'yes'\n", "c.toml:1:21: lmtp-allow-remote has the wrong type"},
		{"# x\nidle-timeout = 5\n", `c.toml:2: idle-timeout: 5 has no unit`},
		{"idle-timeout = '29m'\n", "--idle-timeout must be 30m or more"},
		{"max-line = '1 pint'\n", `c.toml:1: max-line: "1 pint" is no size`},
		{"max-line = -1\n", `c.toml:1: max-line: "-1" is no size`},
		{"max-items = 1.5\n", "c.toml:1: max-items: 1.5 is neither a number nor text"},
		{"max-items = 'many'\n", "c.toml:1: max-items: "},
		{"max-message = 0\n", "--max-message must be more than 0"},
		{"lmtp-socket-mode = 0o660\n", `c.toml:1: lmtp-socket-mode: a mode is text`},
		{"lmtp-socket-mode = '0755'\n", ""},
		{"lmtp-socket-mode = '0400'\n", `no mode for a socket`},
		{"durability = 'fast'\n", `--durability must be one of "full","relaxed"`},
		{"data = 'a'\ndata = 'b'\n", "c.toml:2:1: key data is already defined"},
		{"data = \n", "c.toml:1:"},
		{"listen-lmtp = [':24']\n", "is not a loopback address"},
		{"listen-lmtp = ['192.0.2.1:24']\n", "--lmtp-allow-remote"},
		{"listen-lmtp = ['unix:']\n", "needs the path of a socket"},
		{"listen-lmtp = ['127.0.0.1:24', '[::1]:24', 'unix:/x', 'localhost:24']\n", ""},
		{"listen-lmtp = [':24']\nlmtp-allow-remote = true\n", ""},
		{"listen = ['127.0.0.1']\n", "missing port"},
		{"cert = 'x'\nkey = 'x'\n", "no such file"},
		{"cert = 'c.toml'\nkey = 'c.toml'\n", "loading the certificate"},
		{"cert = 'c.toml'\n", "--cert and --key belong together"},
		{"hostname = 'a b'\n", "is no name of a machine"},
		{"max-literal = '9999999GiB'\n", "is no size"},
	} {
		if err := os.WriteFile("c.toml", []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, stderr := obey(t, "config", "check", "--config", "c.toml")
		if (code == 0) != (tt.want == "") || !strings.Contains(stderr, tt.want) {
			t.Errorf("%q: status %d, %swant %q", tt.text, code, stderr, tt.want)
		}
	}
	if code, _, stderr := obey(t, "serve", "--config", "nowhere.toml"); code != 2 || !strings.Contains(stderr, "reading the config file: open nowhere.toml") {
		t.Errorf("%d, %s", code, stderr)
	}
}

// TestConfigPrecedence: flags count more than the file, and paths in it start at its directory.
func TestConfigPrecedence(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "c.toml")
	text := "data = 'mail'\nlisten = ['127.0.0.1:1', '127.0.0.1:2']\nmax-depth = 5\nmax-items = 6\n"
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, got, stderr := obey(t, "config", "check", "--config", name, "--max-items", "7", "--listen", "127.0.0.1:3")
	if code != 0 {
		t.Fatal(stderr)
	}
	for _, want := range []string{
		"data = " + tomlString(filepath.Join(dir, "mail")) + "\n", `listen = ["127.0.0.1:3"]`, "max-depth = 5\n", "max-items = 7\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if code, _, stderr := obey(t, "user", "list", "--config", name); code != 1 || !strings.Contains(stderr, filepath.Join(dir, "mail")) {
		t.Errorf("user list: %d, %s", code, stderr)
	}
	if code, _, stderr := obey(t, "user", "list", "--config", name, "--data", "elsewhere"); code != 1 || !strings.Contains(stderr, "elsewhere is no data directory") {
		t.Errorf("user list: %d, %s", code, stderr)
	}
}

func TestOctets(t *testing.T) {
	for text, want := range map[string]octets{"0": 0, "1": 1, "1025": 1025, "64KiB": 65536, "64 KiB": 65536, "3GiB": 3 << 30} {
		var got octets
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%q: %d, %v", text, got, err)
		}
		var again octets
		if err := again.UnmarshalText([]byte(got.String())); err != nil || again != got {
			t.Errorf("%q prints as %q", text, got.String())
		}
	}
}
