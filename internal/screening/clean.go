package screening

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"mijuan/internal/problem"
)

// MaxName is the most characters a name may have.
const MaxName = 255

var device = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)`)

// CleanName gives a name as it may be kept (trimmed, composed), or a problem that says what is wrong with it.
func CleanName(name string) (string, error) {
	if !utf8.ValidString(name) {
		return "", problem.New(problem.Invalid, "名称不是有效的文字，请改名后再上传").In("name")
	}
	name = norm.NFC.String(strings.TrimSpace(name))
	if name == "" {
		return "", problem.New(problem.Invalid, "名称不能为空").In("name")
	}
	if utf8.RuneCountInString(name) > MaxName {
		return "", problem.New(problem.Invalid, "名称过长：最多 %d 个字", MaxName).In("name")
	}
	if strings.ContainsAny(name, `/\`) || name == "." || name == ".." {
		return "", problem.New(problem.Invalid, "名称里不能有文件夹路径").In("name")
	}
	if strings.ContainsFunc(name, isInvisible) {
		return "", problem.New(problem.Invalid, "名称里有看不见的控制字符，请改名后再上传").In("name")
	}
	if strings.ContainsAny(name, `<>:"|?*`) {
		return "", problem.New(problem.Invalid, `名称里不能有这些符号：< > : " | ? *`).In("name")
	}
	if device.MatchString(name) || strings.HasSuffix(name, ".") {
		return "", problem.New(problem.Invalid, "这个名称是系统保留的，请换一个").In("name")
	}
	return name, nil
}

// isInvisible covers control characters, those that turn the reading direction, and those that show nothing.
func isInvisible(r rune) bool {
	switch {
	case unicode.IsControl(r), r == unicode.ReplacementChar, unicode.Is(unicode.Co, r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
		return true
	case unicode.Is(unicode.Cf, r), r == '\u115f', r == '\u1160', r == '\u3164', r == '\uffa0':
		return true
	}
	return r&0xfffe == 0xfffe
}
