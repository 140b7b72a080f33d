package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mijuan/internal/text"
)

// may lists, for each package of ours, the packages of ours that its product code may import. A package that is not listed
// fails the test: think where it stands before you add it.
var may = map[string][]string{
	"problem": {}, "text": {}, "font": {}, "callnumber": {"problem"}, "schema": {}, "filetype": {"problem"}, "prose": {"filetype"}, "course": {"problem"},
	"classification": {"problem", "text"},
	"screening":      {"problem"},
	"signon":         {"problem"}, "signon/signontest": {"signon"},
	"config":    {"problem"},
	"antivirus": {"problem"}, "antivirus/clamtest": {"antivirus"}, "parcel": {}, "usbpolicy": {}, "parcel/agetest": {},
	"mail": {"problem"}, "mail/mailtest": {"mail"},
	"vault":          {"problem"},
	"blob":           {"problem"},
	"render":         {"problem", "filetype", "font"},
	"letter":         {"problem", "font"},
	"signature":      {"problem", "vault"},
	"sheet":          {"letter", "problem", "text"},
	"access":         {"classification", "problem"},
	"store":          {"problem"},
	"ledger":         {"store", "problem"},
	"job":            {"store", "problem"},
	"guard":          {"access", "classification", "ledger", "store", "problem"},
	"person":         {"guard", "access", "mail", "store", "vault", "problem", "classification"},
	"training":       {"guard", "access", "course", "person", "store", "vault", "problem"},
	"matter":         {"guard", "access", "store", "vault", "problem", "classification", "screening"},
	"knower":         {"guard", "access", "classification", "matter", "store", "vault"},
	"material":       {"guard", "access", "knower", "store", "vault", "problem", "callnumber", "classification", "screening", "antivirus", "blob", "carrier", "filetype", "prose", "render", "matter"},
	"incident":       {"guard", "access", "classification", "matter", "problem", "store", "vault"},
	"danger":         {"guard", "access", "device", "matter", "problem", "store", "vault"},
	"carrier":        {"guard", "access", "approval", "callnumber", "classification", "incident", "knower", "letter", "matter", "person", "problem", "screening", "store", "text", "vault"},
	"approval":       {"guard", "access", "classification", "matter", "person", "problem", "store", "vault"},
	"retention":      {"guard", "access", "approval", "carrier", "classification", "hand", "ledger", "letter", "material", "matter", "media", "output", "person", "problem", "store", "vault"},
	"rights":         {"guard", "access", "classification", "leaving", "matter", "person", "problem", "store", "teamreview", "vault"},
	"media":          {"antivirus", "approval", "guard", "access", "carrier", "classification", "material", "matter", "parcel", "person", "problem", "store", "usbpolicy", "vault"},
	"stocktaking":    {"guard", "access", "carrier", "classification", "matter", "person", "problem", "store", "vault"},
	"meeting":        {"guard", "access", "carrier", "classification", "matter", "person", "problem", "store", "vault"},
	"teamreview":     {"guard", "access", "classification", "matter", "person", "problem", "store", "vault"},
	"viewing":        {"guard", "access", "material", "matter", "problem", "render", "text"},
	"hand":           {"guard", "access", "letter", "person", "problem", "signature", "store", "vault"},
	"directory":      {"guard", "access", "person", "problem", "rights", "store", "vault"},
	"directory/scim": {"guard", "access", "directory", "mail", "person", "problem", "reply", "server"},
	"notice":         {"guard", "access", "approval", "carrier", "job", "mail", "matter", "media", "person", "pledge", "problem", "store", "teamreview", "training", "vault"},
	"continuing":     {"guard", "access", "hand", "leaving", "letter", "person", "pledge", "problem", "store", "vault"},
	"device":         {"guard", "access", "classification", "person", "printer", "problem", "store", "vault"},
	"output":         {"guard", "access", "approval", "carrier", "classification", "device", "filetype", "material", "matter", "person", "printer", "problem", "render", "store", "text", "vault", "viewing"},
	"printer":        {"problem"}, "printer/printertest": {"printer"},
	"accountability": {"guard", "access", "person", "problem", "store", "vault"},
	"leaving":        {"guard", "access", "approval", "carrier", "classification", "danger", "device", "hand", "letter", "material", "matter", "media", "meeting", "output", "person", "pledge", "problem", "retention", "store", "vault"},
	"criteria":       {"guard", "access", "classification", "problem", "store"},
	"pledge":         {"guard", "access", "hand", "letter", "person", "problem", "store", "vault"},
	"audit":          {"guard", "access", "classification", "ledger", "store", "problem"},
	"house": {"retention", "incident", "knower", "danger", "media", "approval", "antivirus", "accountability", "access", "audit", "blob", "carrier", "continuing", "criteria", "device", "directory", "guard", "hand", "leaving", "ledger", "material", "matter", "meeting", "notice", "output", "person", "pledge", "problem", "render", "rights", "schema", "signature", "signon", "stocktaking", "store", "teamreview", "training", "vault", "viewing",
		"policy", "job"},
	"server": {"problem"},
	"reply":  {"guard", "problem"},
	"tus":    {"access", "guard", "material", "problem", "server"},
	"api": {"danger", "device", "media", "output", "retention", "directory", "approval", "rights", "access", "accountability", "audit", "carrier", "classification", "criteria", "course", "training", "guard", "leaving", "material", "matter", "person", "pledge", "problem", "render", "reply", "server", "tus", "viewing", "filetype",
		"text"},
	"web": {"callnumber", "retention", "incident", "knower", "danger", "media", "parcel", "approval", "output", "printer", "stocktaking", "rights", "teamreview", "accountability", "device", "carrier", "continuing", "criteria", "policy", "access", "audit", "classification", "course", "directory", "filetype", "guard", "hand", "leaving", "ledger", "mail", "material", "matter", "meeting", "notice", "person", "pledge", "problem", "render", "reply", "server", "signon", "text",
		"training", "tus", "viewing", "web/assets", "web/ui", "screening", "sheet"},
	"web/ui":     {"classification", "text", "web/assets"},
	"web/assets": {},
	"corpus":     {"access", "classification", "font", "filetype", "matter"},
	"demo": {"retention", "incident", "danger", "media", "parcel", "approval", "output", "printer", "stocktaking", "rights", "teamreview", "accountability", "device", "carrier", "continuing", "criteria", "viewing", "access", "blob", "classification", "corpus", "course", "training", "guard", "hand", "house", "leaving", "material", "matter", "meeting", "person", "pledge", "problem", "store", "vault", "render", "filetype",
		"ledger", "demo/press"},
	"demo/press": {"printer"},
	"cli":        {"*"}, "apptest": {"*"}, "interop": {}, "house/housetest": {"antivirus", "access", "blob/s3test", "carrier", "classification", "guard", "hand", "house", "leaving", "material", "matter", "person", "pledge", "render", "render/rendertest", "server", "store", "storetest", "vault"}, "bench": {"*"}, "archtest": {"text"},
	"render/rendertest": {}, "storetest": {"store", "schema"}, "blob/blobtest": {"blob", "problem"}, "blob/s3test": {},
}

type source struct {
	path string // from the module's root
	pkg  string // below internal
	test bool
	file *ast.File
	fset *token.FileSet
	text string
}

// sources reads every Go file below internal and cmd: the files themselves, since answers of the go command are cached.
func sources(t *testing.T) []source {
	t.Helper()
	root := filepath.Join("..", "..")
	var all []source
	for _, top := range []string{"internal", "cmd", "policy"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
				return err
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, path, raw, parser.ParseComments)
			if err != nil {
				return err
			}
			rel, _ := filepath.Rel(root, path)
			pkg := filepath.ToSlash(filepath.Dir(rel))
			all = append(all, source{path: filepath.ToSlash(rel), pkg: strings.TrimPrefix(pkg, "internal/"), test: strings.HasSuffix(path, "_test.go"), file: file, fset: fset, text: string(raw)})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(all) < 50 {
		t.Fatalf("found only %d files: the walk went wrong", len(all))
	}
	return all
}

func TestImportsGoDownward(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || strings.HasPrefix(s.pkg, "cmd/") || s.pkg == "policy" {
			continue
		}
		allowed, known := may[s.pkg]
		if !known {
			t.Errorf("%s: package %s has no place in the house; add it to archtest with what it may import", s.path, s.pkg)
			continue
		}
		for _, i := range s.file.Imports {
			path, _ := strconv.Unquote(i.Path.Value)
			target, ours := strings.CutPrefix(path, "mijuan/")
			if !ours {
				continue
			}
			target = strings.TrimPrefix(target, "internal/")
			if !slices.Contains(allowed, target) && !slices.Contains(allowed, "*") {
				t.Errorf("%s: %s may not import %s", s.path, s.pkg, target)
			}
			if target == "demo/press" && s.pkg != "demo" {
				t.Errorf("%s: the demonstration printer is the demonstration's alone", s.path)
			}
			if target == "cli" && s.pkg != "bench" { // which measures what cli serves
				t.Errorf("%s: nobody imports cli", s.path)
			}
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	said := map[string]bool{}
	for _, s := range sources(t) {
		if s.test && !said[s.pkg] {
			continue
		}
		said[s.pkg] = said[s.pkg] || s.file.Doc != nil && len(s.file.Doc.Text()) > 40
	}
	for pkg, ok := range said {
		if !ok {
			t.Errorf("package %s has no paragraph that says what it is", pkg)
		}
	}
}

func TestFilesStaySmall(t *testing.T) {
	for _, s := range sources(t) {
		if strings.HasSuffix(s.path, "_templ.go") {
			continue
		}
		if n := strings.Count(s.text, "\n"); n > 400 {
			t.Errorf("%s has %d lines; 400 is the most", s.path, n)
		}
	}
}

// clocks may read the time of day; everybody else takes it from a transaction or a parameter.
var clocks = []string{"antivirus", "antivirus/clamtest", "mail/mailtest", "parcel/agetest", "signon/signontest", "store", "server", "job", "cli", "bench", "apptest", "demo", "demo/press", "storetest", "house/housetest", "ledger", "render", "blob"}

func TestOneClock(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || slices.Contains(clocks, s.pkg) {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Now" {
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" {
					t.Errorf("%s reads the clock", s.fset.Position(sel.Pos()))
				}
			}
			return true
		})
	}
}

// TestEnglish finds every Chinese text that reaches people through problem.New or T and has no English.
func TestEnglish(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || s.pkg == "corpus" || s.pkg == "cli" || s.pkg == "demo" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			arg := -1
			switch {
			case sel.Sel.Name == "New" && fmt.Sprint(sel.X) == "problem":
				arg = 1
			case sel.Sel.Name == "T" && len(call.Args) > 0:
				arg = 0
			}
			if arg < 0 || arg >= len(call.Args) {
				return true
			}
			lit, ok := call.Args[arg].(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			if zh, err := strconv.Unquote(lit.Value); err == nil && hasHan(zh) && !text.Known(zh) {
				t.Errorf("%s: no English for %q", s.fset.Position(lit.Pos()), zh)
			}
			return true
		})
	}
}

func hasHan(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= 0x4e00 && r <= 0x9fff })
}

// TestNothingIsLeftForLater keeps notes to ourselves out of the product.
func TestNothingIsLeftForLater(t *testing.T) {
	for _, s := range sources(t) {
		for _, word := range []string{"TO" + "DO", "FIX" + "ME", "XX" + "X"} {
			if strings.Contains(s.text, word) {
				t.Errorf("%s holds a %s", s.path, word)
			}
		}
	}
}
