package corpus

// StateSecretSample is a paper with invented marks of a state secret: issuing office, number, level with a term, copy number.
// Nothing in it is real; it exists so that tests can see the product refuse it.
func StateSecretSample() Sample {
	text := file("secret.txt")
	l := pleading
	l.footer = ""
	return Sample{Name: "关于演示事项的通知.pdf", Text: string(plainText(text)), PDF: pdf("演示", Present, compose(text, l, nil))}
}
