package notice

import (
	"fmt"
	"strings"
	"time"

	"mijuan/internal/mail"
	"mijuan/internal/matter"
)

// words are what a mail says of a kind of notice, and where its link leads. Nothing else of a notice but its number and its day is ever put
// into a mail.
type words struct {
	subject string
	says    string
	late    string // in place of says, when the day has passed
	until   string // names the day
	page    string // a request's own page where there is a %s
}

var wordsOf = map[Kind]words{
	Approval:   {"有一项审批等您处理", "有一项审批等您处理。", "", "请在此前处理，过期申请自动失效", "/approvals/%s"},
	Training:   {"保密培训提醒", "有一次保密培训等您完成。", "保密培训已经逾期，请尽快完成。", "完成期限", "/training"},
	Pledge:     {"保密承诺书提醒", "有一份保密承诺书等您签署。", "保密承诺书已经逾期未签，请尽快签署。", "签署期限", "/pledge"},
	TeamReview: {"团队复核提醒", "半年一次的团队复核等您完成；到期没有复核的，自动移出团队。", "", "复核期限", "/"},
	TeamRound:  {"团队复核提醒", "半年一次的团队复核应当发起了。", "", "", "/team-reviews"},
	Loan:       {"借阅归还提醒", "有一件借出的载体等您归还或者处理。", "有一件借出的载体已经逾期，等您归还或者处理。", "应还日期", "/"},
	TakeOut:    {"外带归还提醒", "有一件外带的载体已经逾期，等您带回或者处理。", "有一件外带的载体已经逾期，等您带回或者处理。", "应还日期", "/"},
	Medium:     {"介质归还提醒", "有一件移动介质已经逾期，等您归还。", "有一件移动介质已经逾期，等您归还。", "应还日期", "/"},
}

const foot = `
——
密卷自动发出，请勿回复。链接打开后须先登录；邮件里不写案件和客户的任何信息，也请不要在邮件里讨论。
不想再收到提醒，可以在“我的”里关闭。
`

// compose writes the mail of notices to one person.
func compose(all []note, to, origin string) mail.Letter {
	l := mail.Letter{ID: all[0].id, To: to, Subject: "密卷：" + wordsOf[all[0].kind].subject}
	if len(all) > 1 {
		l.Subject = fmt.Sprintf("密卷：有 %d 件事等您处理", len(all))
	}
	parts := make([]string, len(all))
	for i, n := range all {
		parts[i] = n.text(origin)
	}
	l.Text = strings.Join(parts, "\n") + foot
	return l
}

func (n note) text(origin string) string {
	w := wordsOf[n.kind]
	says := w.says
	if w.late != "" && strings.HasSuffix(n.turn, " late") {
		says = w.late
	}
	lines := []string{says}
	if n.number != "" {
		lines = append(lines, "申请单号："+n.number)
	}
	if w.until != "" && !n.due.IsZero() {
		lines = append(lines, w.until+"："+clock(n.due))
	}
	page := w.page
	if strings.Contains(page, "%s") {
		page = fmt.Sprintf(page, n.about)
	}
	return strings.Join(append(lines, "办理："+origin+page), "\n") + "\n"
}

func clock(t time.Time) string { return t.In(matter.Beijing).Format("2006-01-02 15:04") }
