package web

import (
	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

// steps are what a refusal offers: where the one step that would help is taken, by its code in the rules.
var steps = map[string]ui.Link{
	"train":           {Label: "去学习", Href: "/training"},
	"pledge":          {Label: "签署承诺书", Href: "/pledge"},
	"second-factor":   {Label: "完成第二因素验证", Href: "/self"},
	"log-in":          {Label: "登录", Href: "/login"},
	"ask-lead":        {Label: "查看由谁决定", Href: "/matters"},
	"ask-director":    {Label: "查看主任是谁", Href: byPost(access.Director)},
	"hand-over":       {Label: "回到名册", Href: "/people"},
	"wait-review":     {Label: "查看资料目录", Href: "/materials"},
	"scan":            {Label: "去查毒", Href: "/media"},
	"medium":          {Label: "查看合格的介质", Href: "/media"},
	"find-lawyer":     {Label: "查看律师名单", Href: byPost(access.Lawyer)},
	"find-director":   {Label: "查看主任是谁", Href: byPost(access.Director)},
	"find-security":   {Label: "查看安全管理员是谁", Href: byPost(access.SecurityAdmin)},
	"find-auditor":    {Label: "查看审计员是谁", Href: byPost(access.Auditor)},
	"find-system":     {Label: "查看系统管理员是谁", Href: byPost(access.SystemAdmin)},
	"find-committee":  {Label: "查看委员会成员是谁", Href: byPost(access.Committee)},
	"find-custodian":  {Label: "查看保管员是谁", Href: byPost(access.Custodian)},
	"choose-reviewer": {Label: "查看审核情况", Href: "/materials?waiting=me"},
	"propose-again":   {Label: "查看定密情况", Href: "/materials"},
	"state-basis":     {Label: "补充处理依据", Href: "/materials?personal=" + baseless},
	"set-lead":        {Label: "查看案件", Href: "/matters"},
	"see-thing":       {Label: "查看当前情况", Href: "/"},
	"own-records":     {Label: "查看本人的记录", Href: "/self"},
	"read-rule":       {Label: "查看这条制度", Href: "/rules"},
}

// byPost is the roster of who holds a post.
func byPost(p access.Post) string { return "/people?post=" + string(p) + "&status=active" }

// step is the link of a code. A firm's own rules may do without one.
func step(lang text.Lang, code string) ui.Link {
	l, ok := steps[code]
	if !ok {
		l = ui.Link{Label: "回到工作台", Href: "/"}
	}
	l.Label = lang.T(l.Label)
	return l
}

// stepInMatter is the link where the refusal tells which matter it is about.
func stepInMatter(lang text.Lang, code, matter string, otherwise ui.Link) ui.Link {
	switch code {
	case "ask-lead":
		return ui.Link{Label: lang.T("申请知悉权限"), Href: "/rights?matter=" + matter}
	case "wait-review":
		return ui.Link{Label: lang.T("回到案件"), Href: "/matters/" + matter}
	case "set-lead":
		return ui.Link{Label: lang.T("确定主办律师"), Href: "/matters/" + matter + "/team"}
	}
	return otherwise
}

// seenThere are the steps that are taken on the page of the thing itself.
var seenThere = map[string]bool{"see-thing": true, "choose-reviewer": true, "propose-again": true, "state-basis": true, "scan": true}

var pages = map[access.Kind]string{access.Material: "/materials/", access.Matter: "/matters/", access.Carrier: "/carriers/", access.Approval: "/approvals/", access.Destruction: "/destruction/",
	access.Incident: "/incidents/", access.Danger: "/dangers/", access.Medium: "/media/", access.Export: "/exports/", access.Person: "/people/"}

// pageOf is the page of a thing; "" where it has none.
func pageOf(t guard.Thing) string {
	if pages[t.Kind] == "" {
		return ""
	}
	return pages[t.Kind] + t.ID
}
