package demo

import (
	"slices"
	"time"

	"mijuan/internal/classification"
	"mijuan/internal/corpus"
	"mijuan/internal/material"
)

// grounds are what the firm's lawyers say of personal information, by the type of document; what is none of these holds none.
var grounds = map[string]material.Ground{
	"身份证":     {Personal: classification.Sensitive, Basis: classification.Separate, Note: "核实当事人身份"},
	"银行流水":    {Personal: classification.Sensitive, Basis: classification.Separate, Note: "核查财产状况"},
	"工资表":     {Personal: classification.HasPersonal, Basis: classification.Contract},
	"财产清单":    {Personal: classification.HasPersonal, Basis: classification.Contract},
	"授权委托书":   {Personal: classification.HasPersonal, Basis: classification.Contract},
	"委托代理合同":  {Personal: classification.HasPersonal, Basis: classification.Contract},
	"起诉状":     {Personal: classification.HasPersonal, Basis: classification.Contract},
	"营业执照":    {Personal: classification.HasPersonal, Basis: classification.Published},
	"债权表":     {Personal: classification.HasPersonal, Basis: classification.LegalDuty},
	"债权审查意见":  {Personal: classification.HasPersonal, Basis: classification.LegalDuty},
	"调查报告":    {Personal: classification.HasPersonal, Basis: classification.OtherLaw, Note: "律师法第三十五条：自行调查取证"},
	"阅卷笔录":    {Personal: classification.HasPersonal, Basis: classification.OtherLaw, Note: "刑事诉讼法第四十条：查阅案卷材料"},
	"会见笔录":    {Personal: classification.Sensitive, Basis: classification.OtherLaw, Note: "刑事诉讼法第三十九条：会见在押的当事人"},
	"取保候审申请书": {Personal: classification.HasPersonal, Basis: classification.Consent},
	"谈话笔录":    {Personal: classification.HasPersonal, Basis: classification.Consent},
}

// before is how long ago the firm began to ask.
const before = 240 * 24 * time.Hour

// groundOf is what is said of a document. Of what came last, and waits for its review, the consent has not been obtained yet; of what came
// before the firm asked, nothing is said where nothing must be.
func groundOf(d corpus.Document) material.Ground {
	g, known := grounds[d.Type]
	if !known && d.ReceivedAt > before && !slices.ContainsFunc(d.Kinds, asked) {
		return material.Ground{}
	}
	if !known {
		return material.Ground{Personal: classification.NoPersonal}
	}
	if d.State == corpus.Proposed && g.Basis == classification.Separate {
		g.Basis = ""
	}
	return g
}

// asked are the kinds of which it must be said whether there is personal information.
func asked(c classification.Category) bool {
	return c == classification.Identity || c == classification.Property
}
