package access

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"mijuan/internal/problem"
	"mijuan/policy"
)

// sources is this package's own text, for the test of the catalogue.
var sources = os.DirFS(".")

var complaint = regexp.MustCompile("(?:problem\\.Invalid, |l\\.add\\(|l\\.check\\(.*?, )(\"(?:[^\"\\\\]|\\\\.)*\\p{Han}(?:[^\"\\\\]|\\\\.)*\")")

// complaints gives the Chinese formats that a source file hands to problems.
func complaints(source string) (out []string) {
	for _, m := range complaint.FindAllStringSubmatch(source, -1) {
		if s, err := strconv.Unquote(m[1]); err == nil {
			out = append(out, s)
		}
	}
	return out
}

// TestLoadSaysWhatIsWrong spoils the default set in one place each.
func TestLoadSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ file, old, new, want string }{
		{"9-use.cedar", `@id("closed-matter")`, ``, "规则缺少 @id"},
		{"9-use.cedar", `@id("closed-matter")`, `@id("wall")`, `@id("wall") 用了两次`},
		{"9-use.cedar", `@clause("9")`, ``, "规则缺少 @clause"},
		{"9-use.cedar", `@clause("9")`, `@clause("9.9")`, "clauses.json 里没有第 9.9 条"},
		{"9-use.cedar", `@clause("9")`, `@clause("19")`, "第 19 条有规则，clauses.json 却说软件不执行它"},
		{"9-use.cedar", `@also("12")`, `@also("12, 77")`, "没有第 77 条"},
		{"9-use.cedar", `@sentence("本案已结案，只能查阅")`, ``, "禁止规则缺少 @sentence"},
		{"9-use.cedar", `@clause("9")`, `@clause("9") @author("x")`, "不认识的标注 @author"},
		{"9-use.cedar", `@step("see-thing")`, `@step("pray")`, `没有 @step("pray") 这种办法`},
		{"9-use.cedar", `@clause("9")`, `@clause("9") @approver("king")`, `没有 @approver("king") 这种批准人`},
		{"9-use.cedar", `@clause("9")`, `@clause("9") @approver("lead")`, `批准之后仍会被拒绝`},
		{"9-use.cedar", `@clause("9")`, `@clause("9") @hides("yes")`, `@hides 只能写作`},
		{"9-use.cedar", `@clause("9")`, `@clause("9") @hides("true")`, `隐藏对象的规则不能再指出办法`},
		{"1-scope.cedar", `@id("ledger-acts")`, `@id("ledger-acts") @step("train")`, "只能标在禁止规则上"},
		{"9-use.cedar", `resource.state == "closed"`, `resource.sate == "closed"`, "与 mijuan.cedarschema 不符"},
		{"9-use.cedar", `resource.state == "closed"`, `resource.state == 3`, "与 mijuan.cedarschema 不符"},
		{"9-use.cedar", `Action::"registerCarrier"]`, `Action::"fly"]`, "与 mijuan.cedarschema 不符"},
		{"9-use.cedar", `when { resource.state == "closed" };`, `when { resource.state == };`, "9-use.cedar 有语法错误"},
		{"1-scope.cedar", `Action::"viewMatter", `, ``, "行为“viewMatter”（查看案件）没有任何许可"},
		{schemaFile, `action viewMatter, `, `action `, "缺少行为“viewMatter”（查看案件）"},
		{schemaFile, `action viewMatter, `, `action fly, viewMatter, `, "本程序没有“fly”这一行为"},
		{schemaFile, `  walled: Bool, `, `  walled: Bool, height: Long, `, "与程序提供的事实不符"},
		{schemaFile, `  placed: Bool, `, ``, "与程序提供的事实不符"},
		{schemaFile, `entity Firm { exists: Bool };`, `entity Firm { exists: Bool, name: String };`, "与程序提供的事实不符"},
		{schemaFile, `resource: Ledger, context`, `resource: [Ledger, Shelf], context`, "前后不一致"},
		{schemaFile, `entity Firm { exists: Bool };`, `entity Firm { exists`, "mijuan.cedarschema 有语法错误"},
		{clausesFile, `"key": "3.2"`, `"key": "3.1"`, "条款号“3.1”为空或重复"},
		{clausesFile, `"enforced": "software"`, `"enforced": "magic"`, "落实方式“magic”不在约定之内"},
		{clausesFile, `"key": "1", "title": {"zh": "适用环节"`, `"key": "0", "title": {"zh": ""`, "第 0 条缺少标题或正文"},
		{clausesFile, `"key": "1"`, `"key": "0"`, "缺少第 1 条"},
		{clausesFile, `"enforced": "software"`, `"inforced": "software"`, "不是正确的 JSON"},
	} {
		set := copySet(t, policy.FS)
		raw := string(set[c.file].Data)
		if !strings.Contains(raw, c.old) {
			t.Fatalf("%s holds no %s", c.file, c.old)
		}
		set[c.file].Data = []byte(strings.Replace(raw, c.old, c.new, 1))
		_, err := Load(set)
		if err == nil || !strings.Contains(err.Error(), c.want) || problem.KindOf(err) != problem.Invalid {
			t.Errorf("%s: %s → %s\nwant …%s…\ngot %v", c.file, c.old, c.new, c.want, err)
		}
	}
}

func TestLoadWantsItsFiles(t *testing.T) {
	for _, name := range []string{schemaFile, clausesFile} {
		set := copySet(t, policy.FS)
		delete(set, name)
		if _, err := Load(set); err == nil || !strings.Contains(err.Error(), "缺少文件 "+name) {
			t.Errorf("without %s: %v", name, err)
		}
	}
	if _, err := Load(fstest.MapFS{}); err == nil || !strings.Contains(err.Error(), "没有找到规则文件") {
		t.Errorf("an empty set: %v", err)
	}
}

// TestClosedActs lets a firm close an act by an unconditional forbid instead of a permit.
func TestClosedActs(t *testing.T) {
	set := copySet(t, policy.FS)
	raw := string(set["1-scope.cedar"].Data)
	set["1-scope.cedar"].Data = []byte(strings.Replace(raw, `Action::"fetchOriginal", `, ``, 1) +
		`@id("no-originals") @clause("7.2.1") @sentence("本所不取用原件") forbid (principal, action == Action::"fetchOriginal", resource);`)
	r, err := Load(set)
	if err != nil {
		t.Fatal(err)
	}
	q := privileged(Lawyer)
	q.Act, q.Thing = FetchOriginal, Resource{Kind: Material, ID: "d", Matter: "m", Level: 1, State: Filed, Owner: "o", Exists: true}
	if d := r.Decide(q); d.Outcome != Refuse || d.Reasons[0].Rule != "no-originals" {
		t.Errorf("a closed act: %s", Verdict(d))
	}
}

// TestNoSetGoesBelowTheFloor loosens the default set in one place each; Load names the line.
func TestNoSetGoesBelowTheFloor(t *testing.T) {
	drop := func(id string) func(*Policy) string {
		return func(p *Policy) string {
			if p.ID == id {
				return ""
			}
			return p.Source
		}
	}
	edit := func(id, old, new string) func(*Policy) string {
		return func(p *Policy) string {
			if p.ID == id {
				return strings.Replace(p.Source, old, new, 1)
			}
			return p.Source
		}
	}
	reached := map[string]bool{}
	for _, c := range []struct {
		loosen func(*Policy) string
		line   string
	}{
		{drop("active"), "没有登录的人和已停用的账号不能做任何事"},
		{edit("active", "principal.active", `principal.active || principal.posts.contains("director")`), "没有登录的人和已停用的账号不能做任何事"},
		{drop("trained"), "未培训、未承诺的人不能办理业务"},
		{edit("pledged", `Action::"useSystem"`, `Action::"useSystem", Action::"readRoster"`), "未培训、未承诺的人不能办理业务"},
		{drop("matter-team"), "不在团队的人不知道案件和资料存在"},
		{drop("material-team"), "不在团队的人不知道案件和资料存在"},
		{edit("material-team", "context.member ||", `context.member || principal.posts.contains("director") ||`), "不在团队的人不知道案件和资料存在"},
		{edit("matter-team", `@hides("true")`, ``), "不在团队的人不知道案件和资料存在"},
		{drop("wall"), "隔离墙内的人不知道案件和资料存在"},
		{edit("wall", `@hides("true")`, ``), "隔离墙内的人不知道案件和资料存在"},
		{drop("need-to-know"), "名单以外的人不知道已定密的绝密级资料存在"},
		{edit("matter-team", "resource.exists &&", `(resource.exists || principal.posts.contains("director")) &&`), "不存在的对象与不该知道的对象答复相同"},
		{drop("administrators-no-content"), "三员不接触案件内容"},
		{edit("administrators-no-content", `"system_admin", `, ``), "三员不接触案件内容"},
		{drop("administrators-apart"), "三员不能兼任"},
		{drop("no-self-review"), "自己提出的定密不能自己审核"},
		{edit("material-acts", "when { !principal.system }", ""), "后台程序和主机控制台不接触案件内容"},
		{drop("approval-own"), "自己提出的申请不能自己批准"},
		{drop("danger-own"), "自己整改的隐患不能自己复查"},
		{edit("danger-own", "context.owner || context.reviewer", "context.owner"), "自己整改的隐患不能自己复查"},
		{drop("token-scope"), "访问令牌不能超出其授权"},
	} {
		_, err := Load(rewrite(t, c.loosen))
		if err == nil || !strings.Contains(err.Error(), "“"+c.line+"”") {
			t.Errorf("want a complaint about “%s”, got %v", c.line, err)
		}
		reached[c.line] = true
	}
	for _, f := range floors {
		if !reached[f.name] {
			t.Errorf("no loosened set shows that “%s” holds", f.name)
		}
	}
}

// rewrite puts each policy of the default set through f; what was rewritten to nothing is gone.
func rewrite(t *testing.T, f func(*Policy) string) fstest.MapFS {
	t.Helper()
	set := copySet(t, policy.FS)
	for _, p := range defaultRules(t).Policies() {
		set[p.File].Data = []byte(strings.Replace(string(set[p.File].Data), p.Source, f(&p), 1))
	}
	return set
}
