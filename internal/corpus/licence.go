package corpus

import (
	"fmt"
	"image"
	"image/color"
	"strings"

	xdraw "golang.org/x/image/draw"
)

// businessLicence is a copy of a company's licence.
func businessLicence(p Party, c chance) *image.RGBA {
	img := blank(1400, 1000)
	frame(img)
	dark := color.RGBA{28, 28, 30, 255}
	letter(img, at(496, 210), 92, "营业执照", ink{color: dark, bold: true, gap: 18})
	letter(img, at(640, 262), 30, "（副　本）", inkOf(dark))
	letter(img, at(130, 320), 24, "统一社会信用代码", inkOf(dark))
	letter(img, at(130, 356), 28, p.Identity, ink{color: dark, bold: true})
	capital := int64(c.between(8, 90)) * 100 * 1000000
	founded := fmt.Sprintf("20%02d年%02d月%02d日", c.between(8, 21), c.between(1, 12), c.between(1, 28))
	left := [][2]string{{"名　　称", p.Name}, {"类　　型", legalForm(p.Name)}, {licenceHead(p.Name), p.Representative}, {"经营范围", c.choose(scopes)}}
	right := [][2]string{{"注册资本", capitals(capital)}, {"成立日期", founded}, {"营业期限", "长期"}, {"住　　所", p.Address}}
	facts(img, 130, 430, 24, left)
	facts(img, 800, 430, 18, right)
	letter(img, at(870, 790), 26, "登记机关　江澜市演示登记局", inkOf(dark))
	letter(img, at(960, 840), 26, founded, inkOf(dark))
	xdraw.BiLinear.Scale(img, image.Rect(960, 690, 1160, 890), sealImage("江澜市演示登记局"), image.Rect(0, 0, sealSize, sealSize), xdraw.Over, nil)
	letter(img, at(130, 880), 20, "本样例由演示程序绘制，名称、代码、机关均系虚构，不得用于任何用途。", inkOf(color.RGBA{110, 110, 110, 255}))
	watermark(img, 62)
	return img
}

// licenceHead fits headed into the column of labels.
func licenceHead(name string) string {
	if strings.Contains(name, "合伙企业") {
		return "委派代表"
	}
	return headed(name)
}

func legalForm(name string) string {
	switch {
	case strings.Contains(name, "有限合伙"):
		return "有限合伙企业"
	case strings.Contains(name, "股份有限"):
		return "股份有限公司（非上市、自然人投资或控股）"
	default:
		return "有限责任公司（自然人投资或控股）"
	}
}

const scopes = "许可项目：{道路货物运输|第二类医疗器械生产|建设工程施工|食品销售}（依法须经批准的项目，经批准后方可开展经营活动）。一般项目：{机械设备研发；机械设备销售；金属加工机械制造|集成电路设计；集成电路销售；信息系统集成服务|供应链管理服务；国内货物运输代理；仓储服务|旅游开发项目策划咨询；园林绿化工程；会议及展览服务}；技术服务、技术开发、技术咨询、技术转让；货物进出口；企业管理咨询。"

func facts(img *image.RGBA, x, y, room float64, pairs [][2]string) {
	dark := color.RGBA{28, 28, 30, 255}
	for _, f := range pairs {
		letter(img, at(x, y), 25, f[0], ink{color: dark, bold: true})
		for _, l := range breakLines(f[1], room*0.92, 0) {
			letter(img, at(x+150, y), 23, l, inkOf(dark))
			y += 38
		}
		y += 16
	}
}

// frame is the ornamental border of two colours.
func frame(img *image.RGBA) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	fillRect(img, 0, 0, w, h, color.RGBA{252, 250, 240, 255})
	gold, pale := color.RGBA{196, 160, 84, 255}, color.RGBA{236, 220, 178, 255}
	for i := 40; i < w-40; i += 20 {
		fillRect(img, i, 40, 12, 22, pale)
		fillRect(img, i, h-62, 12, 22, pale)
	}
	for i := 40; i < h-40; i += 20 {
		fillRect(img, 40, i, 22, 12, pale)
		fillRect(img, w-62, i, 22, 12, pale)
	}
	for _, d := range []int{34, 70} {
		fillRect(img, d, d, w-2*d, 4, gold)
		fillRect(img, d, h-d-4, w-2*d, 4, gold)
		fillRect(img, d, d, 4, h-2*d, gold)
		fillRect(img, w-d-4, d, 4, h-2*d, gold)
	}
	ring(img, float64(w)/2, 110, 34, 5, red)
	letter(img, at(float64(w)/2-24, 119), 24, "样例", ink{color: red, bold: true})
}
