package course

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"mijuan/internal/problem"
)

// MaxBytes is the most text that a course may have.
const MaxBytes = 1 << 20

// maxFiles keeps an archive of very many empty files from being read.
const maxFiles = 500

// line is one line of a source, without white space at its end.
type line struct {
	file string
	no   int
	text string
}

// Load reads a course from all .md files of a folder, in the order of their names; how it is divided into files means nothing
// else. Hidden files are passed over, any other file is an error, as in a folder that holds more than the course. What is
// wrong with the text is a problem that names file and line; errors of the file system are internal.
func Load(folder fs.FS) (*Course, error) {
	var lines []line
	room, files := MaxBytes, 0
	err := fs.WalkDir(folder, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if base := path.Base(name); name != "." && (strings.HasPrefix(base, ".") || base == "__MACOSX") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			return nil
		}
		if files++; files > maxFiles {
			return problem.New(problem.TooLarge, "课程的文件过多：最多 %d 个", maxFiles)
		}
		if !d.Type().IsRegular() || path.Ext(name) != ".md" {
			return problem.New(problem.Invalid, "课程里只能有 .md 文件，不能有 %s", name)
		}
		raw, err := read(folder, name, room)
		if err != nil {
			return err
		}
		room -= len(raw)
		more, err := split(name, raw)
		lines = append(lines, more...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("load course: %w", err)
	}
	return parse(lines)
}

// Parse reads a course from one text: the files of a course, one after the other. Problems name the file course.md.
func Parse(text string) (*Course, error) {
	if len(text) > MaxBytes {
		return nil, tooLong()
	}
	lines, err := split("course.md", []byte(text))
	if err != nil {
		return nil, err
	}
	return parse(lines)
}

// Unzip reads a course from a ZIP archive of its folder.
func Unzip(archive []byte) (*Course, error) {
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, problem.New(problem.Invalid, "这不是完好的 ZIP 压缩包").Because(err)
	}
	c, err := Load(z)
	if err != nil && problem.KindOf(err) == 0 {
		return nil, problem.New(problem.Invalid, "这不是完好的 ZIP 压缩包").Because(err)
	}
	return c, err
}

// read gives the whole file, or a problem when it is longer than there is room for. It does not believe the stated size.
func read(folder fs.FS, name string, room int) (raw []byte, err error) {
	f, err := folder.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	raw, err = io.ReadAll(io.LimitReader(f, int64(room)+1))
	if err == nil && len(raw) > room {
		return nil, tooLong()
	}
	return raw, err
}

func tooLong() error {
	return problem.New(problem.TooLarge, "课程过长：全部文字最多 %d KiB", MaxBytes>>10)
}

// split makes lines of a file and looks at each for what no part of a course may hold.
func split(file string, raw []byte) ([]line, error) {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if !utf8.Valid(raw) {
		return nil, problem.New(problem.Invalid, "%s 不是 UTF-8 编码的文字；请在编辑器里另存为 UTF-8", file)
	}
	text := strings.ReplaceAll(string(raw), "\r\n", "\n")
	var lines []line
	for i, s := range strings.Split(text, "\n") {
		l := line{file, i + 1, strings.TrimRightFunc(s, unicode.IsSpace)}
		if err := l.check(); err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	// A file ends a paragraph.
	return append(lines, line{file: file, no: len(lines)}), nil
}
