package archtest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestClausesNameTestsThatAre: what the clause map shows as proof is there, and each clause that no rule decides but the program keeps in
// whole or part has some.
func TestClausesNameTestsThatAre(t *testing.T) {
	raw, err := os.ReadFile("../../policy/clauses.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Clauses []struct {
			Key, Enforced string
			Tests         []string
		}
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	var rules strings.Builder
	files, err := filepath.Glob("../../policy/*.cedar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		rules.Write(b)
	}
	for _, c := range doc.Clauses {
		ruled := strings.Contains(rules.String(), `@clause("`+c.Key+`")`) || strings.Contains(rules.String(), `@also("`+c.Key+`")`)
		if (c.Enforced == "software" || c.Enforced == "partly") && !ruled && len(c.Tests) == 0 {
			t.Errorf("clause %s is said to be kept, by no rule and with no test", c.Key)
		}
		for _, name := range c.Tests {
			if !isTest(t, name) {
				t.Errorf("clause %s names %s, which is no test", c.Key, name)
			}
		}
	}
}

func isTest(t *testing.T, name string) bool {
	pkg, test, _ := strings.Cut(name, ".")
	files, err := filepath.Glob(filepath.Join("..", pkg, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), "\nfunc "+test+"(") {
			return true
		}
	}
	return false
}
