package cli

import (
	"context"
	"fmt"
	"os"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/usbpolicy"
)

// runMediaPolicy prints the registered media as rules for the firm's computers.
func runMediaPolicy(ctx context.Context, t terminal, args []string) error {
	p := newPlace(t, "media policy")
	format := p.fs.String("format", "usbguard", "`usbguard` or windows")
	out := ""
	if n := len(args); n > 0 { // the file comes last and may be left out: then the rules go to standard output
		if err := p.fs.Parse(args); err != nil {
			return errUsage
		}
		if out = p.fs.Arg(0); out != "" {
			args = args[:n-p.fs.NArg()]
		}
	}
	if err := p.parse(args, 0); err != nil {
		return err
	}
	if *format != "usbguard" && *format != "windows" {
		return errUsage
	}
	h, err := p.enter(ctx)
	if err != nil {
		return err
	}
	defer h.Close()
	var all []usbpolicy.Medium
	if err := h.Door.Do(ctx, guard.Who{Via: guard.CLI}, access.ReadMedia, guard.Firm, func(g *guard.Grant) (err error) {
		all, err = h.Media.Approved(g)
		g.Note("policy", *format)
		return err
	}); err != nil {
		return err
	}
	var rules []byte
	var left []usbpolicy.Medium
	if *format == "windows" {
		rules, left = usbpolicy.Windows(all)
	} else {
		text, rest := usbpolicy.USBGuard(all)
		rules, left = []byte(text), rest
	}
	for _, m := range left {
		fmt.Fprintf(t.err, "%s 不能写成规则：不是 USB 介质，或者序列号不适用\n", m.Label)
	}
	fmt.Fprintf(t.err, "%d 件介质可以使用，其他存储介质一律不能用\n", len(all)-len(left))
	if out == "" {
		_, err = t.out.Write(rules)
		return err
	}
	return os.WriteFile(out, rules, 0o644)
}
