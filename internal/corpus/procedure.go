package corpus

import (
	"cmp"
	"strings"
)

// procedures are the words that differ between the ways of settling a dispute.
var procedures = map[string]map[string]string{
	"civil":          {"起诉书": "民事起诉状", "答辩书": "民事答辩状", "请求": "诉讼请求", "程序": "诉讼", "机关": "人民法院", "机关简": "院", "裁判者": "审判长、审判员"},
	"arbitration":    {"起诉书": "仲裁申请书", "答辩书": "仲裁答辩书", "请求": "仲裁请求", "程序": "仲裁", "机关": "仲裁庭", "机关简": "会", "裁判者": "首席仲裁员、仲裁员"},
	"administrative": {"起诉书": "行政起诉状", "答辩书": "行政答辩状", "请求": "诉讼请求", "程序": "行政诉讼", "机关": "人民法院", "机关简": "院", "裁判者": "审判长、审判员"},
}

// locals are the names that the forms use and that depend on the matter's kind and on who stands where.
func (s *scene) locals() map[string]string {
	out := map[string]string{}
	words, ok := procedures[s.matter.Kind]
	if !ok {
		words = procedures["civil"]
	}
	for k, v := range words {
		out[k] = cmp.Or(s.story.words[k], v)
	}
	client := s.matter.Client
	out["client.addr"], out["client.id"] = client.Address, client.Identity
	out["证照"], out["B证照"] = certificate(client.Kind), certificate(s.story.parties["B"].Kind)
	out["contact"] = client.Representative
	if client.Kind == "person" {
		out["contact"] = client.Name
	}
	out["致函对象"] = s.story.parties["B"].Name
	out["决议主体"] = client.Name
	if key := s.story.value("resolves"); key != "" {
		out["决议主体"] = s.story.parties[key].Name
	}
	person := s.person()
	out["人"], out["人号"] = person.Name, person.Identity
	if company, ok := s.anyCompany(); ok {
		out["公司"], out["公司号"] = company.Name, company.Identity
	}
	s.contractSides(out)
	return out
}

func certificate(kind string) string {
	if kind == "person" {
		return "公民身份号码"
	}
	return "统一社会信用代码"
}

// contractSides names the two sides of the matter's contract; the head "sides: B A" changes their order.
func (s *scene) contractSides(out map[string]string) {
	sides := strings.Fields(s.story.value("sides"))
	if len(sides) != 2 {
		sides = []string{"A", "B"}
	}
	for i, word := range []string{"甲", "乙"} {
		p := s.story.parties[sides[i]]
		out[word], out[word+"全"], out[word+"址"], out[word+"号"] = p.Short, p.Name, p.Address, p.Identity
	}
	out["合同名"] = strings.Trim(s.story.words["合同"], "《》")
	if t, ok := s.story.dates["签约"]; ok {
		out["签约日"] = day(t)
	}
	out["争议解决"] = "任何一方均可向合同签订地有管辖权的人民法院提起诉讼"
	if s.matter.Kind == "arbitration" {
		out["争议解决"] = "任何一方均可提交江澜仲裁委员会，按照申请时有效的仲裁规则在江澜市进行仲裁，裁决是终局的"
	}
}
