package cli

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"syscall"

	"mijuan/internal/access"
	"mijuan/internal/house"
)

// finding is one thing that doctor looked at.
type finding struct {
	ok          bool
	what, means string
}

func runDoctor(ctx context.Context, t terminal, args []string) error {
	p := newPlace(t, "doctor")
	if err := p.parse(args, 0); err != nil {
		return err
	}
	findings := []finding{rules(p.data), space(p.data)}
	for _, h := range []struct{ program, means string }{
		{"soffice", "Office 文件（docx、xlsx、pptx、wps）不能在阅览器里显示；照常加密保管"},
		{"clamdscan", "收件不做病毒检查"},
		{"tesseract", "扫描件和照片里的文字读不出来，国家秘密标志须人工核对"},
	} {
		_, err := exec.LookPath(h.program)
		findings = append(findings, finding{err == nil, h.program, h.means})
	}
	if p.rootKey != "" {
		findings = append(findings, opens(ctx, p))
	}
	bad := false
	for _, f := range findings {
		mark := "✓"
		if !f.ok {
			mark = "✗"
		}
		fmt.Fprintf(t.out, "%s %s", mark, f.what)
		if !f.ok {
			fmt.Fprintf(t.out, "：%s", f.means)
		}
		fmt.Fprintln(t.out)
	}
	if bad = !findings[0].ok || p.rootKey != "" && !findings[len(findings)-1].ok; bad {
		return errNotSo
	}
	return nil
}

func rules(data string) finding {
	_, err := access.Load(house.RuleFiles(data))
	return finding{err == nil, "规则", fmt.Sprintf("不能使用：%v", err)}
}

// lowSpace is how little free disk is worth a warning.
const lowSpace = 2 << 30

func space(data string) finding {
	var s syscall.Statfs_t
	if err := syscall.Statfs(data, &s); err != nil {
		return finding{false, "磁盘", err.Error()}
	}
	free := int64(s.Bavail) * s.Bsize
	return finding{free > lowSpace, fmt.Sprintf("磁盘（可用 %d GiB）", free>>30), "空间不足 2 GiB，收件可能失败"}
}

// opens tries keys, database and object store.
func opens(ctx context.Context, p *place) finding {
	h, err := p.enter(ctx)
	if err != nil {
		return finding{false, "密钥与数据库", err.Error()}
	}
	err = errors.Join(h.DB.Ping(ctx), h.Blobs.Ping(ctx), h.Close())
	return finding{err == nil, "密钥、数据库与文件存储", fmt.Sprint(err)}
}

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
	if err := house.Restore(ctx, s, p.fs.Arg(0), t.progress("restore")); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "已恢复到 %s\n", filepath.Clean(p.data))
	return nil
}
