// Package ui is the kit that every page is made of: the shell, level marks, forms, registers, refusals, the viewer. It knows no
// act and reads no data. A component that speaks takes the language, as its first parameter or as the field Lang; words that a
// room passes in are already in that language. Nothing here needs inline script or style.
//
// Every class is prefixed "mj-". Rooms that write their own markup may use these: mj-hide-s (a column that narrow screens
// leave out), mj-num (figures, right-aligned), mj-dim, mj-late, mj-ok (tones of text), mj-no (numbers people say aloud),
// mj-nowrap, mj-stack, mj-two, mj-noprint, mj-printonly.
package ui

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"mijuan/internal/text"
)

// Tone says how a text is meant; the zero value is plain. Colour never stands alone: the words say it too.
type Tone uint8

const (
	Good Tone = iota + 1 // done, valid, in order
	Warn                 // wants attention, waits for somebody
	Late                 // overdue, refused, broken
	Note                 // for information
)

var tones = map[Tone]string{Good: "mj-good", Warn: "mj-warn", Late: "mj-late", Note: "mj-note"}

// Class is the tone's CSS class.
func (t Tone) Class() string { return tones[t] }

// Link is something a person can go to or do next.
type Link struct {
	Label string
	Href  string
	Post  bool // the address is posted to, by a form of one button
}

// Send renders the page whole and only then sends it, so that an error is never half a page.
func Send(ctx context.Context, w http.ResponseWriter, status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(ctx, &b); err != nil {
		return fmt.Errorf("render a page: %w", err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	_, err := w.Write(b.Bytes())
	return err
}

// Figure writes a whole number in groups of three with narrow spaces that do not break: 48 213.
func Figure(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "−", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return sign + s
}

// Bytes writes a size in the unit people use: 3.4 MB (1 KB is 1024 bytes, as file managers count).
func Bytes(n int64) string {
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	v, unit := float64(n), ""
	for _, unit = range []string{"KB", "MB", "GB", "TB"} {
		if v /= 1024; v < 1023.95 {
			break
		}
	}
	if v >= 100 {
		return fmt.Sprintf("%.0f %s", v, unit)
	}
	return fmt.Sprintf("%.1f %s", v, unit)
}

// zone is the time of the firm's wall clocks. China has one zone and no summer time.
var zone = time.FixedZone("UTC+8", 8*60*60)

// When writes a time as a person at now would say it: 今天 10:26, 昨天 16:30, 11-12 16:30, 2025-11-12 16:30. Both are shown in
// China's time.
func When(lang text.Lang, t, now time.Time) string {
	t, now = t.In(zone), now.In(zone)
	clock := t.Format("15:04")
	switch d := day(now).Sub(day(t)); {
	case d == 0:
		return lang.T("今天 %s", clock)
	case d == 24*time.Hour:
		return lang.T("昨天 %s", clock)
	case t.Year() == now.Year():
		return t.Format("01-02 15:04")
	}
	return t.Format("2006-01-02 15:04")
}

// Date writes a day: 2026-11-23, in China's time.
func Date(t time.Time) string { return t.In(zone).Format(time.DateOnly) }

// Stamp writes a time to the second, for registers and records: 2026-11-23 10:26:07, in China's time.
func Stamp(t time.Time) string { return t.In(zone).Format(time.DateTime) }

func day(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone) }

// first is a when it says anything, else b.
func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
