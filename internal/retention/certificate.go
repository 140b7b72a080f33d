package retention

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/hand"
	"mijuan/internal/ledger"
	"mijuan/internal/letter"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Left is what a destruction cannot reach (未能销毁的), as far as the program knows.
type Left struct {
	Fetched  []Fetched // originals that were let out of the store before such copies were numbered
	Traces   []Trace   // prints, copies and media of what is on the list, reached by it or not
	Carriers []Stray   // of the same matter, not on the list, that have not ended, or that left the firm
	Backups  string    // until when backups may hold what was destroyed, as a date
	Whole    bool      // of a matter that goes as a whole: its entry stays
}

// Fetched is a material whose original was let out as a file that has no number.
type Fetched struct {
	Number string
	Times  int
}

// Stray is a carrier that the list does not reach.
type Stray struct{ Number, Where string }

// Certificate is a list with what its certificate (销毁证明书) says besides.
type Certificate struct {
	List      List
	Case      string // the matter's number
	Left      Left
	Approvers []string // ids

	names map[string]string
}

// Certificate reads what those who are there are about to sign. The act is viewDestruction; titles are there for whom the list names.
func (r *Room) Certificate(g *guard.Grant) (Certificate, error) {
	c, err := r.certificate(g.Tx(access.ViewDestruction), g.Only(access.Destruction))
	if err == nil && !c.List.knows(g.Facts().Where, g.Who().Person) {
		c.List.conceal()
	}
	return c, err
}

func (r *Room) certificate(tx *store.Tx, id string) (c Certificate, err error) {
	if c.List, err = r.one(tx, id); err != nil {
		return c, err
	}
	numbers, err := r.Matters.Numbers(tx, []string{c.List.Matter})
	if err != nil {
		return c, err
	}
	c.Case = numbers[c.List.Matter]
	c.Left, err = r.left(tx, c.List)
	return c, err
}

// left gathers what the destruction cannot reach.
func (r *Room) left(tx *store.Tx, l List) (out Left, err error) {
	all, err := r.Carriers.InMatter(tx, l.Matter)
	if err != nil {
		return out, err
	}
	on := map[string]bool{}
	for _, i := range l.ToDestroy() {
		on[i.ID] = true
		if i.Kind != access.Material {
			continue
		}
		entries, err := r.Ledger.Query(tx, ledger.Query{Kind: string(access.Material), Thing: i.ID, Act: string(access.FetchOriginal), Outcome: ledger.Allowed, Limit: 1000})
		if err != nil {
			return out, err
		}
		entries = slices.DeleteFunc(entries, func(e ledger.Entry) bool {
			return slices.ContainsFunc(all, func(it carrier.Carrier) bool {
				return it.Form == carrier.Fetched && it.Material == i.ID && it.Registered.UnixMilli() <= e.Time
			})
		})
		if len(entries) > 0 {
			out.Fetched = append(out.Fetched, Fetched{i.Number, len(entries)})
		}
	}
	if out.Traces, err = r.trail(tx, l, all); err != nil {
		return out, err
	}
	for _, it := range all {
		if on[it.ID] || it.Level > max(l.Level, classification.Confidential) { // of what stands higher the list does not tell
			continue
		}
		switch {
		case it.State == access.Out:
			out.Carriers = append(out.Carriers, Stray{it.Number, "外带中"})
		case it.State != access.Ended && it.Form == carrier.Fetched:
			out.Carriers = append(out.Carriers, Stray{it.Number, "取用人尚未确认删除"})
		case it.State != access.Ended:
			out.Carriers = append(out.Carriers, Stray{it.Number, "在管，不在本清册"})
		case it.Fate == carrier.Sent || it.Fate == carrier.Lost || it.Fate == carrier.Returned:
			out.Carriers = append(out.Carriers, Stray{it.Number, it.Fate.Name()})
		}
	}
	out.Backups, out.Whole = tx.Now.Add(BackupsFor).In(matter.Beijing).Format(time.DateOnly), l.Whole
	return out, nil
}

// Says is what is left in sentences.
func (l Left) Says() (all []string) {
	for _, f := range l.Fetched {
		all = append(all, fmt.Sprintf("资料 %s 的原件曾被取用 %d 次，取用人手中的副本不在本系统内，须由律所另行收回或者销毁。", f.Number, f.Times))
	}
	if len(l.Carriers) > 0 {
		var numbers []string
		for _, s := range l.Carriers[:min(len(l.Carriers), 60)] {
			numbers = append(numbers, s.Number+"（"+s.Where+"）")
		}
		text := "本案下列载体不在本清册之内：" + strings.Join(numbers, "、")
		if more := len(l.Carriers) - 60; more > 0 {
			text += fmt.Sprintf("，等共 %d 份", len(l.Carriers))
		}
		all = append(all, text+"。")
	}
	all = append(all, "销毁之前形成的备份里仍有密文和当时的密钥，须在 "+l.Backups+" 之前清除；在此之前，持有根密钥的人可以从备份恢复。")
	if l.Whole {
		all = append(all, "本案的案号、当事人和案由作为利益冲突检索和台账的依据留存，不属于销毁范围。")
	}
	return all
}

// traced are the rows of what became of each print, copy and medium.
func (l Left) traced() (rows [][]string) {
	for _, t := range l.Traces {
		rows = append(rows, []string{t.Of, t.Number, t.Form, t.Fate, t.Date})
	}
	return rows
}

// letter is the certificate as a letter.
func (c Certificate) letter(firm string, signers []hand.Signer) letter.Letter {
	l, made := c.List, signers[0].At
	items := l.ToDestroy()
	var rows [][]string
	pages, electronic := 0, false
	for n, i := range items {
		origin := "——"
		if i.Origin != "" {
			origin = i.Origin.Name()
		}
		rows = append(rows, []string{strconv.Itoa(n + 1), i.Number, i.Title, origin, i.FormName(), i.Level.Name(), strconv.Itoa(i.Pages), "1", c.names[i.Custodian]})
		pages += i.Pages
		electronic = electronic || i.Form == ""
	}
	var ways []string
	for _, code := range []string{l.Method, l.Digital} {
		if m := MethodOf(code); m.Code != "" {
			ways = append(ways, m.Name+"（"+m.Detail+"）")
		}
	}
	if electronic {
		ways = append(ways, "电子资料销毁密钥并清除密文")
	}
	var approvers []string
	for _, id := range c.Approvers {
		approvers = append(approvers, c.names[id])
	}
	out := letter.Letter{Title: "资料销毁证明书", Subtitle: firm, Author: firm, Reference: "销毁证明书 · " + l.Number, Made: made,
		Particulars: []letter.Particular{{Label: "清册编号", Value: l.Number}, {Label: "案号", Value: c.Case}, {Label: "提请人", Value: c.names[l.AskedBy]}, {Label: "鉴定人", Value: c.names[l.Appraiser]},
			{Label: "批准人", Value: strings.Join(approvers, "、")}, {Label: "销毁人", Value: c.names[l.Destroyer]}, {Label: "监销人", Value: c.names[l.Witnesses[0]] + "、" + c.names[l.Witnesses[1]]},
			{Label: "地点", Value: l.Place}, {Label: "时间", Value: made.Format("2006年1月2日 15:04")}, {Label: "方法", Value: strings.Join(ways, "；")}, {Label: "事由", Value: l.Reason}, {Label: "鉴定意见", Value: l.Opinion}},
		Body: []letter.Block{letter.Heading("一、销毁清单"), letter.Grid([]string{"序", "编号", "题名", "来源", "类别", "密级", "页（件）", "份", "保管人"}, []float64{1.2, 4.4, 4.6, 2.4, 2.4, 1.9, 1.9, 1.1, 2}, rows),
			letter.Plain(fmt.Sprintf("以上共 %d 项，合计 %d 页（件）。编号不再使用，登记永久留存。", len(items), pages))}}
	if electronic {
		out.Body = append(out.Body, letter.Plain("电子资料：每份资料的文件密钥已经销毁，名称、检索词和内容摘要一并清除；密文随即从存储中清除。没有密钥，任何地方留下的密文都无法打开。"))
	}
	if l.Whole {
		out.Body = append(out.Body, letter.Plain("本案资料全部销毁，案件密钥一并销毁。"))
	}
	out.Body = append(out.Body, letter.Heading("二、打印件、复印件和介质的去向"))
	if len(c.Left.Traces) == 0 {
		out.Body = append(out.Body, letter.Plain("清单所列的资料没有留下其他打印件、复印件和介质的登记。"))
	} else {
		out.Body = append(out.Body, letter.Grid([]string{"原件编号", "载体编号", "类别", "去向", "日期"}, []float64{4.4, 4.6, 2.6, 3.6, 2.8}, c.Left.traced()))
	}
	out.Body = append(out.Body, letter.Heading("三、未能销毁的"))
	for _, s := range c.Left.Says() {
		out.Body = append(out.Body, letter.Item(s))
	}
	out.Body = append(out.Body, letter.Plain("销毁人和两位监销人同时在场，逐项核对实物与清单相符，全程监督销毁，未有遗漏、截留。"))
	for n, role := range []string{"销毁人", "监销人", "监销人"} {
		out.Signatures = append(out.Signatures, letter.Signature{Role: role, Name: signers[n].Person.Name, Time: signers[n].At, Fingerprint: signers[n].Fingerprint})
	}
	return out
}

// Sheet gives the signed certificate. The act is viewDestruction; only who may read titles has it.
func (r *Room) Sheet(g *guard.Grant) (pdf []byte, number string, err error) {
	l, err := r.one(g.Tx(access.ViewDestruction), g.Only(access.Destruction))
	switch {
	case err != nil:
		return nil, "", err
	case l.Sheet == "" || !l.knows(g.Facts().Where, g.Who().Person):
		return nil, "", problem.New(problem.Absent, "没有找到，或者您无权知悉")
	}
	g.Note("document", l.Sheet)
	pdf, err = r.Hand.Read(g, l.Sheet)
	return pdf, l.Number, err
}

func joined(ids []string) string { return strings.Join(ids, ",") }
