// Package material holds client material (客户资料): what is received into a matter, under which number, at which level, sealed to
// the matter's key. Bytes come in by resumable uploads that are sealed as they arrive (clause 7.2.1), names are checked against
// the matter's own data (7.2.2), marks of state secrets stop an intake (regime C), and a level is proposed by the receiving
// lawyer and filed by somebody else (5.2). Whether a material holds personal information, and on what basis the firm handles that, is on
// record with it (3.5).
package material

import (
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/antivirus"
	"mijuan/internal/blob"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/filetype"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/render"
	"mijuan/internal/vault"
)

// States of a material.
const (
	Proposed = access.State("proposed") // 待审核: only its proposer and its reviewer reach it
	Filed    = access.State("filed")    // 已定密
)

// Material is one document as those who may view it see it.
type Material struct {
	ID          string
	Matter      string
	Number      string
	Title       string // says nothing sensitive
	Name        string // the file's name as it came; sealed, shown only on the material's own page
	Kinds       classification.Set
	ClientAsked bool // the client asked for protection (4.7)
	Level       classification.Level
	State       access.State
	Proposer    string
	Reviewer    string
	Owner       string // who answers for it (3.3)
	Received    time.Time
	Ground      Ground
	Version     Version
}

// Version is one sealed object of a material.
type Version struct {
	ID      string
	N       int
	Size    int64 // plaintext bytes
	Type    filetype.Type
	Pages   int // 0: of another type, or no page of it could be made when it came
	Created time.Time
	By      string

	header []byte
	blob   string
}

// Viewable reports whether the viewer is for such files. It shows the pages, or says why this one has none.
func (v Version) Viewable() bool { return v.Type.Viewable() }

// Shelf keeps the materials. It is safe for concurrent use.
type Shelf struct {
	door    *guard.Door
	book    *matter.Book
	keys    *vault.Keyring
	blobs   blob.Store
	pages   *render.Pool
	scanner *antivirus.Scanner // nil: uploads are not scanned
	fields  fields
	copies  *carrier.Cabinet // where what is fetched is counted
	titles  *vault.Index
	digests *vault.Index
	pours   sync.Map // *hold by upload
}

type fields struct {
	uploadName, advice, title, name, ground *vault.Field
	reason, releaseReason                   *vault.Field
	changeBefore, changeReason              *vault.Field // of a ground
}

// New makes the shelf. The door is needed for uploads, whose bytes flow outside a transaction; the copies, for originals that leave.
func New(door *guard.Door, book *matter.Book, keys *vault.Keyring, blobs blob.Store, pages *render.Pool, copies *carrier.Cabinet) *Shelf {
	return &Shelf{door: door, book: book, keys: keys, blobs: blobs, pages: pages, copies: copies,
		titles: keys.Index("material.search"), digests: keys.Index("version.digest"),
		fields: fields{uploadName: keys.Field("upload.name"), advice: keys.Field("upload.advice"), title: keys.Field("material.title"),
			name: keys.Field("material.name"), ground: keys.Field("material.ground"), reason: keys.Field("leveling.reason"), releaseReason: keys.Field("release.reason"),
			changeBefore: keys.Field("ground_change.before"), changeReason: keys.Field("ground_change.reason")}}
}

// ScanWith has every upload scanned for viruses before anything else looks at it. Call it while wiring.
func (s *Shelf) ScanWith(v *antivirus.Scanner) { s.scanner = v }

// reason checks a reason that a person typed.
func reason(s string) (string, error) {
	s = strings.TrimSpace(s)
	switch n := utf8.RuneCountInString(s); {
	case n == 0:
		return "", problem.New(problem.Invalid, "请写明理由").In("reason")
	case n > 500:
		return "", problem.New(problem.Invalid, "理由过长：最多 %d 个字", 500).In("reason")
	}
	return s, nil
}
