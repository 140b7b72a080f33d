package continuing

import (
	"strings"

	"mijuan/internal/hand"
	"mijuan/internal/letter"
)

const longDate = "2006年1月2日"

// letter is the reminder to one who left.
func (d Duty) letter(firm string, m Manner, by hand.Signer) letter.Letter {
	posts := make([]string, len(d.Posts))
	for i, p := range d.Posts {
		posts[i] = p.Name()
	}
	promised := "您在本所工作期间签署的保密承诺"
	if !d.Pledged.IsZero() {
		promised = "您于" + d.Pledged.In(china).Format(longDate) + "签署的离岗承诺书"
	}
	return letter.Letter{Title: "离任保密义务提醒函", Subtitle: firm, Author: firm, Reference: "离任保密义务提醒函 · " + d.Name, Made: by.At,
		Particulars: []letter.Particular{{Label: "收函人", Value: d.Name}, {Label: "原岗位", Value: strings.Join(posts, "、")}, {Label: "最后在岗日", Value: d.LastDay.Format(longDate)},
			{Label: "送达方式", Value: m.Name()}, {Label: "发函日期", Value: by.At.In(china).Format(longDate)}},
		Body: []letter.Block{
			letter.Plain(d.Name + "，您好：\n您已离开本所。按照本所客户资料安全保密管理办法和" + promised + "，您对在岗期间知悉的客户资料和本所秘密仍负有保密义务。这项义务不因离职、退休、转所或者委托终止而结束。"),
			letter.Heading("请您继续做到"),
			letter.Item("不向任何人透露在岗期间知悉的客户身份、财产、商业秘密、案情和往来内容。"),
			letter.Item("不为自己或者他人使用这些信息，包括在新的单位、写作、授课和社交媒体中。"),
			letter.Item("不留存任何客户资料，无论纸质、电子还是照片；如果发现还留有，请不要自行处理，立即联系本所交回。"),
			letter.Item("收到法院、检察院、公安机关或者其他单位的调查要求，涉及这些信息的，请先告知本所。"),
			letter.Item("发现客户资料可能已经泄露的，请立即告知本所。"),
			letter.Plain("违反保密义务的，本所和客户可以依法追究责任。收到本函后，如有疑问，请与本所安全管理员联系。"),
		},
		Signatures: []letter.Signature{{Role: "发函人", Name: by.Person.Name, Time: by.At, Fingerprint: by.Fingerprint}, {Role: "本所盖章"}}}
}
