package apptest

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/house"
	"mijuan/internal/house/housetest"
	"mijuan/internal/mail"
	"mijuan/internal/mail/mailtest"
	"mijuan/internal/person"
	"mijuan/internal/store"
)

// joined takes somebody on, with an address and an authenticator, and gives its secret.
func (s *street) joined(o *housetest.Office, clock *housetest.Clock, login string, posts ...access.Post) (secret string) {
	s.t.Helper()
	from := person.From{Addr: "127.0.0.1"}
	link := strings.TrimPrefix(s.invite(login, "测试"+login, posts...), s.url+"/invite/")
	e, err := s.h.People.Accept(s.t.Context(), link, person.Acceptance{Password: password}, from)
	must(s.t, err)
	a, err := s.h.People.BeginTOTP(s.t.Context(), e.Token, "", from)
	must(s.t, err)
	code, err := totp.GenerateCode(a.Secret, clock.Now())
	must(s.t, err)
	e, err = s.h.People.ConfirmTOTP(s.t.Context(), e.Token, code, from)
	must(s.t, err)
	_, me, err := s.h.People.Authenticate(s.t.Context(), e.Token, from.Addr)
	must(s.t, err)
	o.IDs[login] = me.ID
	must(s.t, s.h.Door.Do(s.t.Context(), guard.Who{Via: guard.CLI}, access.Appoint, guard.Thing{Kind: access.Person, ID: me.ID}, func(g *guard.Grant) error {
		return s.h.People.SetMail(g, login+"@firm.example", "登记邮箱")
	}))
	return a.Secret
}

// TestBrowserNotice: the security administrator sets the mail server and tries it; a request is told by mail; its lead follows the link,
// logs in with both factors, is at that request, and decides it. The mail and the addresses on the way hold nothing of the matter.
func TestBrowserNotice(t *testing.T) {
	clock, post := &housetest.Clock{}, mailtest.Run(t)
	s := newStreet(t, func(s *house.Settings) { s.Now = clock.Now })
	o := &housetest.Office{T: t, House: s.h, IDs: map[string]string{}, Tokens: map[string]string{}}
	secrets := map[string]string{}
	for login, posts := range housetest.Staff {
		secrets[login] = s.joined(o, clock, login, posts...)
	}
	code := func(login string) string {
		clock.Forward(30 * time.Second) // each code is taken once
		code, err := totp.GenerateCode(secrets[login], clock.Now())
		must(t, err)
		return code
	}
	go s.h.SendNotices(t.Context())

	security := tab{t, chromium(t), s}
	security.open("/notices")
	security.until(`location.pathname === "/login"`)
	security.fill("login", "security", "password", password+"\r")
	security.until(`location.pathname === "/login/second" && document.readyState === "complete"`)
	security.fill("code", code("security")+"\r")
	security.until(`location.pathname === "/notices" && document.readyState === "complete"`) // where they were going
	save := func() {
		security.button("保存")
		security.until(`location.pathname === "/notices" && document.readyState === "complete"`) // an attempt's answer stands at /notices/test
		security.reads("已经保存，不再显示")
	}
	set := post.Settings(mail.StartTLS)
	security.fill("host", set.Host)
	security.choose("security", "STARTTLS")
	security.fill("port", fmt.Sprint(set.Port), "from", set.From, "user", set.User, "secret", "wrong")
	save()
	security.button("发送测试邮件")
	security.reads("测试邮件没有发出：邮件服务器的证书不是由受信任的机构签发的")
	security.sound(1280)
	security.until(fmt.Sprintf(`(() => { const ca = document.querySelector("[name=ca]"); ca.value = %q; return true })()`, set.CA))
	security.fill("secret", "wrong")
	save()
	security.button("发送测试邮件")
	security.reads("邮件服务器不接受这个账号或密码")
	security.fill("secret", string(set.Secret))
	save()
	security.button("发送测试邮件")
	security.reads("测试邮件已经交给邮件服务器")
	if l := post.Wait(1)[0]; l.To != "security@firm.example" || l.Subject != "密卷：测试邮件" || l.Over != "tls" || l.As != mailtest.User {
		t.Errorf("the test is %+v", l)
	}

	const title, client, paper, why = "标记案名股权转让", "标记客户重工有限公司", "标记资料补充协议", "标记用途提交仲裁"
	m := o.Receive(o.OpenMatter(title, client), "a.txt", paper, "甲方将其持有的股权转让给乙方。", classification.Secret)
	o.Review(m, classification.Secret)
	var id string
	must(t, s.h.Door.Ask(t.Context(), o.Who("handling"), access.FetchOriginal, guard.Thing{Kind: access.Material, ID: m}, func(g *guard.Grant) (err error) {
		id, err = s.h.Approvals.Request(g, approval.Ask{Purpose: why})
		return err
	}))
	all := post.Wait(2)
	l := mailtest.To(all, "lead@firm.example")[0]
	for _, l := range all {
		if strings.Contains(l.Raw+l.Text+l.Subject, "标记") {
			t.Errorf("a mail holds client material: %s", l.Text)
		}
	}
	link := regexp.MustCompile(`https://\S+`).FindString(l.Text)
	if link != s.url+"/approvals/"+id {
		t.Fatalf("the link is %s", link)
	}

	lead := security.beside()
	lead.open(link)
	lead.until(`location.pathname === "/login" && document.readyState === "complete"`)
	if lead.says("标记") || lead.says("申请") {
		t.Error("the log-in tells what waits")
	}
	lead.fill("login", "lead", "password", password+"\r")
	lead.until(`location.pathname === "/login/second" && document.readyState === "complete"`)
	lead.fill("code", "000000\r") // a wrong one keeps the way
	lead.reads("验证码")
	lead.until(`document.querySelector("[name=code]").value === ""`)
	lead.fill("code", code("lead")+"\r")
	lead.until(fmt.Sprintf(`location.pathname === "/approvals/%s" && document.readyState === "complete"`, id))
	lead.reads(why)
	lead.button("批准")
	lead.reads("已批准")
	var state approval.State
	must(t, s.h.DB.Read(t.Context(), func(tx *store.Tx) (err error) { state, err = s.h.Approvals.State(tx, id); return err }))
	if state != approval.Approved {
		t.Errorf("the request is %s", state)
	}

	lead.open("/self")
	lead.button("关闭邮件提醒")
	lead.reads("已关闭，有事待办时不发邮件到 lead@firm.example")
	lead.sound(1280)

	stranger := security.beside()
	stranger.open(link)
	stranger.fill("login", "outsider", "password", password+"\r")
	stranger.until(`location.pathname === "/login/second" && document.readyState === "complete"`)
	stranger.fill("code", code("outsider")+"\r")
	stranger.reads("没有找到") // whoever else has the mail gets nothing by it
}
