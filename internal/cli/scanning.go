package cli

import (
	"context"
	"flag"
	"fmt"
	"strings"

	"mijuan/internal/antivirus"
	"mijuan/internal/house"
	"mijuan/internal/problem"
)

// scanning is the flags of the virus scanner.
type scanning struct {
	address string
	most    int64 // MiB
}

func (c *scanning) define(fs *flag.FlagSet) {
	fs.StringVar(&c.address, "clamd", "", "`address` of ClamAV's daemon, unix:PATH or tcp:HOST:PORT, that scans what comes in and what goes to removable media")
	fs.Int64Var(&c.most, "clamd-most", antivirus.Largest>>20, "how many `MiB` of one file it looks through: the least of its MaxFileSize, MaxScanSize and StreamMaxLength")
}

func (c *scanning) settings(s *house.Settings) (err error) {
	switch {
	case c.most < 1 || c.most > 1<<20:
		return problem.New(problem.Invalid, "查毒的上限须在 1 到 %d MiB 之间", 1<<20)
	case c.address != "":
		s.Clamd, err = antivirus.New(c.address, c.most<<20)
	}
	return err
}

// looks says whether viruses are found, and what it costs when they are not.
func (c *scanning) looks(ctx context.Context) finding {
	f := finding{what: "查毒", means: "没有设置查毒服务（--clamd），收件不查毒，资料不能导出到移动介质"}
	if c.address == "" {
		return f
	}
	s, err := antivirus.New(c.address, c.most<<20)
	if err != nil {
		f.means = err.Error()
		return f
	}
	f.what = "查毒 " + c.address
	version, err := s.Check(ctx)
	if err != nil {
		f.means = fmt.Sprintf("现在不能查毒，收件先不收下，资料不能导出到移动介质：%v", err)
		return f
	}
	f.ok, f.what = true, fmt.Sprintf("%s（%s，单个文件最大 %d MiB）", f.what, strings.Join(strings.Fields(version), " "), c.most)
	return f
}
