// Package cli is the command line and the only place where the process's own things (arguments, files, signals, standard
// streams) are handled. Exit codes: 0 done, 1 the thing asked about is not so or did not work, 2 wrong use. Long work draws a
// progress bar on a terminal and plain lines elsewhere.
package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"mijuan/internal/problem"
	"mijuan/internal/render"
)

// Exit codes.
const (
	done  = 0
	notSo = 1
	wrong = 2
)

// errUsage asks for the command's usage to be shown.
var errUsage = errors.New("wrong use")

// errNotSo says that what was asked about is not so; it was told already.
var errNotSo = errors.New("not so")

// terminal is the process as commands see it.
type terminal struct {
	in       io.Reader
	out, err io.Writer
}

// command is one row of the command line.
type command struct {
	name string // one or two words
	args string
	help string
	run  func(ctx context.Context, t terminal, args []string) error
}

func commands() []command {
	return []command{
		{"demo", "--data DIR [--listen ADDR] [--accounts FILE]", "make the demonstration firm if DIR has none, then serve it", runDemo},
		{"init", "--data DIR --root-key FILE [--database URL] [--bucket URL]", "make an empty firm; prints the one-time link of the first security administrator", runInit},
		{"serve", "--data DIR --root-key FILE [--listen ADDR] [--database URL] [--bucket URL] [--witness URL+KEY]… [--tsa URL] [--ldap URL …] [--oidc URL …]", "serve a firm", runServe},
		{"ledger export", "--data DIR --root-key FILE OUT", "write the ledger as files", runLedgerExport},
		{"verify", "OUT | FILE.pdf [OUT]", "check an exported ledger, or a signed document (against the ledger); exit 1 if it was changed", runVerify},
		{"recover", "--data DIR --root-key FILE --out DIR", "get every document back in the clear, with a list", runRecover},
		{"policy check", "DIR", "validate a firm's own rules and run the truth table", runPolicyCheck},
		{"policy try", "--data DIR --root-key FILE DIR", "replay the ledger's last decisions against other rules", runPolicyTry},
		{"media policy", "--data DIR --root-key FILE --format usbguard|windows [OUT]", "write the approved removable media as USBGuard rules or a Windows registry file", runMediaPolicy},
		{"doctor", "--data DIR [--root-key FILE] [the services of serve]", "say what is missing and what that costs", runDoctor},
		{"backup", "--data DIR --root-key FILE OUT", "copy a firm's sealed data to a new directory", runBackup},
		{"restore", "--data DIR --root-key FILE IN", "make a data directory from a backup", runRestore},
		{"migrate", "--data DIR --root-key FILE", "bring the database up to date", runMigrate},
		{"version", "", "print the version", runVersion},
	}
}

// Main runs the command that args name and gives the exit code.
func Main(args []string, in io.Reader, out, errs io.Writer) int {
	if len(args) > 0 && args[0] == "render-worker" { // the renderer's child process; not for people
		return render.WorkerMain(in, out)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	t := terminal{in, out, errs}
	c, rest, ok := find(args)
	if !ok {
		usage(errs)
		if len(args) == 1 && (args[0] == "help" || args[0] == "--help" || args[0] == "-h") {
			return done
		}
		return wrong
	}
	return t.report(c, c.run(ctx, t, rest))
}

func find(args []string) (command, []string, bool) {
	for _, c := range commands() {
		words := strings.Fields(c.name)
		if len(args) >= len(words) && strings.Join(args[:len(words)], " ") == c.name {
			return c, args[len(words):], true
		}
	}
	return command{}, nil, false
}

func (t terminal) report(c command, err error) int {
	var p *problem.Error
	switch {
	case err == nil:
		return done
	case errors.Is(err, flag.ErrHelp):
		return done
	case errors.Is(err, errUsage):
		fmt.Fprintf(t.err, "usage: mijuan %s %s\n", c.name, c.args)
		return wrong
	case errors.Is(err, errNotSo):
		return notSo
	case errors.As(err, &p):
		fmt.Fprintf(t.err, "mijuan: %s\n", p.Public())
		if p.Cause != nil {
			fmt.Fprintf(t.err, "  (%v)\n", p.Cause)
		}
		return notSo
	}
	fmt.Fprintf(t.err, "mijuan: %v\n", err)
	return notSo
}

func usage(w io.Writer) {
	fmt.Fprint(w, "mijuan 密卷: a law firm's confidentiality regime in one program\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  mijuan %s %s\n        %s\n", c.name, c.args, c.help)
	}
}

// progress tells how far long work is: a bar on a terminal, a plain line every tenth elsewhere.
func (t terminal) progress(what string) func(done, total uint64) {
	file, ok := t.err.(*os.File)
	isTerminal := false
	if ok {
		info, err := file.Stat()
		isTerminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	last := uint64(0)
	return func(done, total uint64) {
		if total == 0 {
			return
		}
		tenth := done * 10 / total
		switch {
		case isTerminal:
			fmt.Fprintf(t.err, "\r%s [%-20s] %d/%d", what, strings.Repeat("#", int(done*20/total)), done, total)
			if done == total {
				fmt.Fprintln(t.err)
			}
		case tenth != last || done == total && tenth == 10:
			fmt.Fprintf(t.err, "%s: %d of %d\n", what, done, total)
		}
		last = tenth
	}
}
