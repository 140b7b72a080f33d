package cli

import (
	"context"
	"fmt"
	"os"

	"mijuan/internal/access"
)

func runPolicyCheck(_ context.Context, t terminal, args []string) error {
	if len(args) != 1 {
		return errUsage
	}
	report := access.Check(os.DirFS(args[0]))
	if report.Problem != nil {
		fmt.Fprintf(t.out, "规则不能使用：\n%v\n", report.Problem)
	}
	for _, f := range report.Failures {
		fmt.Fprintf(t.out, "第 %d 行：%s\n  应为 %s\n  实为 %s\n", f.Case.Line, access.Describe(f.Case.Request), f.Want(), access.Verdict(f.Got))
	}
	for _, id := range report.Unproved {
		fmt.Fprintf(t.out, "真值表没有一行用到规则 %s\n", id)
	}
	if !report.OK() {
		return errNotSo
	}
	fmt.Fprintf(t.out, "规则可用：真值表 %d 行、%d 种情形全部相符；标识 %s\n", report.Rows, report.Cases, report.Rules.Hash())
	return nil
}

func runPolicyTry(ctx context.Context, t terminal, args []string) error {
	p := newPlace(t, "policy try")
	if err := p.parse(args, 1); err != nil {
		return err
	}
	other, err := access.Load(os.DirFS(p.fs.Arg(0)))
	if err != nil {
		return err
	}
	h, err := p.enter(ctx)
	if err != nil {
		return err
	}
	defer h.Close()
	changes, replayed, err := h.TryRules(ctx, other)
	if err != nil {
		return err
	}
	for _, c := range changes {
		direction := "改变"
		if c.Opens() {
			direction = "放开"
		}
		fmt.Fprintf(t.out, "#%d %s：%s\n  现在 %s\n  改后 %s\n", c.Number, direction, access.Describe(c.Request), access.Verdict(c.Old), access.Verdict(c.New))
	}
	fmt.Fprintf(t.out, "重放 %d 条决定，%d 条会改变\n", replayed, len(changes))
	if len(changes) > 0 {
		return errNotSo
	}
	return nil
}
