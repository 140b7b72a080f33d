package apptest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/pquerna/otp/totp"

	"mijuan/internal/access"
	"mijuan/internal/course"
	"mijuan/internal/guard"
	"mijuan/internal/house"
	"mijuan/internal/house/housetest"
	"mijuan/internal/person"
)

// TestBrowserJoining goes from the one-time link to the first matter by the keyboard alone, on a screen of 360 px: the account, the
// second factor, the lessons, the test, the pledge and its PDF. Before, every other page names the clause that closes it.
func TestBrowserJoining(t *testing.T) {
	clock := &housetest.Clock{}
	s := newStreet(t, func(s *house.Settings) { s.Now = clock.Now })
	must(t, s.h.SetName(t.Context(), "江澜衡砚律师事务所"))
	var link string
	must(t, s.h.Door.Do(t.Context(), guard.Who{Via: guard.CLI}, access.Appoint, guard.Firm, func(g *guard.Grant) (err error) {
		_, link, err = s.h.People.Invite(g, person.Invitation{Login: "gongsun", Details: person.Details{Name: "公孙疏桐", Department: "争议解决部", Licence: "13101201911234567"}, Posts: []access.Post{access.Lawyer}})
		return err
	}))
	p := tab{t, chromium(t), s}
	p.do(screen(360))
	p.open("/invite/" + link)
	p.sound(360)
	p.typed("password", password, "again", password+kb.Enter)
	p.until(`document.querySelector("[data-mj-secret]")`)
	p.sound(360)
	secret := evaluate[string](t, p.ctx, `document.querySelector("[data-mj-secret]").textContent`)
	code := func() string {
		clock.Forward(30 * time.Second) // each code is taken once
		code, err := totp.GenerateCode(secret, clock.Now())
		must(t, err)
		return code
	}
	p.typed("code", code()+kb.Enter)
	p.reads("请保存恢复码")
	p.sound(360)
	p.struck("已保存，进入系统")
	p.until(`location.pathname === "/"`)
	p.sound(360)

	closed := func(clause string) {
		t.Helper()
		for _, path := range []string{"/matters", "/matters/new", "/materials", "/people"} {
			p.open(path)
			if !p.says(clause) {
				t.Errorf("%s says %s", path, evaluate[string](t, p.ctx, `document.querySelector("main").innerText`))
			}
		}
		p.sound(360)
	}
	closed("第六条（一）")
	p.studies(clock)
	closed("第六条（一）")

	p.open("/")
	p.struck("去签署")
	p.until(`location.pathname === "/pledge"`)
	p.sound(360)
	p.tabTo(`e.name === "read"`)
	p.keys(" ")
	p.typed("password", password, "code", code()+kb.Enter)
	p.reads("已签署")
	p.sound(360)
	file := p.takes("下载 公孙疏桐 第 1 版 PDF")
	p.paper(file, "保密承诺书", "公孙疏桐", "争议解决部", "13101201911234567", "江澜衡砚律师事务所")

	p.open("/matters/new")
	p.arrowed("kind", "民")
	p.typed("title", "股权转让纠纷", "client", "沧浪环保有限公司")
	p.struck("立案")
	p.until(`/^\/matters\/[0-9a-f-]{36}$/.test(location.pathname) && document.readyState === "complete"`)
	p.reads("股权转让纠纷")
	p.sound(360)
}

// studies reads every lesson for its time and passes the test.
func (p tab) studies(clock *housetest.Clock) {
	p.t.Helper()
	p.open("/training")
	p.sound(360)
	p.struck("去读课文")
	for i, l := range course.Default().Lessons {
		p.until(fmt.Sprintf(`location.pathname === "/training/lessons/%s" && document.readyState === "complete"`, l.Key))
		if i == 0 {
			p.turned("我已读完")
			p.until(fmt.Sprintf(`location.pathname === "/training/lessons/%s" && document.querySelector("[role=alert]")`, l.Key)) // too soon
		}
		clock.Forward(time.Duration(l.Body.Seconds) * time.Second)
		p.sound(360)
		p.turned("我已读完")
	}
	p.until(`location.pathname === "/training" && document.readyState === "complete"`)
	p.struck("开始测验")
	p.until(`location.pathname === "/training/test" && document.readyState === "complete"`)
	p.sound(360)
	p.answers()
	p.struck("交卷")
	p.reads("培训已经登记")
	p.sound(360)
}

// answers gives the right answers of the course that ships.
func (p tab) answers() {
	p.t.Helper()
	var paper []struct {
		Stem    string
		Options []string
		Several bool
	}
	must(p.t, json.Unmarshal([]byte(evaluate[string](p.t, p.ctx, `JSON.stringify([...document.querySelectorAll("fieldset")].map(f => ({
		Stem: [...f.querySelector("legend").childNodes].filter(n => n.nodeName !== "SPAN").map(n => n.textContent).join(""),
		Options: [...f.querySelectorAll("label span")].map(s => s.textContent), Several: !!f.querySelector("[type=checkbox]")})))`)), &paper))
	right := rightAnswers()
	for i, q := range paper {
		answers, known := right[bare(q.Stem)]
		if !known {
			p.t.Fatalf("the course has no question %q", q.Stem)
		}
		for place, option := range q.Options {
			correct := slices.Contains(answers, bare(option))
			switch {
			case q.Several || place == 0:
				p.tabTo(fmt.Sprintf(`["radio", "checkbox"].includes(e.type) && e.closest("li") === document.querySelectorAll("fieldset")[%d].closest("li") && e.value === "%d"`, i, place))
				if correct {
					p.keys(" ")
				}
			case correct:
				p.keys(strings.Repeat(kb.ArrowDown, place))
			}
		}
	}
}

// rightAnswers are the options marked as right, by stem.
func rightAnswers() map[string][]string {
	all := map[string][]string{}
	stem, options := "", []string(nil)
	for line := range strings.Lines(course.Default().Text()) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "#"):
			stem, options = "", nil
		case strings.HasPrefix(line, "条款："), line == "":
		case strings.HasPrefix(line, "- [x] "):
			options = append(options, bare(strings.TrimPrefix(line, "- [x] ")))
			all[stem] = options
		case strings.HasPrefix(line, "- [ ] "), strings.HasPrefix(line, "解析："):
		default:
			stem += bare(line)
		}
	}
	return all
}

// bare is a text without white space.
func bare(s string) string { return strings.Join(strings.Fields(s), "") }
