package main

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"strings"

	"github.com/alecthomas/kong"
)

// configCommands is "config".
type configCommands struct {
	Example configExample `cmd:"" help:"Print a config file with every setting, its meaning and its default."`
	Check   configCheck   `cmd:"" help:"Check a config file and flags of serve, and print what they amount to."`
}

type configExample struct{}

// Help is the end of "config example --help".
func (*configExample) Help() string {
	return `Every setting is commented out, so that the file as it is changes nothing.

Example:
  imapsrv config example > /etc/imapsrv.toml`
}

// Run prints the file.
func (*configExample) Run(env environment, parsed *kong.Context) error {
	return printExample(env.stdout, settingFlags(parsed.Model))
}

type configCheck struct {
	dataFlags
	settings
}

// Help is the end of "config check --help".
func (*configCheck) Help() string {
	return `Keys that are not known, values that mean nothing, certificates that cannot be used and addresses that cannot be understood are errors, with the line where there is one. Nothing is listened on, and no data directory is touched. What is printed are the values that "imapsrv serve" with the same arguments would have, defaults included, as a config file. The status is 0 if all is well.

Examples:
  imapsrv config check --config /etc/imapsrv.toml
  imapsrv config check --config /etc/imapsrv.toml --durability relaxed`
}

// Run checks all that can be checked without a data directory, and prints the values.
func (c *configCheck) Run(env environment, parsed *kong.Context) error {
	if err := c.check(); err != nil {
		return err
	}
	if _, _, err := c.ownCertificate(slog.New(slog.DiscardHandler)); err != nil {
		return err
	}
	plain, secure, err := c.addresses()
	if err != nil {
		return err
	}
	for _, address := range append(plain, secure...) {
		if _, err := resolve(address); err != nil {
			return err
		}
	}
	c.Data, c.Listen, c.ListenTLS, c.Hostname = c.dir(), plain, secure, c.hostname()
	return printValues(env.stdout, parsed.Selected().Flags)
}

// printValues prints flags as a config file.
func printValues(w io.Writer, flags []*kong.Flag) error {
	out := bufio.NewWriter(w)
	for _, flag := range flags {
		if isSetting(flag) {
			fmt.Fprintf(out, "%s = %s\n", flag.Name, tomlValue(flag.Target))
		}
	}
	return out.Flush()
}

// tomlValue is a flag's value in TOML.
func tomlValue(v reflect.Value) string {
	switch v := v.Interface().(type) {
	case []string:
		quoted := make([]string, len(v))
		for i, s := range v {
			quoted[i] = tomlString(s)
		}
		return "[" + strings.Join(quoted, ", ") + "]"
	case bool, int:
		return fmt.Sprint(v)
	}
	return tomlString(fmt.Sprint(v.Interface()))
}

// tomlString is a basic string.
func tomlString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

const exampleHead = `# Settings of imapsrv: "imapsrv serve --config FILE". Other commands, such as "imapsrv user add alice --config FILE",
# take the data directory from it.
#
# Each key is a flag of "imapsrv serve", and flags count more than this file. What is commented out is the default.
# Relative paths start at this file's directory. Sizes are numbers of octets, or text with KiB, MiB or GiB; times are
# text with s, m or h. "imapsrv config check --config FILE" says what is wrong, and what holds.
`

// printExample prints a config file that says everything and changes nothing.
func printExample(w io.Writer, flags []*kong.Flag) error {
	out := bufio.NewWriter(w)
	out.WriteString(exampleHead)
	group := ""
	for _, flag := range flags {
		if flag.Group != nil && flag.Group.Key != group {
			group = flag.Group.Key
			fmt.Fprintf(out, "\n### %s\n", group)
		}
		out.WriteByte('\n')
		for _, line := range wrap(flag.Help, 116) {
			fmt.Fprintf(out, "# %s\n", line)
		}
		fmt.Fprintf(out, "#%s = %s\n", flag.Name, exampleValue(flag))
	}
	return out.Flush()
}

// examples are values for settings without a default.
var examples = map[string]string{
	"data":        `"/var/lib/imapsrv"`,
	"listen":      `["127.0.0.1:1143"]`,
	"listen-tls":  `[":993"]`,
	"cert":        `"cert.pem"`,
	"key":         `"key.pem"`,
	"listen-lmtp": `["unix:/run/imapsrv/lmtp"]`,
	"hostname":    `"mail.example.org"`,
	"trace":       `"/var/tmp/imapsrv-trace"`,
}

func exampleValue(flag *kong.Flag) string {
	if text, ok := examples[flag.Name]; ok {
		return text
	}
	switch flag.Target.Interface().(type) {
	case bool:
		return "false"
	case int:
		return flag.Default
	}
	return tomlString(flag.Default)
}

// wrap breaks a text into lines.
func wrap(text string, width int) (lines []string) {
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
