package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/demo"
	"mijuan/internal/house"
	"mijuan/internal/problem"
)

func runDemo(ctx context.Context, t terminal, args []string) error {
	p := newPlace(t, "demo")
	listen := p.fs.String("listen", defaultListen, "`address` to answer on")
	accounts := p.fs.String("accounts", "", "`file` for the accounts, as JSON")
	only := p.fs.Bool("only-make", false, "make the firm and stop")
	if err := p.parse(args, 0); err != nil {
		return err
	}
	h, list, err := demoHouse(ctx, t, p, *listen)
	if err != nil {
		return err
	}
	off := func() {}
	defer func() { // the house first: it does not lose sight of what is being printed
		h.Close()
		off()
	}()
	if *accounts != "" {
		raw, err := json.MarshalIndent(list, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(*accounts, append(raw, '\n'), 0o600); err != nil {
			return err
		}
	}
	printAccounts(t, *listen, list)
	if *only {
		return nil
	}
	var at string
	if at, off, err = demo.SwitchOn(ctx, h); err != nil {
		return err
	}
	printMachines(t, at, h.Settings.Scans)
	return answer(ctx, t, h, *listen, false)
}

// accountsFile keeps the accounts beside the firm, so that a second start can tell them again. makingFile stands while the firm
// is being made: only a directory that bears it is ever cleared.
const (
	accountsFile = "accounts.json"
	makingFile   = "demo-in-the-making"
)

// demoHouse opens the demonstration firm, making it if there is none. A firm whose making was broken off is made anew.
func demoHouse(ctx context.Context, t terminal, p *place, listen string) (*house.House, []demo.Account, error) {
	clock := &demo.Clock{}
	kept := filepath.Join(p.data, accountsFile)
	raw, err := os.ReadFile(kept)
	_, making := os.Stat(filepath.Join(p.data, makingFile))
	made := err == nil && errors.Is(making, os.ErrNotExist) // a crash may have cut the file
	if !made {
		if err := clearUnfinished(t, p.data); err != nil {
			return nil, nil, err
		}
	}
	s, err := demo.Settings(p.data, clock)
	if err != nil {
		return nil, nil, err
	}
	if s.Office, err = p.networks(); err != nil {
		return nil, nil, err
	}
	if s.Hosts, s.Port, err = hosts(listen, ""); err != nil {
		return nil, nil, err
	}
	s.Database, s.Bucket, s.Witnesses, s.TSA = p.database, p.bucket, p.witnesses, p.tsa
	if p.scans != "" {
		s.Scans = p.scans
	}
	if err := p.outside.settings(&s); err != nil {
		return nil, nil, err
	}
	if err := p.scanning.settings(&s); err != nil {
		return nil, nil, err
	}
	var list []demo.Account
	if made {
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, nil, fmt.Errorf("read %s: %w", kept, err)
		}
		h, err := house.Open(ctx, s)
		return h, list, err
	}
	present := time.Now().Add(-time.Minute)
	clock = demo.Past(present)
	s.Now = clock.Now
	h, err := house.Create(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	list, err = demo.Build(ctx, h, clock, present, t.progress("建立演示律所"))
	if err != nil {
		h.Close()
		return nil, nil, err
	}
	if raw, err = json.MarshalIndent(list, "", "  "); err != nil {
		return nil, nil, err
	}
	if err := os.WriteFile(kept, raw, 0o600); err != nil {
		return nil, nil, err
	}
	return h, list, os.Remove(filepath.Join(p.data, makingFile))
}

// clearUnfinished makes room for a new demonstration firm: it clears what an earlier start left half made, and nothing else.
func clearUnfinished(t terminal, data string) error {
	making := filepath.Join(data, makingFile)
	if _, err := os.Stat(making); err == nil {
		fmt.Fprintln(t.err, "演示律所上次没有建完，重新建立")
		if err := os.RemoveAll(data); err != nil {
			return err
		}
	} else if house.Exists(data) {
		return problem.New(problem.Conflict, "%s 里是一家正式律所的数据，演示律所请另选目录", data)
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return err
	}
	return os.WriteFile(making, nil, 0o600)
}

// printAccounts shows one log-in a post.
func printAccounts(t terminal, listen string, list []demo.Account) {
	fmt.Fprintf(t.out, "演示律所  https://%s\n", listen)
	seen := map[string]bool{}
	for _, a := range list {
		if !seen[a.Post] {
			seen[a.Post] = true
			fmt.Fprintf(t.out, "  %-12s  登录名 %-16s 密码 %s  （%s）\n", access.Post(a.Post).Name(), a.Login, a.Password, a.Name)
		}
	}
}

// printMachines tells where the demonstration prints to and scans from, since no visitor has the firm's machines.
func printMachines(t terminal, printer, scans string) {
	if printer != "" {
		fmt.Fprintf(t.out, "演示打印机  %s  （只走打印流程，什么也不印）\n", printer)
	}
	fmt.Fprintf(t.out, "演示扫描仪  把 PDF 放进 %s 下以设备编号命名的文件夹，就是扫描\n", scans)
}
