package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// configFile is the flag --config: a TOML file whose keys are the names of the flags of "serve" that have the tag conf.
// It stands for those flags on the command line; flags that are there, too, count more.
type configFile string

// BeforeResolve reads the file. Kong calls it when the flag is there.
func (configFile) BeforeResolve(ctx *kong.Context, trace *kong.Path) error {
	name, ok := ctx.FlagValue(trace.Flag).(configFile)
	if !ok || name == "" {
		return nil
	}
	values, err := readConfig(string(name), settingFlags(ctx.Model))
	if err != nil {
		return err
	}
	ctx.AddResolver(configValues(values))
	return nil
}

// isSetting tells whether a flag can stand in a config file.
func isSetting(flag *kong.Flag) bool { return flag.Tag.Has("conf") }

// settingFlags are all flags that can.
func settingFlags(app *kong.Application) (list []*kong.Flag) {
	for _, command := range app.Children {
		if command.Name != "serve" {
			continue
		}
		for _, flag := range command.Flags {
			if isSetting(flag) {
				list = append(list, flag)
			}
		}
	}
	return list
}

// readConfig reads a file strictly: what it has must be known, and be what the flag of that name takes. Relative paths
// start at the file's directory.
func readConfig(name string, flags []*kong.Flag) (map[string]any, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading the config file: %w", err)
	}
	into := reflect.New(configType(flags))
	err = toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(into.Interface())
	if err != nil {
		return nil, configError(name, err)
	}
	values := make(map[string]any)
	lines := keyLines(data)
	for i, flag := range flags {
		field := into.Elem().Field(i)
		if field.IsNil() {
			continue
		}
		v, err := flagValue(flag, field.Elem().Interface(), filepath.Dir(name))
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %s: %w", name, lines[flag.Name], flag.Name, err)
		}
		values[flag.Name] = v
	}
	return values, nil
}

// flagValue is what a flag takes for a value of the file.
func flagValue(flag *kong.Flag, v any, dir string) (any, error) {
	switch value := v.(type) {
	case []string:
		return toAny(value), nil
	case bool:
		return value, nil
	}
	text, err := scalar(flag, v)
	if err != nil {
		return nil, err
	}
	if slices.Contains([]string{"path", "existingfile"}, flag.Tag.Type) && text != "" && !filepath.IsAbs(text) {
		text = filepath.Join(dir, text)
	}
	if text == "" {
		return nil, nil // as if it were not there
	}
	// The flag itself says what is wrong, while the line is known.
	scan := kong.Scan().PushTyped(text, kong.FlagValueToken)
	trial := reflect.New(flag.Target.Type()).Elem()
	return text, flag.Mapper.Decode(&kong.DecodeContext{Value: flag.Value, Scan: scan}, trial)
}

// keyLines are the lines where keys are.
func keyLines(data []byte) map[string]int {
	lines := make(map[string]int)
	var p unstable.Parser
	p.Reset(data)
	for p.NextExpression() {
		if e := p.Expression(); e.Kind == unstable.KeyValue {
			key := e.Key()
			key.Next()
			lines[string(key.Node().Data)] = p.Shape(key.Node().Raw).Start.Line
		}
	}
	return lines
}

// configType is a struct with a pointer for each flag, which stays nil where the file does not have it.
func configType(flags []*kong.Flag) reflect.Type {
	var fields []reflect.StructField
	for i, flag := range flags {
		t := reflect.TypeFor[*any]()
		switch flag.Target.Interface().(type) {
		case []string:
			t = reflect.TypeFor[*[]string]()
		case string:
			t = reflect.TypeFor[*string]()
		case bool:
			t = reflect.TypeFor[*bool]()
		}
		fields = append(fields, reflect.StructField{
			Name: fmt.Sprintf("Field%d", i), Type: t, Tag: reflect.StructTag(`toml:"` + flag.Name + `"`),
		})
	}
	return reflect.StructOf(fields)
}

func toAny(list []string) []any {
	all := make([]any, len(list))
	for i, s := range list {
		all[i] = s
	}
	return all
}

// scalar makes text of a number, a size or a time, which the flag reads.
func scalar(flag *kong.Flag, v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case int64:
		if _, duration := flag.Target.Interface().(time.Duration); duration && v != 0 {
			return "", fmt.Errorf("%d has no unit: \"%ds\" and \"%dm\" have", v, v, v)
		}
		if _, mode := flag.Target.Interface().(fileMode); mode {
			return "", errors.New(`a mode is text: "0660"`)
		}
		return fmt.Sprint(v), nil
	}
	return "", fmt.Errorf("%v is neither a number nor text", v)
}

// configError says where in the file something is wrong.
func configError(name string, err error) error {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) {
		var errs []error
		for _, e := range unknown.Errors {
			line, _ := e.Position()
			errs = append(errs, fmt.Errorf("%s:%d: there is no setting %q (`imapsrv config example` lists all)", name, line, strings.Join(e.Key(), ".")))
		}
		return errors.Join(errs...)
	}
	var wrong *toml.DecodeError
	if errors.As(err, &wrong) {
		line, column := wrong.Position()
		text := strings.TrimPrefix(wrong.Error(), "toml: ")
		if strings.Contains(text, "struct field") { // the library would describe the Go type
			text = fmt.Sprintf("%s has the wrong type (`imapsrv config example` shows the right one)", strings.Join(wrong.Key(), "."))
		}
		return fmt.Errorf("%s:%d:%d: %s", name, line, column, text)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// configValues gives flags that are not on the command line the values of a file.
type configValues map[string]any

// Validate has nothing to add: the file was read strictly.
func (configValues) Validate(*kong.Application) error { return nil }

// Resolve returns the value of a flag, or nil.
func (c configValues) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if !isSetting(flag) {
		return nil, nil
	}
	return c[flag.Name], nil
}
