// Package blob keeps sealed bytes: in a directory, or in an S3 bucket. It never sees plaintext and knows no names but random
// ones. What Put and Finish have acknowledged is durable; what was never finished is invisible.
package blob

import (
	"context"
	"io"

	"mijuan/internal/problem"
)

// Store keeps objects by name. Names are 1 to 64 characters of a–z, 0–9 and '-'. An object never changes: it is made whole,
// read, and deleted. All methods are safe for concurrent use; growing one object is for one caller at a time.
//
// Errors: ErrAbsent for an object that is not there; problem.Unavailable when the place cannot be reached or is full.
// Both implementations pass the suite in package blobtest.
type Store interface {
	// Put makes an object of size bytes. It is whole and durable when Put answers nil, and not there otherwise.
	Put(ctx context.Context, name string, r io.Reader, size int64) error
	// Open opens an object for reading.
	Open(ctx context.Context, name string) (Object, error)
	// Delete removes an object; one that is not there is no error.
	Delete(ctx context.Context, name string) error

	// Begin starts an object that grows over several calls, perhaps by several processes, and gives its state. Starting over
	// drops what had grown.
	Begin(ctx context.Context, name string) (state string, err error)
	// Append adds what r gives at the position; what stood behind it is dropped. whole is the size that the object will have
	// in the end. The object is durable up to end, which is never less than the position, also when err is not nil; unless
	// the object is whole, end may lie before the last byte read: S3 keeps whole parts of PartSize only. An error of r is
	// answered as it is.
	Append(ctx context.Context, name, state string, at, whole int64, r io.Reader) (newState string, end int64, err error)
	// Finish makes the grown object visible. Doing it again is no error.
	Finish(ctx context.Context, name, state string) error
	// Abort drops a growing object; one that is not there is no error.
	Abort(ctx context.Context, name, state string) error

	// List tells every finished object, in no order.
	List(ctx context.Context, f func(name string, size int64) error) error
	// Ping asks the place for an answer.
	Ping(ctx context.Context) error
}

// Object is an open object.
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

// ErrAbsent is the answer for an object that is not there.
var ErrAbsent = problem.New(problem.Damaged, "密文不在存储中")

func away(cause error) error {
	return problem.New(problem.Unavailable, "文件存储暂时不可用，请稍后再试").Because(cause)
}

func full(cause error) error {
	return problem.New(problem.Unavailable, "存储空间已满，文件没有保存；请联系管理员").Because(cause)
}

// valid reports whether a name may be used.
func valid(name string) bool {
	if name == "" || len(name) > 64 {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-') {
			return false
		}
	}
	return true
}
