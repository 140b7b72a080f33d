package corpus

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// blocks are the computed parts that forms call with << ! >>.
var blocks map[string]func(s *scene, arg string) []string

func init() {
	blocks = map[string]func(*scene, string) []string{
		"parties": parties, "seal": sealLine, "evidence": evidence, "crossexam": crossExamination, "presence": presence,
		"hearing": hearing, "diary": diary, "chat": chat, "faxrows": faxRows, "bundle": bundle, "include": include,
		"clauses": clauses, "cells": cells, "review": reviewRows, "talk": talk, "diligence": diligence,
	}
}

// parties introduces everybody at the head of a pleading.
func parties(s *scene, _ string) (out []string) {
	for _, p := range s.matter.Parties {
		out = append(out, introduction(p)...)
		if p.Client && s.story.value("side") == "plaintiff" {
			out = append(out, s.phrase(": 委托{诉讼|}代理人：[lead]、[second]，[firm]律师。"))
		}
	}
	return out
}

func introduction(p Party) []string {
	switch p.Kind {
	case "company":
		return []string{fmt.Sprintf(": %s：%s，住所地%s，统一社会信用代码 %s。", p.Role, p.Name, p.Address, p.Identity),
			": " + headed(p.Name) + "：" + p.Representative + "。"}
	case "person":
		sex, id := "女", p.Identity
		if (id[16]-'0')%2 == 1 {
			sex = "男"
		}
		return []string{fmt.Sprintf(": %s：%s，%s，%s年%s月%s日出生，住%s，公民身份号码 %s。", p.Role, p.Name, sex,
			id[6:10], strings.TrimPrefix(id[10:12], "0"), strings.TrimPrefix(id[12:14], "0"), p.Address, id)}
	default:
		return []string{fmt.Sprintf(": %s：%s，住所地%s。", p.Role, p.Name, p.Address), ": 负责人：" + p.Representative + "。"}
	}
}

// headed is what the person at the head of a company of that name is called.
func headed(name string) string {
	switch {
	case strings.Contains(name, "合伙企业"):
		return "执行事务合伙人委派代表"
	case strings.HasSuffix(name, "支行"):
		return "负责人"
	default:
		return "法定代表人"
	}
}

// sealLine seals, or for a person signs, what stands above.
func sealLine(s *scene, who string) []string {
	switch who {
	case "firm":
		return []string{"@seal " + s.office.Name}
	case "决议主体":
		return []string{"@seal " + s.local[who]}
	case "client":
		return sealed(s.matter.Client.Kind, s.matter.Client.Name)
	case "甲", "乙":
		for _, p := range s.matter.Parties {
			if p.Name == s.local[who+"全"] {
				return sealed(p.Kind, p.Name+"·合同专用章")
			}
		}
		return nil
	default:
		p := s.story.parties[who]
		return sealed(p.Kind, p.Name)
	}
}

func sealed(kind, name string) []string {
	if kind == "person" {
		name, _, _ = strings.Cut(name, "·")
		return []string{"@sign 签名：|" + name}
	}
	return []string{"@seal " + name}
}

// evidence is the table of evidence with the page numbers of the bundle.
func evidence(s *scene, _ string) []string {
	out := []string{"|:1.3:4:6:3:1.9", "|编号|证据名称|证明内容|来源及形式|页码"}
	page := 1
	for i, line := range s.section("evidence") {
		end := page + s.luck.between(0, 9)
		out = append(out, fmt.Sprintf("|%d|%s|%d—%d", i+1, line, page, end))
		page = end + 1
	}
	return out
}

// crossExamination comments on the other side's papers in four respects.
func crossExamination(s *scene, _ string) (out []string) {
	names := s.section("evidence")
	verdicts := s.pool("crossexam", len(names))
	for i, line := range names {
		name, _, _ := strings.Cut(line, "|")
		out = append(out, fmt.Sprintf("### 证据 %d　%s", i+1, name), verdicts[i%len(verdicts)])
	}
	return out
}

// presence says who is in the room.
func presence(s *scene, _ string) (out []string) {
	for _, p := range s.matter.Parties {
		line := "答：（" + p.Role + "）" + p.Name
		switch {
		case p.Client:
			line += s.phrase("，委托代理人[lead]、[second]，均系[firm]律师，代理权限见授权委托书，到庭。")
		case p.Kind == "person":
			line += s.phrase("，本人及委托代理人{江澜恒屿律师事务所律师隗未|云泊知著律师事务所律师郤长风}到庭。")
		default:
			line += s.phrase("，委托代理人{江澜恒屿律师事务所律师隗未|云泊知著律师事务所律师郤长风|公司法务钮晴}，代理权限见授权委托书，到庭。")
		}
		out = append(out, line)
	}
	return out
}

// hearing goes through the evidence one by one.
func hearing(s *scene, _ string) (out []string) {
	a, b := s.matter.Parties[0].Role, s.matter.Parties[1].Role
	answers := s.pool("hearing", 20)
	for i, line := range s.section("evidence") {
		f := strings.Split(line, "|")
		out = append(out, fmt.Sprintf("答：（%s代理人）出示证据%s：%s，%s。", a, ordinal(i+1), f[0], f[1]),
			fmt.Sprintf("审：请%s发表质证意见。", b), fmt.Sprintf("答：（%s代理人）%s", b, answers[i%len(answers)]))
	}
	return out
}

// diary is what the handling lawyer noted from the opening to the document's day.
func diary(s *scene, _ string) (out []string) {
	from := Present.Add(-s.matter.OpenedAt)
	n := s.luck.between(9, 16)
	offsets := make([]int, n)
	span := max(n, int(s.day.Sub(from).Hours()/24))
	for i := range offsets {
		offsets[i] = s.luck.IntN(span)
	}
	slices.Sort(offsets)
	for i, line := range s.pool(s.diaryPool(), n) {
		out = append(out, day(from.Add(days(offsets[i])))+"　"+line)
	}
	return out
}

// chat is a conversation with the times at which the messages came.
func chat(s *scene, _ string) (out []string) {
	at := s.atWork(s.day.Add(-days(1)))
	for _, line := range s.section("chat") {
		who, text, _ := strings.Cut(line, "：")
		out = append(out, fmt.Sprintf(": %s　%s", at.Format("2006-01-02 15:04:05"), who), text)
		at = at.Add(time.Duration(s.luck.between(20, 900)) * time.Second)
	}
	return out
}

// diaryPool names the pool that suits the kind of matter.
func (s *scene) diaryPool() string {
	switch s.matter.Kind {
	case "criminal":
		return "diary-criminal"
	case "merger", "investment", "counsel", "compliance", "insolvency":
		return "diary-deal"
	default:
		return "diary"
	}
}

func faxRows(s *scene, _ string) (out []string) {
	opinions := s.pool("fax", 12)
	i := 0
	for key, t := range inOrder(s.story.dates) {
		out = append(out, fmt.Sprintf("|%d|%s|%s|%s", i+1, key, day(t), opinions[i%len(opinions)]))
		i++
	}
	return out
}

// inOrder goes through named days from the earliest to the latest.
func inOrder(dates map[string]time.Time) func(func(string, time.Time) bool) {
	keys := make([]string, 0, len(dates))
	for k := range dates {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if c := dates[a].Compare(dates[b]); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	return func(yield func(string, time.Time) bool) {
		for _, k := range keys {
			if !yield(k, dates[k]) {
				return
			}
		}
	}
}

func include(s *scene, form string) []string {
	f, ok := forms()[form]
	if !ok {
		panic("corpus: no form " + form)
	}
	return strings.Split(strings.TrimRight(s.script(f), "\n"), "\n")
}

// cells makes table rows of a section.
func cells(s *scene, name string) (out []string) {
	for _, line := range s.section(name) {
		out = append(out, "|"+line)
	}
	return out
}

// reviewRows is a table of what is wrong in a contract's draft.
func reviewRows(s *scene, n string) []string {
	out := []string{"|:1.2:2:5:5", "|序号|条款|问题|修改建议"}
	for i, line := range s.pool("review", whole(n)) {
		out = append(out, fmt.Sprintf("|%d|%s", i+1, line))
	}
	return out
}

func (s *scene) talkPool() string {
	if s.matter.Kind == "criminal" {
		return "talk-criminal"
	}
	return "talk-extra"
}

// talk is what the client or a witness said. A second conversation of the same kind takes up a few points again and adds others.
func talk(s *scene, _ string) []string {
	lines := s.section("talk")
	if s.nth < 2 {
		return lines
	}
	var out []string
	first := s.luck.IntN(max(1, len(lines)/2-2)) * 2
	out = append(out, lines[first:min(len(lines), first+4)]...)
	for _, pair := range s.pool(s.talkPool(), 7) {
		question, answer, _ := strings.Cut(pair, "|")
		out = append(out, question, answer)
	}
	return out
}

// clauses is the body of the matter's contract: the clauses of its kind, then the general ones.
func clauses(s *scene, kind string) (out []string) {
	if kind == "" {
		kind = s.story.value("contract")
	}
	article, n := 0, 0
	for _, line := range strings.Split(file("contract/"+kind+".txt")+file("contract/通用.txt"), "\n") {
		title, heading := strings.CutPrefix(line, "# ")
		switch {
		case line == "":
		case heading:
			article, n = article+1, 0
			out = append(out, fmt.Sprintf("## 第%s条　%s", ordinal(article), s.phrase(title)))
		default:
			n++
			out = append(out, fmt.Sprintf("%d.%d　%s", article, n, s.phrase(line)))
		}
	}
	return out
}
