package mail_test

import (
	"fmt"
	"strings"
	"testing"

	"mijuan/internal/mail"
	"mijuan/internal/mail/mailtest"
	"mijuan/internal/problem"
)

func serverOf(t *testing.T, s mail.Settings) *mail.Server {
	t.Helper()
	m, err := mail.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var letter = mail.Letter{ID: "0198-1", To: "lead@firm.example", Subject: "密卷：有一项审批等您处理", Text: "有一项审批等您处理。\nhttps://mijuan.firm.example/approvals/0198\n"}

// TestLettersArrive over both kinds of TLS by the account, and over none on this machine.
func TestLettersArrive(t *testing.T) {
	t.Parallel()
	s := mailtest.Run(t)
	for i, by := range mail.Securities {
		if err := serverOf(t, s.Settings(by)).Send(t.Context(), letter); err != nil {
			t.Fatalf("%s: %v", by, err)
		}
		got := s.Wait(i + 1)[i]
		over, as := "tls", mailtest.User
		if by == mail.None {
			over, as = "plain", ""
		}
		if got.Over != over || got.As != as || got.To != letter.To || got.Subject != letter.Subject || strings.TrimRight(got.Text, "\n") != strings.TrimRight(letter.Text, "\n") {
			t.Errorf("%s: %+v", by, got)
		}
		if id := got.Header.Get("Message-ID"); id != "<0198-1@firm.example>" || got.Header.Get("Auto-Submitted") != "auto-generated" {
			t.Errorf("%s: headers %v", by, got.Header)
		}
		for _, tells := range []string{"User-Agent", "X-Mailer"} {
			if got.Header.Get(tells) != "" {
				t.Errorf("%s: the letter has a %s", by, tells)
			}
		}
	}
}

// TestServersThatAreNotTrusted get no letter and no password, and the reason is said in words.
func TestServersThatAreNotTrusted(t *testing.T) {
	t.Parallel()
	s, other := mailtest.Run(t), mailtest.Run(t)
	for _, c := range []struct {
		about, says string
		kind        problem.Kind
		by          mail.Security
		change      func(*mail.Settings, *mail.Letter)
	}{
		{"another's certificate", "受信任的机构", problem.Unavailable, mail.TLS, func(set *mail.Settings, _ *mail.Letter) { set.CA = other.CA }},
		{"another's certificate after STARTTLS", "受信任的机构", problem.Unavailable, mail.StartTLS, func(set *mail.Settings, _ *mail.Letter) { set.CA = other.CA }},
		{"nobody's certificate", "受信任的机构", problem.Unavailable, mail.TLS, func(set *mail.Settings, _ *mail.Letter) { set.CA = "" }},
		{"another name", "不是发给 localhost 的", problem.Unavailable, mail.StartTLS, func(set *mail.Settings, _ *mail.Letter) { set.Host = "localhost" }},
		{"no STARTTLS", "不支持 STARTTLS", problem.Unavailable, mail.StartTLS, func(set *mail.Settings, _ *mail.Letter) { set.Port = s.Settings(mail.None).Port }},
		{"no TLS at the port", "不用 TLS", problem.Unavailable, mail.TLS, func(set *mail.Settings, _ *mail.Letter) { set.Port = s.Settings(mail.None).Port }},
		{"a wrong password", "账号或密码", problem.Unavailable, mail.TLS, func(set *mail.Settings, _ *mail.Letter) { set.Secret = "wrong" }},
		{"no account", "先用账号登录", problem.Unavailable, mail.TLS, func(set *mail.Settings, _ *mail.Letter) { set.User, set.Secret = "", "" }},
		{"a name that is none", "找不到邮件服务器", problem.Unavailable, mail.TLS, func(set *mail.Settings, _ *mail.Letter) { set.Host = "mail.invalid" }},
		{"nobody's mailbox", "收件人的邮箱地址（答复 550）", problem.Refused, mail.TLS, func(_ *mail.Settings, l *mail.Letter) { l.To = "nobody@firm.example" }},
		{"not now", "暂时不收（答复 451）", problem.Unavailable, mail.TLS, func(_ *mail.Settings, l *mail.Letter) { l.To = "later@firm.example" }},
		{"two people", "邮箱地址不对", problem.Refused, mail.TLS, func(_ *mail.Settings, l *mail.Letter) { l.To = "a@firm.example, b@firm.example" }},
	} {
		set, l := s.Settings(c.by), letter
		c.change(&set, &l)
		err := serverOf(t, set).Send(t.Context(), l)
		if problem.KindOf(err) != c.kind || !strings.Contains(fmt.Sprint(err), c.says) {
			t.Errorf("%s: %v", c.about, err)
		}
	}
	if err := serverOf(t, s.Settings(mail.StartTLS)).Answers(t.Context()); err != nil {
		t.Errorf("the right settings: %v", err)
	}
	if n := len(s.Letters()) + len(other.Letters()); n != 0 {
		t.Errorf("%d letters went out", n)
	}
	s.Stop()
	if err := serverOf(t, s.Settings(mail.TLS)).Send(t.Context(), letter); !problem.Is(err, problem.Unavailable) || !strings.Contains(err.Error(), "连不上邮件服务器") {
		t.Errorf("no server: %v", err)
	}
	s.Again()
	if err := serverOf(t, s.Settings(mail.TLS)).Send(t.Context(), letter); err != nil || len(s.Wait(1)) != 1 {
		t.Errorf("the server is back: %v", err)
	}
}

// TestSettingsThatAreWrong are said so, each in its field.
func TestSettingsThatAreWrong(t *testing.T) {
	t.Parallel()
	good := mail.Settings{Host: "smtp.firm.cn", Security: mail.TLS, From: "mijuan@firm.cn"}
	if m := serverOf(t, good); m.String() != "smtp.firm.cn:465" {
		t.Errorf("the server is %s", m)
	}
	for field, change := range map[string]func(*mail.Settings){
		"host":     func(s *mail.Settings) { s.Host = "smtp.firm.cn:465" },
		"security": func(s *mail.Settings) { s.Security = mail.None },
		"port":     func(s *mail.Settings) { s.Port = 65536 },
		"user":     func(s *mail.Settings) { s.User = "mijuan" },
		"from":     func(s *mail.Settings) { s.From = "密卷 <mijuan@firm.cn>" },
		"ca":       func(s *mail.Settings) { s.CA = "no certificate" },
	} {
		s := good
		change(&s)
		_, err := mail.New(s)
		p, ok := err.(*problem.Error)
		if !ok || p.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	for _, wrong := range []string{"a", "a@b", "a@b.cn, c@d.cn", "<a@b.cn>", "a@b.cn\r\nBcc: c@d.cn", `"a b"@c.cn`, "a@b.cn (c)", strings.Repeat("a", 250) + "@b.cn"} {
		if a, err := mail.Address(wrong); err == nil {
			t.Errorf("%q is taken for the address %q", wrong, a)
		}
	}
	if got := fmt.Sprintf("%v %+v %#v", mail.Secret("x-ray"), mail.Settings{Secret: "x-ray"}, mail.Settings{Secret: "x-ray"}); strings.Contains(got, "x-ray") {
		t.Errorf("the secret prints: %s", got)
	}
}
