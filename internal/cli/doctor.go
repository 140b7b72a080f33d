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
	grave       bool // the firm cannot be served like this
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
		findings = append(findings, finding{ok: err == nil, what: h.program, means: h.means})
	}
	if p.rootKey != "" {
		findings = append(findings, opens(ctx, p)...)
	}
	return t.tell(findings)
}

// tell prints the findings; a grave one is the answer that something is not so.
func (t terminal) tell(findings []finding) (err error) {
	for _, f := range findings {
		if f.ok {
			fmt.Fprintf(t.out, "✓ %s\n", f.what)
			continue
		}
		fmt.Fprintf(t.out, "✗ %s：%s\n", f.what, f.means)
		if f.grave {
			err = errNotSo
		}
	}
	return err
}

func rules(data string) finding {
	_, err := access.Load(house.RuleFiles(data))
	return finding{ok: err == nil, what: "规则", means: fmt.Sprintf("不能使用：%v", err), grave: true}
}

// lowSpace is how little free disk is worth a warning.
const lowSpace = 2 << 30

func space(data string) finding {
	var s syscall.Statfs_t
	if err := syscall.Statfs(data, &s); err != nil {
		return finding{what: "磁盘", means: err.Error()}
	}
	free := int64(s.Bavail) * s.Bsize
	return finding{ok: free > lowSpace, what: fmt.Sprintf("磁盘（可用 %d GiB）", free>>30), means: "空间不足 2 GiB，收件可能失败"}
}

// opens tries keys, database and object store, and asks how the witnesses stand.
func opens(ctx context.Context, p *place) []finding {
	h, err := p.enter(ctx)
	if err != nil {
		return []finding{{what: "密钥与数据库", means: err.Error(), grave: true}}
	}
	list, err := h.Audit.Witnesses(ctx)
	err = errors.Join(err, h.DB.Ping(ctx), h.Blobs.Ping(ctx), h.Close())
	all := []finding{{ok: err == nil, what: "密钥、数据库与文件存储", means: fmt.Sprint(err), grave: true}}
	for _, w := range list {
		format, args := w.Says()
		says := fmt.Sprintf(format, args...)
		f := finding{ok: w.Failure == 0 && !w.Signed.IsZero(), what: "见证方 " + w.Name, means: says}
		if f.ok {
			f.what += "（" + says + "）"
		}
		all = append(all, f)
	}
	return all
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
