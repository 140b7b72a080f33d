// Package blob keeps sealed bytes: in a directory, or in an S3 bucket. It never sees plaintext and knows no names but random
// ones. What Put and Finish have acknowledged is durable; what was never finished is invisible (clauses 7.2.1, 8.4).
package blob

import (
	"context"
	"fmt"
	"io"

	"mijuan/internal/problem"
)

// Store keeps objects by name. Names are 1 to 64 characters of a–z, 0–9 and '-'. An object never changes: it is made whole,
// read, and deleted. All methods are safe for concurrent use; growing one object is for one caller at a time.
//
// Errors: ErrAbsent for an object that is not there, growing or finished; problem.Unavailable when the place cannot be reached
// or is full; problem.Damaged when bytes are missing that were there. An error of a caller's reader or context is answered as
// it is. Both implementations pass the suite in package blobtest.
type Store interface {
	// Put makes an object of the size. It is whole and durable when Put answers nil; otherwise it is not there or, where only
	// the answer was lost on its way, whole. A reader that gives more or less than the size is an error.
	Put(ctx context.Context, name string, r io.Reader, size int64) error
	// Open opens an object for reading, until it is closed or ctx ends.
	Open(ctx context.Context, name string) (Object, error)
	// Delete removes an object durably; one that is not there is no error.
	Delete(ctx context.Context, name string) error

	// Begin starts an object that grows over several calls, perhaps by several processes, and gives its state, a short text.
	// Starting over drops what had grown.
	Begin(ctx context.Context, name string) (state string, err error)
	// Append adds what r gives at the position, which is 0 or an end that was answered before; what stood behind it is
	// dropped. whole is the size that the object will have in the end, and no more than that is read. The object is durable
	// up to the answered end, also when err is not nil; when it is whole, Finish makes it so. The end is never less than
	// the position, and behind it only if r gave more; where the place failed it may lie before the last byte that was read.
	// The answered state takes the place of the one given.
	Append(ctx context.Context, name, state string, at, whole int64, r io.Reader) (newState string, end int64, err error)
	// Finish makes the object visible, durably, once it is whole. Doing it again is no error.
	Finish(ctx context.Context, name, state string) error
	// Abort drops a growing object; one that is not there is no error.
	Abort(ctx context.Context, name, state string) error

	// List tells every finished object, in no order, until f fails. Objects that come or go meanwhile may be told or not.
	List(ctx context.Context, f func(name string, size int64) error) error
	// Ping asks the place for an answer.
	Ping(ctx context.Context) error
}

// Object is an open object. ReadAt is safe for concurrent use; reading on where the last read ended is fast, and reads ahead
// where the place is far. Bytes before Size that are not there any more are problem.Damaged.
type Object interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// First and PartSize are how an object is cut into parts where it has to be: the first part is First bytes longer. They follow
// the age payload, whose nonce is 16 bytes and whose sealed chunks are 65,552, so that a part ends where a chunk ends; S3 wants
// parts of 5 MiB or more.
const (
	First    = 16
	PartSize = 80 * 65552
)

// ErrAbsent is the answer for an object that is not there. Its kind is problem.Damaged: whoever asks has a record that says
// that it should be.
var ErrAbsent = problem.New(problem.Damaged, "密文不在存储中")

func away(cause error) error {
	return problem.New(problem.Unavailable, "文件存储暂时不可用，请稍后再试").Because(cause)
}

func full(cause error) error {
	return problem.New(problem.Unavailable, "存储空间已满，文件没有保存；请联系管理员").Because(cause)
}

func damaged(cause error) error {
	return problem.New(problem.Damaged, "存储的密文不完整，没有显示任何内容").Because(cause)
}

// wrongSize is the answer to a reader that does not give what it was announced to.
func wrongSize(name string, got, want int64) error {
	if got < want {
		return fmt.Errorf("put %s: %d of %d bytes: %w", name, got, want, io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("put %s: more than %d bytes", name, want)
}

// maxName is the longest name, in bytes.
const maxName = 64

// check refuses what is no name.
func check(name string) error {
	if !valid(name) {
		return fmt.Errorf("blob: %q is no name", name)
	}
	return nil
}

func valid(name string) bool {
	for i := range len(name) {
		c := name[i]
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-') {
			return false
		}
	}
	return name != "" && len(name) <= maxName
}
