// Package parcel packs several files into one encrypted container that the recipient opens with a tool of their own: a tar in an age
// file, or a zip with AES-256 (WinZip AE-2) for those who have no age. A container ends with its manifest: each file's name, number,
// level, size and SHA-256. It is written as a stream, in constant memory, and is whole only once Close has returned: one that broke
// off before opens nowhere without complaint. The passphrase goes another way. The bytes are described in docs/formats/parcel.md.
package parcel

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"filippo.io/age"
)

// Format is how a container is encrypted.
type Format string

const (
	Age Format = "age"
	Zip Format = "zip"
)

// Formats lists them in the order in which pages offer them.
var Formats = []Format{Zip, Age}

var formatNames = map[Format]string{Age: "age 加密包", Zip: "AES-256 加密压缩包（zip）"}

// Name is the format in Chinese.
func (f Format) Name() string { return formatNames[f] }

// Extension is how the container's name ends.
func (f Format) Extension() string {
	if f == Age {
		return ".tar.age"
	}
	return ".zip"
}

// File is one file of a container. Its name stands in the clear in a zip, and says nothing.
type File struct {
	Name   string `json:"name"`
	Number string `json:"number"`
	Title  string `json:"title"`
	Level  string `json:"level"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"` // hexadecimal; found by Add
}

// Manifest is what a container says of itself.
type Manifest struct {
	Format  string    `json:"format"` // manifestFormat
	Parcel  string    `json:"parcel"` // its number
	Medium  string    `json:"medium"` // number of the medium that it goes on
	Made    time.Time `json:"made"`
	Warning string    `json:"warning"` // what the recipient is bound to
	Files   []File    `json:"files"`
}

const manifestFormat = "mijuan/parcel/1"

// Names of the manifest within a container: for programs, and for people.
const (
	ManifestJSON = "manifest.json"
	ManifestText = "manifest.txt"
)

// container takes files one after the other, each of a size that is known.
type container interface {
	create(name string, size int64, made time.Time) (io.Writer, error)
	io.Closer
}

// Writer packs one container.
type Writer struct {
	to       container
	manifest Manifest
	names    map[string]bool
	err      error // what went wrong before; nothing can be added any more
}

// New begins a container. Of m, number, medium, time and warning are taken.
func New(w io.Writer, f Format, passphrase string, m Manifest) (*Writer, error) {
	m.Format, m.Files = manifestFormat, nil
	p := &Writer{manifest: m, names: map[string]bool{ManifestJSON: true, ManifestText: true}}
	var err error
	switch f {
	case Age:
		p.to, err = newAge(w, passphrase)
	case Zip:
		p.to, err = newWinZip(w, passphrase)
	default:
		err = fmt.Errorf("no such format %q", f)
	}
	return p, err
}

// Add packs one file: r must give exactly as many bytes as its size says. It gives the file with its hash.
func (p *Writer) Add(f File, r io.Reader) (File, error) {
	if p.err != nil {
		return f, p.err
	}
	if !orderly(f.Name) || p.names[strings.ToLower(f.Name)] {
		return f, fmt.Errorf("a file cannot be called %q here", f.Name)
	}
	p.names[strings.ToLower(f.Name)] = true
	digest := sha256.New()
	if p.err = p.put(f.Name, f.Size, io.TeeReader(r, digest)); p.err != nil {
		return f, fmt.Errorf("pack %s: %w", f.Name, p.err)
	}
	f.SHA256 = hex.EncodeToString(digest.Sum(nil))
	p.manifest.Files = append(p.manifest.Files, f)
	return f, nil
}

func (p *Writer) put(name string, size int64, r io.Reader) error {
	w, err := p.to.create(name, size, p.manifest.Made)
	if err != nil {
		return err
	}
	n, err := io.CopyBuffer(struct{ io.Writer }{w}, io.LimitReader(r, size), make([]byte, 256<<10))
	if err != nil {
		return err
	}
	if more, _ := io.ReadFull(r, make([]byte, 1)); n != size || more != 0 {
		return fmt.Errorf("it has not the %d bytes that it was said to have", size)
	}
	return nil
}

// Close packs the manifest and ends the container. After an error of Add it ends nothing, so that what was written stays broken.
func (p *Writer) Close() error {
	if p.err != nil {
		return p.err
	}
	raw, err := json.MarshalIndent(p.manifest, "", "  ")
	if err != nil {
		return err
	}
	for _, m := range []struct{ name, content string }{{ManifestText, p.manifest.text()}, {ManifestJSON, string(raw) + "\n"}} {
		if p.err = p.put(m.name, int64(len(m.content)), strings.NewReader(m.content)); p.err != nil {
			return fmt.Errorf("pack the manifest: %w", p.err)
		}
	}
	p.err = errors.New("the container is closed")
	return p.to.Close()
}

// text is the manifest for people, with the line ends of Windows.
func (m Manifest) text() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line("导出清单 %s", m.Parcel)
	line("介质：%s", m.Medium)
	line("时间：%s", m.Made.Format("2006-01-02 15:04 MST"))
	line("%s", m.Warning)
	for i, f := range m.Files {
		line("")
		line("%d. %s", i+1, f.Name)
		line("   编号 %s", f.Number)
		line("   名称 %s", f.Title)
		line("   密级 %s", f.Level)
		line("   大小 %d 字节", f.Size)
		line("   SHA-256 %s", f.SHA256)
	}
	return "\ufeff" + b.String()
}

// orderly reports whether a name can be unpacked anywhere as one file in the folder at hand.
func orderly(name string) bool {
	return name != "" && len(name) <= 200 && utf8.ValidString(name) && strings.Trim(name, ". ") == name && !strings.ContainsAny(name, `/\:*?"<>|`) && !strings.ContainsFunc(name, unicode.IsControl)
}

// workFactor of scrypt: 2¹⁶, 64 MiB and a quarter of a second. The passphrases are ours and as strong as a key (see NewPassphrase); the
// work only makes a shorter one, which we never make, less bad.
const workFactor = 16

// sealedTar is a tar within an age file.
type sealedTar struct {
	*tar.Writer
	age io.Closer
}

func newAge(w io.Writer, passphrase string) (*sealedTar, error) {
	r, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, err
	}
	r.SetWorkFactor(workFactor)
	sealed, err := age.Encrypt(w, r)
	if err != nil {
		return nil, err
	}
	return &sealedTar{tar.NewWriter(sealed), sealed}, nil
}

func (s *sealedTar) create(name string, size int64, made time.Time) (io.Writer, error) {
	return s.Writer, s.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: made.Truncate(time.Second)})
}

// Close ends the tar and then the age file.
func (s *sealedTar) Close() error {
	if err := s.Writer.Close(); err != nil {
		return err
	}
	return s.age.Close()
}
