package course

import (
	"strings"
	"testing"
)

func TestRender(t *testing.T) {
	for _, c := range []struct{ in, out string }{
		{"一段\n两行", "<p>一段两行</p>\n"},
		{"one\ntwo", "<p>one two</p>\n"},
		{"用 AI\n工具", "<p>用 AI工具</p>\n"},
		{"甲\n\n\n乙", "<p>甲</p>\n<p>乙</p>\n"},
		{"## 大\n文\n### 小\n文", "<h3>大</h3>\n<p>文</p>\n<h4>小</h4>\n<p>文</p>\n"},
		{"- 甲\n- 乙\n接着\n\n丙", "<ul>\n<li>甲</li>\n<li>乙接着</li>\n</ul>\n<p>丙</p>\n"},
		{"文\n1. 甲\n2. 乙\n* 丙", "<p>文</p>\n<ol>\n<li>甲</li>\n<li>乙</li>\n</ol>\n<ul>\n<li>丙</li>\n</ul>\n"},
		{"- 甲\n\n- 乙", "<ul>\n<li>甲</li>\n<li>乙</li>\n</ul>\n"},
		{"> 引\n> 文\n\n> 另", "<blockquote>引文</blockquote>\n<blockquote>另</blockquote>\n"},
		{"**“密级。”**随后", "<p><strong>“密级。”</strong>随后</p>\n"},
		{"先**甲**后**乙**", "<p>先<strong>甲</strong>后<strong>乙</strong></p>\n"},
		{"　　缩进的段落", "<p>缩进的段落</p>\n"},
		{"    四格也是段落", "<p>四格也是段落</p>\n"},
		{`1 < 2 & "3" > '2'`, "<p>1 &lt; 2 &amp; &#34;3&#34; &gt; &#39;2&#39;</p>\n"},
		{"3*4 与 _下划线_ 与 `字`", "<p>3*4 与 _下划线_ 与 `字`</p>\n"},
		{"&lt;b&gt;", "<p>&amp;lt;b&amp;gt;</p>\n"},
		{"2020. 不是列表", "<p>2020. 不是列表</p>\n"},
	} {
		lines, err := split("x.md", []byte(c.in))
		if err != nil {
			t.Fatalf("%q: %v", c.in, err)
		}
		p, err := compose(lines)
		if err != nil || p.HTML != c.out {
			t.Errorf("%q gives %q, %v; want %q", c.in, p.HTML, err, c.out)
		}
	}
}

func TestReadingTime(t *testing.T) {
	for n, want := range map[int]int{1: 60, 300: 60, 301: 60, 305: 61, 600: 120, 3000: 600} {
		lines, err := split("x.md", []byte("**"+strings.Repeat("读 ", n)+"**"))
		if n == 3000 {
			lines, err = split("x.md", []byte(strings.Repeat(strings.Repeat("读 ", 300)+"\n\n", 10)))
		}
		if err != nil {
			t.Fatal(err)
		}
		if p, err := compose(lines); err != nil || p.Seconds != want {
			t.Errorf("%d characters take %d s, %v; want %d", n, p.Seconds, err, want)
		}
	}
}
