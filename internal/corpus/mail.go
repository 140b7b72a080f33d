package corpus

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"slices"
	"strings"
)

// letterHead reads the "key: value" lines before a mail's blank line and gives its body.
func (s *scene) letterHead(nth int) (head map[string]string, body []string) {
	lines, ok := s.story.sections[fmt.Sprintf("mail %d", nth)]
	if !ok {
		panic(fmt.Sprintf("corpus: %s has no mail %d", s.story.name, nth))
	}
	head = map[string]string{}
	for i, l := range lines {
		key, value, ok := strings.Cut(l, ": ")
		if !ok {
			return head, lines[i:]
		}
		head[key] = value
	}
	return head, nil
}

// mailSubject is the subject of the matter's nth mail; without such a mail it is the cause.
func (s *scene) mailSubject(nth int) string {
	if _, ok := s.story.sections[fmt.Sprintf("mail %d", nth)]; !ok {
		return s.matter.Cause
	}
	head, _ := s.letterHead(nth)
	return head["subject"]
}

// mail writes a message as a mail program stores it (RFC 5322, UTF-8, base64).
func (s *scene) mail(nth int) []byte {
	head, body := s.letterHead(nth)
	var b bytes.Buffer
	field := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	field("From", s.address(head["from"]))
	field("To", s.address(head["to"]))
	if second := s.matter.Team[1].Login; head["from"] != second && head["to"] != second {
		field("Cc", s.address(second))
	}
	field("Date", s.day.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	field("Subject", mime.BEncoding.Encode("utf-8", s.phrase(head["subject"])))
	field("Message-ID", fmt.Sprintf("<%016x.%d@%s>", s.luck.Uint64(), nth, s.office.Domain))
	field("MIME-Version", "1.0")
	field("Content-Type", "text/plain; charset=utf-8")
	field("Content-Transfer-Encoding", "base64")
	b.WriteString("\r\n")
	text := base64.StdEncoding.EncodeToString([]byte(s.mailBody(body)))
	for chunk := range slices.Chunk([]byte(text), 76) {
		b.Write(append(chunk[:len(chunk):len(chunk)], "\r\n"...))
	}
	return b.Bytes()
}

func (s *scene) mailBody(lines []string) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(s.phrase(l) + "\r\n")
	}
	b.WriteString("\r\n----\r\n本邮件及附件仅供收件人使用，可能包含受保密义务约束的信息。误收请立即删除并告知发件人。\r\n")
	return b.String()
}

// address is the mailbox of a member of the firm, of its lead ("lead"), or of somebody at the client's.
func (s *scene) address(who string) string {
	if who == "lead" {
		who = s.matter.Lead()
	}
	for _, p := range s.office.Persons {
		if p.Login == who {
			return mime.BEncoding.Encode("utf-8", p.Name) + " <" + p.Mail + ">"
		}
	}
	return fmt.Sprintf("%s <m%06d@%s.example>", mime.BEncoding.Encode("utf-8", who), chanceOf("mailbox", who).IntN(1e6), s.matter.Client.Key)
}
