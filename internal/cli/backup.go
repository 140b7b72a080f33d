package cli

import (
	"context"
	"fmt"
	"path/filepath"

	"mijuan/internal/house"
	"mijuan/internal/problem"
)

func runBackup(ctx context.Context, t terminal, args []string) error {
	p := newPlace(t, "backup")
	if err := p.parse(args, 1); err != nil {
		return err
	}
	h, err := p.enter(ctx)
	if err != nil {
		return err
	}
	defer h.Close()
	if err := h.Backup(ctx, p.fs.Arg(0), t.progress("backup")); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "备份完成：%s。备份里的内容仍是密文，恢复时需要根密钥\n", p.fs.Arg(0))
	return nil
}

func runRestore(ctx context.Context, t terminal, args []string) error {
	p := newPlace(t, "restore")
	if err := p.parse(args, 1); err != nil {
		return err
	}
	s, err := p.settings()
	if err != nil {
		return err
	}
	if s.Database != "" || s.Bucket != "" {
		return problem.New(problem.Invalid, "恢复只能到本机的目录：PostgreSQL 和 S3 用它们自己的工具恢复（docs/operations.md）")
	}
	if err := house.Restore(ctx, s, p.fs.Arg(0), t.progress("restore")); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "已恢复到 %s\n", filepath.Clean(p.data))
	return nil
}
