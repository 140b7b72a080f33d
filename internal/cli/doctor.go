package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/house"
	"mijuan/internal/ledger"
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
	findings := []finding{rules(p.data), space(p.data), private(p.data), certificate(p.data), p.scanning.looks(ctx)}
	if p.rootKey != "" {
		findings = append(findings, apart(p), ownersOnly(p.rootKey))
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

// private looks at who else on the machine can read the data directory.
func private(data string) finding {
	f := finding{what: "数据目录只有运行账号可以读取", means: "其他账号也能进入；请执行 chmod 700 " + data}
	info, err := os.Stat(data)
	f.ok = err == nil && info.Mode().Perm()&0o077 == 0
	return f
}

// ownersOnly looks at who can read the root key.
func ownersOnly(path string) finding {
	f := finding{what: "根密钥只有运行账号可以读取", means: "其他账号也能读取；请执行 chmod 600 " + path}
	info, err := os.Stat(path)
	f.ok = err == nil && info.Mode().Perm()&0o077 == 0
	return f
}

// apart looks whether the root key lies with what it protects (clause 8.4).
func apart(p *place) finding {
	data, err := filepath.Abs(p.data)
	key, err2 := filepath.Abs(p.rootKey)
	inside := strings.HasPrefix(key, data+string(filepath.Separator))
	return finding{ok: err == nil && err2 == nil && !inside, what: "根密钥与数据分开存放", means: "密钥就在数据目录里，拿走目录的人什么都能打开"}
}

// soonEnding is how long before its end a firm's own certificate is worth a warning.
const soonEnding = 30 * 24 * time.Hour

func certificate(data string) finding {
	pair, err := tls.LoadX509KeyPair(filepath.Join(data, "tls", "cert.pem"), filepath.Join(data, "tls", "key.pem"))
	if errors.Is(err, fs.ErrNotExist) {
		return finding{ok: true, what: "证书（首次启动时自动生成）"}
	}
	if err != nil {
		return finding{what: "证书", means: "读不出来：" + err.Error(), grave: true}
	}
	end := pair.Leaf.NotAfter
	return finding{ok: time.Until(end) > soonEnding, what: fmt.Sprintf("证书（有效至 %s）", end.Format(time.DateOnly)), means: "快要到期或已经到期，请更换"}
}

// opens tries keys, database and object store, and asks how the witnesses stand.
func opens(ctx context.Context, p *place) []finding {
	h, err := p.enter(ctx)
	if err != nil {
		return []finding{{what: "密钥与数据库", means: err.Error(), grave: true}}
	}
	list, err := h.Audit.Witnesses(ctx)
	confined, rendering := h.Pages.Ready(ctx)
	post := mailServer(ctx, h)
	err = errors.Join(err, h.DB.Ping(ctx), h.Blobs.Ping(ctx), h.Close())
	all := []finding{{ok: err == nil, what: "密钥、数据库与文件存储", means: fmt.Sprint(err), grave: true},
		{ok: rendering == nil, what: "页面生成", means: fmt.Sprintf("不能启动，资料打不开：%v", rendering), grave: true},
		{ok: confined, what: "页面生成与系统隔离", means: "内核没有提供隔离；恶意文件攻破解析程序后可能接触本机"}}
	return slices.Concat(all, post, witnesses(list), services(ctx, h.Settings))
}

// mailServer asks the server that notices go out by, if one is set.
func mailServer(ctx context.Context, h *house.House) []finding {
	name, off, err := h.Notices.Answers(ctx)
	if off {
		return nil
	}
	return []finding{{ok: err == nil, what: "邮件服务器 " + name, means: fmt.Sprintf("提醒现在发不出去：%v", err)}}
}

// witnesses says how each witness stands. That one is away is nobody's fault here: the firm works on.
func witnesses(list []ledger.Attendance) (all []finding) {
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
