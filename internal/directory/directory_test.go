package directory_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"mijuan/internal/access"
	"mijuan/internal/directory"
	"mijuan/internal/guard"
	"mijuan/internal/house/housetest"
	"mijuan/internal/ledger"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

func TestMain(m *testing.M) { housetest.Main(m) }

type office struct {
	*housetest.Office
	t testing.TB
}

func open(t testing.TB, engine store.Engine) *office {
	s := housetest.Settings(t)
	if engine == store.PostgreSQL {
		s.Database = storetest.Options(t, engine).URL
	}
	return &office{housetest.Found(t, s), t}
}

func each(t *testing.T, f func(t *testing.T, o *office)) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) { f(t, open(t, engine)) })
	}
}

func (o *office) firm(by string, f func(*guard.Grant) error) error {
	return o.House.Door.Do(context.Background(), o.Who(by), access.Appoint, guard.Firm, f)
}

// look reads a file and gives the list's id and its plan.
func (o *office) look(raw []byte) (id string, p directory.Plan) {
	o.t.Helper()
	l, err := directory.Read(raw)
	housetest.Must(o.t, err)
	housetest.Must(o.t, o.firm("security", func(g *guard.Grant) (err error) {
		if id, err = o.House.Directory.Look(g, l); err == nil {
			p, err = o.House.Directory.Plan(g, id)
		}
		return err
	}))
	return id, p
}

func (o *office) bring(by, id, state string, links bool) (made []directory.Link, err error) {
	err = o.firm(by, func(g *guard.Grant) (err error) {
		_, made, err = o.House.Directory.Import(g, id, state, links)
		return err
	})
	return made, err
}

// everyone is the roster by log-in.
func (o *office) everyone() map[string]person.Person {
	o.t.Helper()
	all := map[string]person.Person{}
	housetest.Must(o.t, o.firm("security", func(g *guard.Grant) error {
		list, err := o.House.People.Everyone(g)
		for _, p := range list {
			all[p.Login] = p
		}
		return err
	}))
	return all
}

func csv(lines ...string) []byte {
	return []byte(strings.Join(append([]string{"姓名,登录名,部门,岗位,执业证号,入职日期"}, lines...), "\r\n"))
}

func faults(v directory.Verdict) string {
	var all []string
	for _, err := range v.Faults {
		all = append(all, err.Error())
	}
	return strings.Join(all, "|")
}

func wants(t *testing.T, kind problem.Kind, err error) {
	t.Helper()
	if problem.KindOf(err) != kind {
		t.Errorf("got %v, want a problem of kind %d", err, kind)
	}
}

// TestImport: nothing is written before the confirmation; then everybody at once, each recorded; once.
func TestImport(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		id, p := o.look(csv("闻人语,wenrenyu,诉讼部,律师,13301200910123456,2026-03-01", "测试lead,lead,公司部,律师、委员会成员,,", "测试outsider,outsider,,,,"))
		if p.Count[directory.Added] != 1 || p.Count[directory.Changed] != 1 || p.Count[directory.Same] != 1 || p.Count[directory.Wrong] != 0 {
			t.Fatalf("the plan: %v", p.Count)
		}
		if c := p.Rows[1].Changes; len(c) != 2 || c[0].Column != directory.Department || c[0].New != "公司部" || len(c[1].NewPosts) != 2 {
			t.Errorf("the changes: %+v", c)
		}
		if _, there := o.everyone()["wenrenyu"]; there {
			t.Fatal("written before it was confirmed")
		}
		_, err := o.bring("security", id, "another state", true)
		wants(t, problem.Conflict, err)
		_, err = o.bring("lead", id, p.State, true)
		if _, refused := guard.AsRefusal(err); !refused {
			t.Errorf("a lawyer imports: %v", err)
		}
		made, err := o.bring("security", id, p.State, true)
		housetest.Must(t, err)
		all := o.everyone()
		if len(made) != 1 || made[0].Login != "wenrenyu" || all["wenrenyu"].Status != person.Invited || all["lead"].Department != "公司部" || len(all["lead"].Posts) != 1 {
			t.Errorf("imported: %+v, %+v, %+v", made, all["wenrenyu"], all["lead"])
		}
		// Other posts are a request that the director decides.
		housetest.Must(t, o.House.Door.Do(t.Context(), o.Who("director"), access.UseSystem, guard.Firm, func(g *guard.Grant) error {
			waiting, err := o.House.Rights.Waiting(g)
			if len(waiting) != 1 || waiting[0].Person != all["lead"].ID || len(waiting[0].Wanted.Posts) != 2 || waiting[0].Reason != "导入名册" {
				t.Errorf("the director is asked %+v", waiting)
			}
			return err
		}))
		if _, err := o.House.People.Welcome(t.Context(), made[0].Link); err != nil {
			t.Errorf("the one-time link: %v", err)
		}
		_, err = o.bring("security", id, p.State, true)
		wants(t, problem.Absent, err)
		for _, who := range []string{all["wenrenyu"].ID, all["lead"].ID} {
			housetest.Must(t, o.House.DB.Read(t.Context(), func(tx *store.Tx) error {
				entries, err := o.House.Ledger.Query(tx, ledger.Query{Thing: who, Act: string(access.Appoint), Actor: o.IDs["security"]})
				if len(entries) == 0 {
					t.Error("an act on a person is not recorded")
				}
				return err
			}))
		}
		if _, p = o.look(csv("闻人语,wenrenyu,诉讼部,律师,13301200910123456,2026-03-01")); p.Count[directory.Same] != 1 {
			t.Errorf("the same list again: %+v", p.Rows)
		}
	})
}

// TestARosterThatMoved: what was planned on another roster is not done, and a list with one bad row not at all.
func TestARosterThatMoved(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		id, p := o.look(csv("闻人语,wenrenyu,,律师,,"))
		o.Hire("newcomer", access.Assistant)
		_, err := o.bring("security", id, p.State, false)
		wants(t, problem.Conflict, err)
		id, p = o.look(csv("闻人语,wenrenyu,,律师,,", "某人,x,,律师,,"))
		_, err = o.bring("security", id, p.State, false)
		wants(t, problem.Conflict, err)
		id, p = o.look(csv("某人,wenrenyu,,律师,,", "测试security,security,新部门,,,"))
		if p.Rows[1].Kind != directory.Wrong || !strings.Contains(faults(p.Rows[1]), "不能变更自己") {
			t.Errorf("one's own row: %+v", p.Rows[1])
		}
		_, err = o.bring("security", id, p.State, false)
		wants(t, problem.Conflict, err)
		if _, there := o.everyone()["wenrenyu"]; there {
			t.Error("a part of a bad list was taken")
		}
	})
}

// TestBadRows: each mistake is told in its cell.
func TestBadRows(t *testing.T) {
	o := open(t, store.SQLite)
	for row, want := range map[string]string{
		",a.b,,律师,,":                               "请填写姓名",
		"某人,,,律师,,":                                "登录名由",
		"某人,Ａ,,律师,,":                               "登录名由",
		"某人,a.b,,,,":                               "请至少选择一个岗位",
		"某人,a.b,,皇帝,,":                             "没有这个岗位：皇帝",
		"某人,a.b,,审计员、系统管理员,,":                      "不能由一人兼任",
		"某人,a.b,,律师,1330120091012345,":             "17 位",
		"某人,a.b,,律师,1.33012E+16,":                  "文本格式",
		"某人,a.b,,律师,23301200910123456,":            "第 1 位",
		"某人,a.b,,律师,19901200910123456,":            "省级",
		"某人,a.b,,律师,13301209910123456,":            "年份",
		"某人,a.b,,律师,13301200900123456,":            "类别",
		"某人,a.b,,律师,13301200912123456,":            "第 11 位",
		"某人,a.b,,律师,,昨天":                           "入职日期",
		"=1+1,a.b,,律师,,":                           "公式",
		strings.Repeat("长", 10_000) + ",a.b,,律师,,": "姓名过长",
		"某\u202e人,a.b,,律师,,":                       "不能使用的字符",
	} {
		if _, p := o.look(csv(row)); p.Rows[0].Kind != directory.Wrong || !strings.Contains(faults(p.Rows[0]), want) {
			t.Errorf("%.60s: %s %q, want %q", row, p.Rows[0].Kind, faults(p.Rows[0]), want)
		}
	}
	_, p := o.look(csv("甲,a.b,,lawyer,13301200910123456,", "乙,A.B,,Lawyer,,", "丙,a.c,,律师,13301200910123456,20260301"))
	if !strings.Contains(faults(p.Rows[1]), "与第 2 行重复") || !strings.Contains(faults(p.Rows[2]), "执业证号与第 2 行重复") || p.Rows[0].Kind != directory.Added {
		t.Errorf("duplicates: %q, %q", faults(p.Rows[1]), faults(p.Rows[2]))
	}
}

// TestFiles: GBK and UTF-16, English headings, and what is no list.
func TestFiles(t *testing.T) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().Bytes(csv("闻人语,wenrenyu,诉讼部,律师,,"))
	housetest.Must(t, err)
	for name, raw := range map[string][]byte{"GBK": gbk, "a mark": append([]byte("\ufeff"), csv("闻人语,wenrenyu,诉讼部,律师,,")...),
		"English": []byte("Full Name;User Name;Department;Posts\n闻人语;wenrenyu;诉讼部;lawyer\n\n;;;\n")} {
		l, err := directory.Read(raw)
		if err != nil || len(l.Rows) != 1 || l.Rows[0].Cells[directory.Name] != "闻人语" || l.Rows[0].Cells[directory.Department] != "诉讼部" {
			t.Errorf("%s: %+v, %v", name, l, err)
		}
	}
	for name, raw := range map[string][]byte{"nothing": nil, "no heading": []byte("闻人语,wenrenyu"), "nobody": csv(), "a picture": {0x89, 'P', 'N', 'G', 0, 1, 2, 0xff},
		"no zip": []byte("PK\x03\x04 and then nothing"), "an old workbook": []byte("\xd0\xcf\x11\xe0\xa1\xb1"), "two of one": []byte("姓名,登录名,name\n甲,a.b,乙")} {
		if _, err := directory.Read(raw); problem.KindOf(err) != problem.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = directory.Read(bytes.Repeat([]byte("x"), directory.MaxBytes+1))
	wants(t, problem.TooLarge, err)
	_, err = directory.Read(csv(strings.Repeat("a,b,,,,\n", 10_001)))
	wants(t, problem.TooLarge, err)
}

func workbook(t testing.TB, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, c := range directory.Columns {
		cell, _ := excelize.CoordinatesToCellName(i+1, 1)
		housetest.Must(t, f.SetCellValue("Sheet1", cell, directory.Labels[c]))
	}
	fill(f)
	var b bytes.Buffer
	housetest.Must(t, f.Write(&b))
	return b.Bytes()
}

// TestWorkbooks: dates as numbers, formulas, merged cells, gaps; a bomb is not opened.
func TestWorkbooks(t *testing.T) {
	o := open(t, store.SQLite)
	_, p := o.look(workbook(t, func(f *excelize.File) {
		housetest.Must(t, f.SetSheetRow("Sheet1", "A2", &[]any{"甲", "jia", "诉讼部", "律师", "13301200910123456", time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}))
		housetest.Must(t, f.SetSheetRow("Sheet1", "A5", &[]any{"乙", "yi", "诉讼部", "律师", 13301200910123456}))
		housetest.Must(t, f.SetCellFormula("Sheet1", "A5", `"乙"&"某"`))
		housetest.Must(t, f.SetSheetRow("Sheet1", "A6", &[]any{"丙", "bing", "诉讼部", "律师"}))
		housetest.Must(t, f.SetSheetRow("Sheet1", "A7", &[]any{"丁", "ding", "", "律师"}))
		housetest.Must(t, f.MergeCell("Sheet1", "C6", "C7"))
	}))
	if len(p.Rows) != 4 || p.Rows[0].Kind != directory.Added || p.Rows[1].Line != 5 || !strings.Contains(faults(p.Rows[1]), "公式") || !strings.Contains(faults(p.Rows[3]), "合并") {
		for _, r := range p.Rows {
			t.Errorf("%d %s %s %v", r.Line, r.Kind, faults(r), r.Cells)
		}
	}
	bomb := workbook(t, func(f *excelize.File) {
		w, err := f.NewStreamWriter("Sheet1")
		housetest.Must(t, err)
		housetest.Must(t, w.SetRow("A1", []any{"姓名", "登录名"}))
		for i := 2; i <= 400; i++ {
			cell, _ := excelize.CoordinatesToCellName(1, i)
			housetest.Must(t, w.SetRow(cell, []any{strings.Repeat("a", 32_000), strings.Repeat("a", 32_000)}))
		}
		housetest.Must(t, w.Flush())
	})
	if len(bomb) > 1<<20 {
		t.Fatalf("the bomb is %d bytes", len(bomb))
	}
	if _, err := directory.Read(bomb); problem.KindOf(err) != problem.Invalid {
		t.Errorf("a bomb: %v", err)
	}
}

// BenchmarkImport takes a list of 5,000 people.
func BenchmarkImport(b *testing.B) {
	for _, engine := range storetest.Engines() {
		b.Run(engine.String(), func(b *testing.B) {
			lines := make([]string, 5000)
			for i := range lines {
				lines[i] = fmt.Sprintf("闻人语%d,user%05d,争议解决部,律师,1330120091%07d,2026-03-01", i, i, i)
			}
			for b.Loop() {
				b.StopTimer()
				o := open(b, engine)
				b.StartTimer()
				id, p := o.look(csv(lines...))
				looked := time.Now()
				_, err := o.bring("security", id, p.State, true)
				housetest.Must(b, err)
				b.ReportMetric(time.Since(looked).Seconds(), "s/confirm")
			}
		})
	}
}
