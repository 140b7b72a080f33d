// Package text is the catalogue: every sentence a person reads is written in Chinese where it is used, and that Chinese text
// (with its fmt verbs) is its key. English stands in en/*.json, one file a room. A missing English text falls back to the
// Chinese one and fails a test.
package text

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
)

// Lang is a language of the faces.
type Lang uint8

const (
	ZH Lang = iota + 1 // 简体中文, the source
	EN
)

//go:embed en/*.json
var files embed.FS

var english = load()

func load() map[string]string {
	all := map[string]string{}
	names, err := files.ReadDir("en")
	if err != nil {
		panic(err)
	}
	for _, n := range names {
		raw, err := files.ReadFile("en/" + n.Name())
		if err != nil {
			panic(err)
		}
		if err := json.Unmarshal(raw, &all); err != nil {
			panic("text: en/" + n.Name() + ": " + err.Error())
		}
	}
	return all
}

// T is the text in the language, with its arguments filled in.
func (l Lang) T(format string, args ...any) string {
	if l == EN {
		if t, ok := english[format]; ok {
			format = t
		}
	}
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}

// Tag is the BCP 47 tag for the html element.
func (l Lang) Tag() string {
	if l == EN {
		return "en"
	}
	return "zh-CN"
}

// Known reports whether the Chinese text has an English one.
func Known(format string) bool { _, ok := english[format]; return ok }

// Parse picks the language from a tag or an Accept-Language header; anything unknown is Chinese.
func Parse(tag string) Lang {
	if strings.HasPrefix(strings.ToLower(strings.TrimSpace(tag)), "en") {
		return EN
	}
	return ZH
}
