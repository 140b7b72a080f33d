package apptest

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/cli"
	"mijuan/internal/guard"
	"mijuan/policy"
)

// ownRules copies the product's rules to a directory, where a change of one file makes them a firm's own.
func ownRules(t *testing.T, file string, change func(string) string) string {
	t.Helper()
	dir := t.TempDir()
	must(t, fs.WalkDir(policy.FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(policy.FS, path)
		if err == nil && path == file {
			raw = []byte(change(string(raw)))
		}
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, path), raw, 0o600)
	}))
	return dir
}

func command(args ...string) (exit int, out string) {
	var b bytes.Buffer
	exit = cli.Main(args, strings.NewReader(""), &b, io.Discard)
	return exit, b.String()
}

// TestPolicyCheck tells rules that can be used, rules that the truth table contradicts, and what are no rules.
func TestPolicyCheck(t *testing.T) {
	same := func(s string) string { return s }
	open := func(s string) string { return strings.Replace(s, `principal.posts.contains("lawyer")`, "true", 1) }
	for what, c := range map[string]struct {
		dir  string
		exit int
		says string
	}{
		"the product's":  {ownRules(t, "", same), 0, "规则可用"},
		"anybody opens":  {ownRules(t, "3-principles.cedar", open), 1, "应为 拒绝 3.3"},
		"a broken file":  {ownRules(t, "16-conflicts.cedar", func(string) string { return "forbid (" }), 1, "规则不能使用"},
		"another entity": {ownRules(t, "16-conflicts.cedar", func(s string) string { return s + "\nforbid (principal, action, resource is Spaceship);" }), 1, "规则不能使用"},
		"nothing":        {t.TempDir(), 1, "规则不能使用"},
	} {
		if exit, out := command("policy", "check", c.dir); exit != c.exit || !strings.Contains(out, c.says) {
			t.Errorf("%s: exit %d: %s", what, exit, out)
		}
	}
	if exit, _ := command("policy", "check"); exit != 2 {
		t.Errorf("without a directory: exit %d", exit)
	}
}

// TestPolicyTry replays what was decided: the same rules change nothing; others change just what they are about, and it is told whether
// they open or close. Having tried stands in the ledger.
func TestPolicyTry(t *testing.T) {
	data := filepath.Join(t.TempDir(), "firm")
	o := found(t, settings(t, data))
	o.openMatter("股权纠纷", "云麓科技有限公司")
	if err := o.h.Door.Do(t.Context(), guard.Who{Person: o.ids["trainee"], Via: guard.Web, Addr: "127.0.0.1", Strong: true}, access.OpenMatter, guard.Firm,
		func(*guard.Grant) error { return nil }); err == nil {
		t.Fatal("a trainee opens matters")
	}
	must(t, o.h.Close())
	if exit, _ := command("policy", "try", t.TempDir()); exit != 2 {
		t.Errorf("of which firm nobody knows: exit %d", exit)
	}
	t.Setenv("MIJUAN_DATA", data)
	t.Setenv("MIJUAN_ROOT_KEY", rootKey(data))
	try := func(dir string) (int, string) { return command("policy", "try", dir) }
	if exit, out := try(ownRules(t, "", nil)); exit != 0 || !regexp.MustCompile(`重放 [1-9]\d* 条决定，0 条会改变`).MatchString(out) {
		t.Errorf("the same rules: exit %d: %s", exit, out)
	}
	exit, out := try(ownRules(t, "3-principles.cedar", func(s string) string {
		return strings.Replace(s, `principal.posts.contains("lawyer")`, `principal.posts.contains("trainee")`, 1)
	}))
	if exit != 1 || !strings.Contains(out, "2 条会改变") || strings.Count(out, " 放开：") != 1 || strings.Count(out, " 改变：") != 1 {
		t.Errorf("other rules: exit %d: %s", exit, out)
	}
	if exit, out := try(ownRules(t, "16-conflicts.cedar", func(string) string { return "forbid (" })); exit != 1 || strings.Contains(out, "重放") {
		t.Errorf("broken rules: exit %d: %s", exit, out)
	}
}
