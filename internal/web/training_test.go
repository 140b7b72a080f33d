package web_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/course"
	"mijuan/internal/guard"
	"mijuan/internal/house/housetest"
	"mijuan/internal/person"
)

// foundAt is found on a clock of the test's.
func foundAt(t testing.TB) (*office, *housetest.Clock) {
	t.Helper()
	clock, s := &housetest.Clock{}, housetest.Settings(t)
	s.Now = clock.Now
	return foundWith(t, s), clock
}

// hireUntrained takes somebody on who has signed and learned nothing.
func (o *office) hireUntrained(login string) {
	o.T.Helper()
	console := guard.Who{Via: guard.CLI}
	var link string
	must(o.T, o.House.Door.Do(o.T.Context(), console, access.Appoint, guard.Firm, func(g *guard.Grant) (err error) {
		o.IDs[login], link, err = o.House.People.Invite(g, person.Invitation{Login: login, Details: person.Details{Name: "新来的"}, Posts: []access.Post{access.Trainee}})
		return err
	}))
	_, err := o.House.People.Accept(o.T.Context(), link, person.Acceptance{Password: housetest.Password}, person.From{Addr: "127.0.0.1"})
	must(o.T, err)
	must(o.T, o.House.Door.Do(o.T.Context(), console, access.Appoint, guard.Thing{Kind: access.Person, ID: o.IDs[login]}, func(g *guard.Grant) error {
		return o.House.People.RecordPledge(g, "joining", g.Tx().Now, "纸质记录存档")
	}))
}

// readAll reads the whole course on the pages, with the clock moved on for each lesson.
func (b *browser) readAll(clock *housetest.Clock) {
	b.o.T.Helper()
	for _, l := range course.Default().Lessons {
		path := "/training/lessons/" + l.Key
		if page := b.get(path); !strings.Contains(page.body, l.Title) || page.status != http.StatusOK {
			b.o.T.Fatalf("%s: %d", path, page.status)
		}
		clock.Forward(time.Duration(l.Body.Seconds) * time.Second)
		b.post(path, url.Values{"next": {""}})
	}
}

var (
	fieldsets = regexp.MustCompile(`(?s)<fieldset>.*?</fieldset>`)
	legends   = regexp.MustCompile(`(?s)<legend>.*?</span>(.*?)</legend>`)
	choices   = regexp.MustCompile(`(?s)name="(q\d+)" value="(\d+)"[^>]*>\s*<span>(.*?)</span>`)
	handsIn   = regexp.MustCompile(`action="(/training/test/[0-9a-f-]{36})"`)
)

// rightAnswers reads a test's page and answers it from the text of the course.
func rightAnswers(t testing.TB, page string) url.Values {
	t.Helper()
	text := course.Default().Text()
	form := url.Values{}
	for _, set := range fieldsets.FindAllString(page, -1) {
		stem := plain(legends.FindStringSubmatch(set)[1])
		begin := strings.Index(plain(text), stem)
		rest := plain(text)[max(begin, 0):]
		rest = rest[:strings.Index(rest, "解析：")]
		for _, c := range choices.FindAllStringSubmatch(set, -1) {
			if strings.Contains(rest, "-[x]"+plain(c[3])+"-") || strings.HasSuffix(rest, "-[x]"+plain(c[3])) {
				form.Add(c[1], c[2])
			}
		}
	}
	form.Set("questions", strconv.Itoa(len(fieldsets.FindAllString(page, -1))))
	return form
}

// plain leaves out what is between the words.
func plain(s string) string {
	s = strings.NewReplacer("<br>", "", "&#34;", `"`, "&amp;", "&", "&lt;", "<", "&gt;", ">").Replace(s)
	return strings.Join(strings.Fields(s), "")
}

// TestWhoIsNewCanOnlyLearn: the desk says so, every other room sends there, and passing opens them.
func TestWhoIsNewCanOnlyLearn(t *testing.T) {
	o, clock := foundAt(t)
	o.hireUntrained("newcomer")
	b := o.loggedIn("newcomer")
	desk := b.get("/").body
	if !strings.Contains(desk, "完成岗前保密培训") || !strings.Contains(desk, `href="/training"`) {
		t.Errorf("the desk does not say so: %.2000s", desk)
	}
	if a := b.get("/people"); a.status != http.StatusForbidden || !strings.Contains(a.body, "请先完成保密培训") || !strings.Contains(a.body, `href="/training"`) {
		t.Errorf("another room: %d %.2000s", a.status, a.body)
	}
	if a := b.post("/training/test", nil); !strings.Contains(a.body, "请先读完全部课文") {
		t.Errorf("a test before reading: %.2000s", a.body)
	}
	first := course.Default().Lessons[0]
	if a := b.post("/training/lessons/"+first.Key, nil); a.status != http.StatusOK || !strings.Contains(a.body, "还没有读够时间") {
		t.Errorf("a lesson read in no time: %d", a.status)
	}
	b.readAll(clock)
	page := b.post("/training/test", nil)
	if page.path != "/training/test" {
		t.Fatalf("the test is at %s: %.2000s", page.path, page.body)
	}
	for _, secret := range []string{"解析", "正确答案", "[x]"} {
		if strings.Contains(page.body, secret) {
			t.Errorf("the test tells %q", secret)
		}
	}
	if left := b.get("/training/test/clock").body; !strings.Contains(left, fmt.Sprintf("还剩 %d 分钟", course.Default().Exam.Minutes)) {
		t.Errorf("the clock says %s", left)
	}
	address := handsIn.FindStringSubmatch(page.body)[1]
	answers := rightAnswers(t, page.body)
	kept := answers.Get("q1")
	answers.Del("q0")
	if a := b.post(address, answers); a.status != http.StatusOK || !strings.Contains(a.body, "还有 1 题没有作答") || !strings.Contains(a.body, `name="q1" value="`+kept+`" checked`) {
		t.Errorf("an empty answer: %d %.3000s", a.status, a.body)
	}
	answers.Set("incomplete", "yes")
	result := b.post(address, answers)
	if result.status != http.StatusOK || !strings.Contains(result.path, "/training/results/") || !strings.Contains(result.body, "95 分") || !strings.Contains(result.body, "正确答案") || !strings.Contains(result.body, "第") {
		t.Fatalf("the result: %s %.3000s", result.path, result.body)
	}
	if a := b.post(address, answers); !strings.Contains(a.body, "这份试卷已经交过") {
		t.Errorf("handed in twice: %.2000s", a.body)
	}
	if a := b.get("/people"); a.status != http.StatusOK {
		t.Errorf("a room after passing: %d", a.status)
	}
	if a := o.loggedIn("lead").get(result.path); a.status != http.StatusNotFound {
		t.Errorf("somebody else's result: %d", a.status)
	}
}

// TestArranging: a campaign and a version of the course are put there on the pages, and lawyers see none of it.
func TestArranging(t *testing.T) {
	o, clock := foundAt(t)
	b := o.loggedIn("security")
	due := clock.Now().Add(12 * 24 * time.Hour).In(time.FixedZone("", 8*3600)).Format(time.DateOnly)
	plan := url.Values{"title": {"春季轮训"}, "kind": {"regular"}, "posts": {"lawyer"}, "due": {"soon"}, "grace": {"3"}}
	if a := b.post("/training/plans", plan); !strings.Contains(a.body, "截止日期要晚于今天") || !strings.Contains(a.body, `value="春季轮训"`) {
		t.Errorf("a plan without a day: %.2000s", a.body)
	}
	plan.Set("due", due)
	made := b.post("/training/plans", plan)
	if made.status != http.StatusOK || !strings.Contains(made.body, "春季轮训") || !strings.Contains(made.body, "已提醒") || !strings.Contains(made.body, "0 / 4") {
		t.Fatalf("a plan: %s %.3000s", made.path, made.body)
	}
	if desk := o.loggedIn("lead").get("/").body; !strings.Contains(desk, "参加培训：春季轮训") || !strings.Contains(desk, due) {
		t.Errorf("the desk of somebody called: %.2000s", desk)
	}
	if desk := o.loggedIn("trainee").get("/").body; strings.Contains(desk, "春季轮训") {
		t.Error("the desk of somebody who was not called")
	}
	if a := b.post(made.path+"/move", url.Values{"due": {due}, "grace": {"99"}}); !strings.Contains(a.body, "宽限 0 到 60 天") {
		t.Errorf("moved too far: %.2000s", a.body)
	}
	for _, path := range []string{"/training/plans", made.path, "/training/courses", "/training/courses/1/file", "/training/register", "/training/register?format=csv"} {
		if a := b.get(path); a.status != http.StatusOK {
			t.Errorf("%s: %d", path, a.status)
		}
		if a := o.loggedIn("lead").get(path); a.status != http.StatusForbidden || strings.Contains(a.body, "春季轮训") {
			t.Errorf("%s as a lawyer: %d", path, a.status)
		}
	}
	if a := b.post(made.path+"/withdraw", url.Values{"reason": {"改为下季度"}}); !strings.Contains(a.body, "已撤回") {
		t.Errorf("withdrawn: %.2000s", a.body)
	}
	text := strings.Replace(b.get("/training/courses/1/file").body, "及格分：85", "及格分：90", 1)
	if a := b.upload("/training/courses", text, url.Values{"required": {due}}); !strings.Contains(a.body, "第 2 版") || a.path != "/training/courses" {
		t.Errorf("published: %.3000s", a.body)
	}
	if a := b.upload("/training/courses", strings.Replace(text, "# 课文", "# 文课", 1), url.Values{"required": {due}}); !strings.Contains(a.body, "course.md 第") {
		t.Errorf("a broken course: %.3000s", a.body)
	}
	if a := b.upload("/training/courses", "", url.Values{"required": {due}}); !strings.Contains(a.body, "请选择课程文件") {
		t.Errorf("no course: %.3000s", a.body)
	}
}

// upload posts a file as a browser does.
func (b *browser) upload(path, text string, form url.Values) answer {
	b.o.T.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, values := range form {
		must(b.o.T, w.WriteField(name, values[0]))
	}
	file, err := w.CreateFormFile("course", "course.md")
	must(b.o.T, err)
	_, err = file.Write([]byte(text))
	must(b.o.T, err)
	must(b.o.T, w.Close())
	r, err := http.NewRequest(http.MethodPost, b.o.Server.URL+path, &body)
	must(b.o.T, err)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

// TestTrainingRegister is exported in every format, each an act on record.
func TestTrainingRegister(t *testing.T) {
	o, _ := foundAt(t)
	b := o.loggedIn("security")
	for _, format := range []string{"xlsx", "pdf", "csv"} {
		a := b.get("/training/register?format=" + format)
		if a.status != http.StatusOK || len(a.body) < 300 || !strings.Contains(a.header.Get("Content-Disposition"), "training-") {
			t.Errorf("%s: %d %v", format, a.status, a.header)
		}
		if e := o.entries(string(access.ReadTraining), 2); !strings.Contains(string(e[0].Detail)+string(e[1].Detail), `"format":"`+format+`"`) {
			t.Errorf("%s is not on record: %s", format, e[0].Detail)
		}
	}
	csv := b.get("/training/register?format=csv&form=outside&result=passed").body
	if n := strings.Count(csv, "集中培训"); n != len(o.IDs) || !strings.Contains(csv, "测试lead") || !strings.Contains(csv, "attendee") {
		t.Errorf("%d rows:\n%s", n, csv)
	}
	if page := b.get("/training/register?q=lead").body; strings.Count(page, "集中培训") != 2 { // one row, and the filter
		t.Errorf("%d rows of one person", strings.Count(page, "集中培训"))
	}
	for _, nothing := range []string{"result=failed", "form=online", "time_to=2020-01-01", "q=" + url.QueryEscape("没有这人")} {
		if page := b.get("/training/register?" + nothing).body; !strings.Contains(page, "没有符合条件的") {
			t.Errorf("%s gives rows", nothing)
		}
	}
}
