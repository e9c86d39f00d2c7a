package imap

import "fmt"

// Values with secrets format themselves: with a verb that does not fit, such as %s for
// a command in a slice, package fmt would print what they hold without asking.

// Format prints the command for any verb, without the password.
func (v Login) Format(f fmt.State, verb rune) {
	type login Login
	_, _ = fmt.Fprintf(f, fmt.FormatString(f, verb), login(v)) // a fmt.State reports its errors to whoever called fmt
}

// Format prints the command for any verb, without the initial response.
func (v Authenticate) Format(f fmt.State, verb rune) {
	type authenticate Authenticate
	_, _ = fmt.Fprintf(f, fmt.FormatString(f, verb), authenticate(v)) // as above
}

// Format prints the response for any verb, without its data.
func (v AuthResponse) Format(f fmt.State, verb rune) {
	type authResponse AuthResponse
	_, _ = fmt.Fprintf(f, fmt.FormatString(f, verb), authResponse(v)) // as above
}
