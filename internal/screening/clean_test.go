package screening

import (
	"strings"
	"testing"

	"mijuan/internal/problem"
)

func TestCleanName(t *testing.T) {
	for _, c := range []struct{ name, want, says string }{
		{"合同.pdf", "合同.pdf", ""},
		{"  合同 .pdf \n", "合同 .pdf", ""},
		{"cafe\u0301.txt", "café.txt", ""},
		{strings.Repeat("卷", 255), strings.Repeat("卷", 255), ""},
		{"合同：第一版（终稿）.pdf", "合同：第一版（终稿）.pdf", ""},
		{"console.txt", "console.txt", ""},
		{"..双点.txt", "..双点.txt", ""},
		{"", "", "不能为空"},
		{" \t ", "", "不能为空"},
		{strings.Repeat("卷", 256), "", "最多 255 个字"},
		{strings.Repeat("a", 10000), "", "最多 255 个字"},
		{"../../etc/passwd", "", "文件夹路径"},
		{`C:\temp\a.pdf`, "", "文件夹路径"},
		{"a/b.pdf", "", "文件夹路径"},
		{".", "", "文件夹路径"},
		{"..", "", "文件夹路径"},
		{"a\x00b.pdf", "", "控制字符"},
		{"a\nb.pdf", "", "控制字符"},
		{"a\x1b[31m.pdf", "", "控制字符"},
		{"\u202egpj.exe", "", "控制字符"},
		{"a\u2066b\u2069.pdf", "", "控制字符"},
		{"a\u200bb.pdf", "", "控制字符"},
		{"a\ufeffb.pdf", "", "控制字符"},
		{"a\u2028b.pdf", "", "控制字符"},
		{"a\u3164.pdf", "", "控制字符"},
		{"a\ue000.pdf", "", "控制字符"},
		{"a\xff.pdf", "", "不是有效的文字"},
		{"为什么?.pdf", "", "这些符号"},
		{"a|b", "", "这些符号"},
		{"CON", "", "保留"},
		{"nul.txt", "", "保留"},
		{"LPT1.pdf", "", "保留"},
		{"结尾.", "", "保留"},
	} {
		got, err := CleanName(c.name)
		if c.says == "" {
			if err != nil || got != c.want {
				t.Errorf("CleanName(%q) = %q, %v", c.name, got, err)
			}
			continue
		}
		if !problem.Is(err, problem.Invalid) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("CleanName(%.40q) = %q, %v; want a problem that says %q", c.name, got, err, c.says)
		}
	}
}
