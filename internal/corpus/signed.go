package corpus

// Paper is an original as a scanner reads it.
type Paper struct {
	Title string
	Pages int
	PDF   []byte // of pictures
}

// Signed is a paper of a form that is signed by hand (委托代理合同, 授权委托书 …), as a client brings it late. It costs a tenth of a second a page.
// The matter must come from Firm and have such a document.
func Signed(m Matter, form string) Paper {
	const late = 9 // of its form: none of those that Materials has
	p := newPlan(m, form, late, 1)
	s := p.scene
	pages := s.pages(p.form)
	return Paper{Title: s.phrase(p.form.value("title")), Pages: len(pages), PDF: scanPDF(s.phrase(s.story.value("cause")), s.day, pages, s.luck)}
}
