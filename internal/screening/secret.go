package screening

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// MarkKind says which sign of a state secret a text bears.
type MarkKind uint8

const (
	StarMark  MarkKind = iota + 1 // 绝密★30年: a level, the star of state secrets, a term
	Statement                     // the document says of itself that it is a state secret
	RedHeader                     // an official document with a copy number (红头文件, 份号)
)

var markSentences = map[MarkKind]string{
	StarMark:  "有国家秘密的密级标志（带★）",
	Statement: "注明属于国家秘密",
	RedHeader: "是带有份号的公文",
}

// Mark is one sign in a text that it is a state secret.
type Mark struct {
	Kind       MarkKind
	Start, End int // bytes of the text
}

// Sentence says in Chinese what was found; it is a key of the catalogue.
func (m Mark) Sentence() string { return markSentences[m.Kind] }

// StateSecretMarks finds the marks of state secrets in a text or, since marks do not run over pages, in one page of it. Talk
// about state secrets (a clause, a quotation, a denial) and marks of clients' and firms' own secrets are none.
func StateSecretMarks(text string) []Mark {
	f := fold(text, inLine)
	var marks []Mark
	add := func(k MarkKind, start, end int) {
		first, last := f.span(start, end)
		marks = append(marks, Mark{k, first, last})
	}
	if strings.Contains(f.text, "密") {
		starMarks(f.text, add)
	}
	if strings.Contains(f.text, "国家秘密") {
		statements(f.text, add)
	}
	redHeaders(f.text, add)
	return marks
}

const (
	realStars  = "★☆✩✪✫✬✭✮✯✰⭐⭑⭒🌟⚝"
	asterisks  = "*∗⋆✱✲﹡" // the fullwidth one is folded to the first
	emojiStyle = "\ufe0f"
)

var (
	levels    = words("绝密 机密 秘密 絕密 機密")
	otherKind = regexp.MustCompile(`(商业|技术|经营|企业|公司|工作|个人|通信|客户|核心|普通|内部|行业|审判|家庭|小)$`)
	term      = regexp.MustCompile(`^\n?(\d{1,3}|[一二三四五六七八九十百]{1,4})(年|个月|月|日|天|小时)|^\n?(长期|启用前|解密前|永久)`)
)

// starMarks finds a level that a star follows. Where only an asterisk stands for the star, a term must follow or the line end,
// since asterisks mark footnotes and bold print as well. Several stars are a rating.
func starMarks(s string, add func(MarkKind, int, int)) {
	for _, at := range occurrences(s, "密") {
		start := at - len("绝")
		if at += len("密"); start < 0 || !levels[s[start:at]] {
			continue
		}
		at += len(s[at:]) - len(strings.TrimPrefix(s[at:], "\n"))
		star, size := utf8.DecodeRuneInString(s[at:])
		isStar, isAsterisk := strings.ContainsRune(realStars, star), strings.ContainsRune(asterisks, star)
		if size == 0 || !isStar && !isAsterisk || otherKind.MatchString(s[:start]) {
			continue
		}
		end := at + size
		end += len(s[end:]) - len(strings.TrimPrefix(s[end:], emojiStyle))
		if next, _ := utf8.DecodeRuneInString(s[end:]); next == star {
			continue
		}
		length := term.FindStringIndex(s[end:])
		if isAsterisk && length == nil && !wholeLine(s, start, end) {
			continue
		}
		if length != nil {
			end += length[1]
		}
		if !quoted(s, start, end) {
			add(StarMark, start, end)
		}
	}
	for _, m := range bareLevel.FindAllStringIndex(s, -1) {
		add(StarMark, m[0], m[1])
	}
}

// bareLevel is a line that holds nothing but a level and its term: the star was lost on the way.
var bareLevel = regexp.MustCompile(`(?m)^(?:绝密|机密|秘密)(?:\d{1,3}年|长期|启用前)$`)

func wholeLine(s string, start, end int) bool {
	return (start == 0 || s[start-1] == '\n') && (end == len(s) || s[end] == '\n')
}

// quoted reports whether quotation marks enclose the span: such a text speaks of a mark and does not bear it.
func quoted(s string, start, end int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:start])
	after, _ := utf8.DecodeRuneInString(s[end:])
	return strings.ContainsRune(`“"「『‘'《【`, before) && strings.ContainsRune(`”"」』’'》】`, after)
}

var (
	itself = regexp.MustCompile(`(?:此件|本(?:文件|文|件|材料|资料|卷宗|案卷|卷|报告|通知|纪要|载体|图纸|汇编|附件|函|批复|电报))(?:内容)?(?:属于|属|系|为|是|涉及|含有|包含|载有|确定为|定为)(?:绝密级|机密级|秘密级)?国家秘密`)
	alone  = regexp.MustCompile(`(?m)^[【\[(]?国家秘密[】\])]?(?:[:：·,，、]?(?:绝密|机密|秘密)级?)?$|^国家秘密[,，:：]?(?:注意保存|妥善保管|严禁(?:复制|翻印|外传|泄露)|不得(?:复制|翻印|外传|擅自).{0,12}|请勿.{0,12})$|^密级[:：]国家秘密.{0,12}$`)
	spoken = regexp.MustCompile(`(?:如(?:[^下]|$)|若(?:[^干]|$)|倘|假使|凡|是否|可能|一旦|认为|除非)[^。；;！!？?\n]{0,30}$`)
)

// statements finds a document that says of itself that it is a state secret, unless it says so on a condition.
func statements(s string, add func(MarkKind, int, int)) {
	for _, m := range itself.FindAllStringIndex(s, -1) {
		if !spoken.MatchString(s[:m[0]]) && !conditional(s[m[1]:]) {
			add(Statement, m[0], m[1])
		}
	}
	for _, m := range alone.FindAllStringIndex(s, -1) {
		add(Statement, m[0], m[1])
	}
}

// conditional reports whether what follows turns the statement into a case to be dealt with.
func conditional(rest string) bool {
	return strings.HasPrefix(rest, "的") && strings.ContainsAny(firstClause(rest), ",，应") || strings.HasPrefix(rest, "时")
}

func firstClause(s string) string {
	if i := strings.IndexAny(s, "。；;\n"); i >= 0 {
		return s[:i]
	}
	return s
}
