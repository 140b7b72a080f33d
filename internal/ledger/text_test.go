package ledger

import (
	"go/ast"
	goparser "go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"mijuan/internal/text"
)

// Every Chinese sentence of the package has an English one; the faults carry theirs past where archtest looks.
func TestEveryFaultHasEnglish(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		file, err := goparser.ParseFile(token.NewFileSet(), f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			zh, err := strconv.Unquote(lit.Value)
			if err == nil && strings.ContainsFunc(zh, func(r rune) bool { return r >= 0x4e00 && r <= 0x9fff }) {
				seen++
				if !text.Known(zh) || strings.Count(zh, "%") != strings.Count(text.EN.T(zh), "%") {
					t.Errorf("%s: no English for %q", f.Name(), zh)
				}
			}
			return true
		})
	}
	if seen < 40 {
		t.Errorf("only %d sentences were found", seen)
	}
}
