package course

import (
	"os"
	"strings"
	"testing"

	"mijuan/internal/problem"
)

func small(t testing.TB) string {
	t.Helper()
	raw, err := os.ReadFile("testdata/small.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func parsed(t testing.TB, text string) *Course {
	t.Helper()
	c, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestParse(t *testing.T) {
	c := parsed(t, small(t))
	if c.Title != "小课程" || c.Version != "样本" || c.Exam != (Exam{60, 5, 10}) || c.Intro.HTML != "<p>先读后考。</p>\n" {
		t.Errorf("%+v", c)
	}
	if len(c.Lessons) != 2 || c.Bank() != 6 || c.Seconds() != 120 || strings.Join(c.Clauses(), " ") != "10 21 3.1" {
		t.Errorf("%d lessons, %d questions, %d s, %v", len(c.Lessons), c.Bank(), c.Seconds(), c.Clauses())
	}
	if l, ok := c.Lesson("two"); !ok || l.Title != "第二课" {
		t.Errorf("%+v", l)
	}
	if _, ok := c.Lesson("three"); ok {
		t.Error("a lesson that is not there")
	}
	if q := c.bank[1]; q.kind != Multiple || q.key != "one-2" || len(q.options) != 4 || !q.options[0].right || q.options[3].right || q.why != "团队以外的使用要经同意。" {
		t.Errorf("%+v", q)
	}
}

// TestStrict breaks the small course in each way and reads the sentence: it names the file and the line.
func TestStrict(t *testing.T) {
	whole := small(t)
	for _, c := range []struct{ name, old, new, says string }{
		{"no right answer", "- [x] 办案需要的人", "- [ ] 办案需要的人", "course.md 第 29 行：试题没有标出正确答案"},
		{"two right in a single choice", "- [ ] 有空的人", "- [x] 有空的人", "第 29 行：单选题和判断题只能有一个正确答案"},
		{"one right in a multiple choice", "- [x] 复制", "- [ ] 复制", "第 41 行：多选题至少要有两个"},
		{"no clause of a lesson", "条款：21\n\n发现", "发现", "第 67 行：标题下面先写“条款”"},
		{"no fields at all", "条款：21\n\n发现就报告。\n", "", "第 65 行：这个标题下面缺少“条款”"},
		{"a clause twice", "条款：3.1、10", "条款：3.1、3.1", "第 12 行：条款要写编号"},
		{"no clause key", "条款：3.1、10", "条款：第三条", "第 12 行：条款要写编号"},
		{"only commas", "条款：3.1、10", "条款：、", "第 12 行：条款要写编号"},
		{"empty field", "版本：样本", "版本：", "第 3 行：“版本”没有填写"},
		{"field twice", "版本：样本", "版本：样本\n版本：样本", "第 4 行：“版本”写了两次"},
		{"unknown field", "版本：样本", "版次：样本", "第 3 行：标题下面先写“版本”“及格分”“每次题数”“答题分钟”"},
		{"missing field", "答题分钟：10\n", "", "第 1 行：这个标题下面缺少“答题分钟”"},
		{"pass mark of nothing", "及格分：60", "及格分：0", "第 4 行：“及格分”要写 60 到 100 之间的整数"},
		{"number in words", "每次题数：5", "每次题数：五", "第 5 行：“每次题数”要写"},
		{"long version", "版本：样本", "版本：" + strings.Repeat("长", 201), "第 3 行：版本说明最多 200 个字"},
		{"bank too small", "每次题数：5", "每次题数：7", "第 5 行：每次考 7 题，但题库只有 6 题"},
		{"lesson key twice", "# 课文 two：", "# 课文 one：", "第 65 行：代号 one 重复，前面 course.md 第 10 行已有"},
		{"question key twice", "## 判断 two-1", "## 判断 one-1", "第 73 行：代号 one-1 重复，前面 course.md 第 29 行已有"},
		{"stem twice", "向谁报告？", "谁可以看？", "第 84 行：题干与前面 course.md 第 29 行的试题相同"},
		{"bad key", "# 课文 two：", "# 课文 第二：", "第 65 行：代号用小写字母"},
		{"questions to no lesson", "# 试题 two", "# 试题 three", "第 73 行：没有代号为 three 的课文"},
		{"questions without a lesson", "# 试题 two", "# 试题", "第 71 行：“# 试题”之后要写所属课文的代号"},
		{"unknown heading", "# 课文 two：第二课", "# 章节 two：第二课", "第 65 行：不认识的标题“章节 two：第二课”"},
		{"no title", "# 课文 two：第二课", "# 课文 two", "第 65 行：冒号之后要写名称，最多 60 个字"},
		{"long title", "第二课", strings.Repeat("长", 61), "第 65 行：冒号之后要写名称"},
		{"second cover", "# 课文 two：第二课", "# 课程：又一个", "第 65 行：“# 课程”只能有一处，前面 course.md 第 1 行已有"},
		{"empty lesson", "\n发现就报告。\n", "", "第 65 行：课文没有内容"},
		{"lesson without questions", "# 课文 two：", "# 课文 three：课\n\n条款：1\n\n文\n\n# 课文 two：", "第 65 行：课文“课”没有试题"},
		{"unknown kind", "## 单选 one-1", "## 填空 one-1", "第 29 行：试题要以“## 单选 代号”"},
		{"text before the first question", "# 试题 two\n", "# 试题 two\n\n说明\n", "第 73 行：试题要以“## 单选"},
		{"text before everything", "# 课程：小课程", "前言\n# 课程：小课程", "第 1 行：这一行不在"},
		{"no explanation", "解析：先控制。", "", "第 95 行：试题要有“解析：”"},
		{"explanation twice", "解析：先控制。", "解析：先控制。\n解析：再", "第 106 行：“解析”写了两次"},
		{"no stem", "向谁报告？\n", "", "第 84 行：试题要有题干"},
		{"long stem", "向谁报告？", strings.Repeat("长", 1001), "试题要有题干，最多 1000 个字"},
		{"one option", "- [ ] 客户\n", "", "第 84 行：试题要有 2 到 8 个选项"},
		{"nine options", "- [ ] 客户\n", "- [ ] 1\n- [ ] 2\n- [ ] 3\n- [ ] 4\n- [ ] 5\n- [ ] 6\n- [ ] 7\n- [ ] 8\n", "第 84 行：试题要有 2 到 8 个选项"},
		{"same option", "- [ ] 等对方回信", "- [ ] 召回并报告", "第 95 行：试题有两个相同的选项“召回并报告”"},
		{"empty option", "- [ ] 客户", "- [ ]", "第 91 行：选项不能空着"},
		{"long option", "- [ ] 客户", "- [ ] " + strings.Repeat("长", 301), "第 91 行：选项不能空着，最多 300 个字"},
		{"option in two lines", "- [ ] 客户", "- [ ] 客户\n  及其家人", "第 92 行：一个选项写在一行里"},
		{"other mark", "- [x] 主办律师", "- [√] 主办律师", "第 90 行：选项以“- [ ]”开头"},
		{"no blank in the mark", "- [ ] 客户", "-[ ] 客户", "第 91 行：选项以"},
		{"other list", "- [ ] 客户", "* [ ] 客户", "第 91 行：选项以"},
		{"option after the explanation", "解析：先控制。", "解析：先控制。\n- [ ] 还有", "第 106 行：选项以"},
		{"bold in a question", "向谁报告？", "**向谁**报告？", "第 88 行：试题里只写普通文字"},
		{"heading in a question", "向谁报告？", "### 向谁报告？", "第 88 行：试题里只写普通文字"},
		{"judgement in other words", "- [ ] 对\n- [x] 错\n\n解析：立", "- [ ] 是\n- [x] 否\n\n解析：立", "第 73 行：判断题的选项依次只写“对”和“错”"},
		{"HTML", "发现就报告。", "发现就<b>报告</b>。", "第 69 行：不能写 HTML"},
		{"script in an option", "- [ ] 客户", "- [ ] <script>x()</script>", "第 91 行：不能写 HTML"},
		{"comment", "发现就报告。", "发现<!-- 注 -->", "第 69 行：不能写 HTML"},
		{"address in brackets", "发现就报告。", "<https://a.example>", "第 69 行：不能写 HTML"},
		{"image", "发现就报告。", "![图](https://a.example/x.png)", "第 69 行：课程里不能放图片"},
		{"link", "发现就报告。", "[看](javascript:x)", "第 69 行：课程里不能放链接"},
		{"reference", "发现就报告。", "[a]: https://a.example", "第 69 行：课程里不能放链接"},
		{"code", "发现就报告。", "```", "第 69 行：课程里不能用代码块"},
		{"table", "发现就报告。", "| 甲 | 乙 |", "第 69 行：课程里不能用代码块、表格"},
		{"control character", "发现就报告。", "发现\x1b就报告。", "第 69 行：有看不见的控制字符"},
		{"turned writing", "发现就报告。", "发现\u202e就报告。", "第 69 行：有看不见的控制字符"},
		{"lone carriage return", "发现就报告。", "发现\r就报告。", "第 69 行：有看不见的控制字符"},
		{"odd bold", "发现就报告。", "发现**就报告。", "第 69 行：加粗的 ** 要在同一行里成对"},
		{"deep heading", "## 小标题", "#### 小标题", "第 14 行：标题要顶格写"},
		{"indented heading", "## 小标题", " ## 小标题", "第 14 行：标题要顶格写"},
		{"heading without blank", "## 小标题", "##小标题", "第 14 行：标题要顶格写"},
		{"list in a list", "- 乙", "  - 乙", "第 20 行：列表只能有一层"},
		{"endless line", "发现就报告。", strings.Repeat("长", 4001), "第 69 行：这一行过长，最多 4000 个字"},
	} {
		if strings.Count(whole, c.old) == 0 {
			t.Fatalf("%s: the small course has no %q", c.name, c.old)
		}
		_, err := Parse(strings.Replace(whole, c.old, c.new, 1))
		if !problem.Is(err, problem.Invalid) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v; want %s", c.name, err, c.says)
		}
	}
}

func TestParts(t *testing.T) {
	lessons := small(t)[strings.Index(small(t), "# 课文 one"):]
	for text, says := range map[string]string{"": "没有“# 课程：名称”", lessons: "没有“# 课程：名称”",
		small(t)[:strings.Index(small(t), "# 课文 one")]: "没有课文"} {
		if _, err := Parse(text); !problem.Is(err, problem.Invalid) || !strings.Contains(err.Error(), says) {
			t.Errorf("%v; want %s", err, says)
		}
	}
	// The parts may stand in any order.
	i := strings.Index(small(t), "# 课文 one")
	if got, want := parsed(t, small(t)[i:]+"\n"+small(t)[:i]).Hash(), parsed(t, small(t)).Hash(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestTooMuch(t *testing.T) {
	if _, err := Parse(strings.Repeat("\n", MaxBytes+1)); !problem.Is(err, problem.TooLarge) {
		t.Error(err)
	}
	var b strings.Builder
	b.WriteString(small(t))
	for i := range mostQuestions {
		n := string(rune('a'+i/100)) + string(rune('a'+i/10%10)) + string(rune('a'+i%10))
		b.WriteString("\n## 判断 " + n + "\n\n条款：1\n\n题干" + n + "\n\n- [x] 对\n- [ ] 错\n\n解析：是\n")
	}
	if _, err := Parse(b.String()); !problem.Is(err, problem.TooLarge) {
		t.Error(err)
	}
}

// TestTheManual: the example in the format's page is a course but for the number of its questions.
func TestTheManual(t *testing.T) {
	raw, err := os.ReadFile("../../docs/formats/course.md")
	if err != nil {
		t.Fatal(err)
	}
	var example strings.Builder
	for l := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(l, "    "); ok && !strings.Contains(l, "rank(") && !strings.Contains(l, "SHA-256") || l == "\n" {
			example.WriteString(rest)
		}
	}
	if _, err := Parse(example.String()); !problem.Is(err, problem.Invalid) || !strings.Contains(err.Error(), "每次考 20 题，但题库只有 1 题") {
		t.Error(err)
	}
}
