package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"mijuan/internal/house"
	"mijuan/internal/problem"
)

// Version is the product's version.
const Version = "0.1.0"

func runInit(ctx context.Context, t terminal, args []string) error {
	p := newPlace(t, "init")
	url := p.fs.String("url", "https://"+defaultListen, "`address` under which people will reach the firm")
	firm := p.fs.String("firm", "", "`name` of the firm, as registers and documents bear it")
	if err := p.parse(args, 0); err != nil {
		return err
	}
	s, err := p.settings()
	if err != nil {
		return err
	}
	h, err := house.Create(ctx, s)
	if problem.Is(err, problem.Conflict) { // made before: the link can be had again until somebody has joined
		h, err = house.Open(ctx, s)
	}
	if err != nil {
		return err
	}
	defer h.Close()
	if *firm != "" {
		if err := h.SetName(ctx, *firm); err != nil {
			return err
		}
	}
	link, err := h.Bootstrap(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "律所已建立。首位安全管理员请在 72 小时内打开这个一次性链接（打开前先运行 mijuan serve）：\n%s/invite/%s\n", *url, link)
	return nil
}

func runLedgerExport(ctx context.Context, t terminal, args []string) error {
	p := newPlace(t, "ledger export")
	if err := p.parse(args, 1); err != nil {
		return err
	}
	h, err := p.enter(ctx)
	if err != nil {
		return err
	}
	defer h.Close()
	return h.ExportLedger(ctx, p.fs.Arg(0), t.progress("export"))
}

func runMigrate(ctx context.Context, t terminal, args []string) error {
	p := newPlace(t, "migrate")
	if err := p.parse(args, 0); err != nil {
		return err
	}
	h, err := p.enter(ctx) // opening brings the database up to date
	if err != nil {
		return err
	}
	fmt.Fprintln(t.out, "数据库已是最新")
	return h.Close()
}

func runVersion(_ context.Context, t terminal, args []string) error {
	if len(args) != 0 {
		return errUsage
	}
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = " " + s.Value
			}
		}
	}
	fmt.Fprintf(t.out, "mijuan %s%s\n", Version, revision)
	return nil
}

func runRecover(ctx context.Context, t terminal, args []string) error {
	p := newPlace(t, "recover")
	out := p.fs.String("out", "", "new `directory` for the documents")
	if err := p.parse(args, 0); err != nil {
		return err
	}
	if *out == "" {
		return errUsage
	}
	if entries, err := os.ReadDir(*out); err == nil && len(entries) > 0 {
		return problem.New(problem.Conflict, "%s 不是空目录", *out)
	} else if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	s, err := p.settings()
	if err != nil {
		return err
	}
	h, err := house.OpenToRecover(ctx, s)
	if err != nil {
		return err
	}
	defer h.Close()
	report, err := h.Recover(ctx, *out, t.progress("recover"))
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "取回 %d 份，失败 %d 份；清单在 %s\n", report.Recovered, len(report.Failed), filepath.Join(*out, "list.csv"))
	fmt.Fprintf(t.out, "签署的文书 %d 份，在 %s\n", report.Papers, filepath.Join(*out, "signed"))
	for _, f := range report.Failed {
		fmt.Fprintf(t.out, "  %s：%s\n", f.What, f.Cause)
	}
	if report.Unrecorded != nil {
		fmt.Fprintf(t.out, "台账无法写入，没有记下这次取回：%v\n", report.Unrecorded)
	}
	fmt.Fprint(t.out, house.ByHand)
	if len(report.Failed) > 0 {
		return errNotSo
	}
	return nil
}
