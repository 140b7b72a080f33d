package apptest

import (
	"testing"

	"github.com/chromedp/chromedp"

	"mijuan/internal/access"
)

// TestPasskeys sets up, uses and removes passkeys by the keyboard alone, on a narrow screen and a wide one, in both languages.
func TestPasskeys(t *testing.T) {
	s := newStreet(t)
	p := tab{t, chromium(t), s}
	first := p.authenticator()
	link := s.invite("mixun", "宓洵", access.Lawyer)

	p.do(screen(360))
	p.open(link)
	p.sound(360)
	p.fill("password", password, "again", password+"\r")
	p.reads("或者改用通行密钥")
	p.sound(360)
	p.fill("label", "办公室电脑\r")
	p.reads("请保存恢复码")
	p.open("/self")
	p.reads("办公室电脑")
	p.sound(360)
	if p.says("移除") && !p.says("才能移除这一种") {
		t.Error("the only factor is offered for removal")
	}

	// What is set up already says so; another one is set up, by the password.
	p.do(screen(1280))
	p.open("/self/factors/passkey")
	p.sound(1280)
	p.fill("label", "同一台", "password", "not the password\r")
	p.reads("密码不对")
	if at := evaluate[string](t, p.ctx, `document.activeElement.name`); at != "password" {
		t.Errorf("after a wrong password the focus is at %q", at)
	}
	p.retype("password", password+"\r")
	p.reads("这台设备上已经有您的通行密钥")
	p.unplug(first)
	second := p.authenticator()
	p.retype("label", "手机")
	p.retype("password", password+"\r")
	p.until(`location.pathname === "/self"`)
	p.reads("手机")
	p.sound(1280)
	p.do(chromedp.Click(`a[aria-label="移除 办公室电脑"]`))
	p.reads("移除后不能再用它登录")
	p.sound(1280)
	p.fill("password", password+"\r")
	p.until(`location.pathname === "/self"`)
	if p.says("办公室电脑") || !p.says("手机") {
		t.Error("the wrong one was removed, or none")
	}

	// As the second factor, and alone; in English, narrow.
	p.leave()
	p.do(screen(360))
	p.do(chromedp.Click(`button[value="en"]`))
	p.reads("Log in with a passkey")
	p.sound(360)
	p.fill("login", "mixun", "password", password+"\r")
	p.reads("Use a passkey")
	p.sound(360)
	p.do(chromedp.SendKeys(`form[data-mj-passkey] [type="submit"]`, "\r"))
	p.until(`location.pathname === "/"`)
	p.leave()
	p.do(chromedp.SendKeys(`form[data-mj-passkey] [type="submit"]`, "\r"))
	p.until(`location.pathname === "/"`)
	p.open("/self")
	p.reads("Passkey")
	p.sound(360)

	// A key that the firm does not know any more, and none at all, are sentences.
	p.open("/self/factors/totp")
	p.leave()
	p.unplug(second)
	p.authenticator()
	p.do(chromedp.SendKeys(`form[data-mj-passkey] [type="submit"]`, "\r"))
	p.reads("It was not completed")
	p.sound(360)
}
