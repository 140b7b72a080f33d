package blob

import (
	"bytes"
	"context"
	"testing"

	"github.com/minio/minio-go/v7"

	"mijuan/internal/blob/s3test"
	"mijuan/internal/problem"
)

func TestPartsCoverTheWhole(t *testing.T) {
	for _, whole := range []int64{0, 1, First, First + 1, First + PartSize - 1, First + PartSize, First + PartSize + 1, First + 7*PartSize, 20 << 30} {
		count, ok := partAt(whole, whole)
		if !ok || count > 10_000 {
			t.Errorf("%d bytes have %d parts, %t", whole, count, ok)
		}
		at := int64(0)
		for i := range count {
			size := partStart(i+1, whole) - partStart(i, whole)
			if n, ok := partAt(at, whole); n != i || !ok {
				t.Fatalf("of %d bytes, part %d begins at %d: %d, %t", whole, i, at, n, ok)
			}
			for _, no := range []int64{at + 1, at - 1} {
				if no != 0 && no != whole {
					if n, ok := partAt(no, whole); ok {
						t.Fatalf("of %d bytes, part %d begins at %d", whole, n, no)
					}
				}
			}
			if size <= 0 || i < count-1 && size < 5<<20 {
				t.Fatalf("of %d bytes, part %d has %d", whole, i, size)
			}
			at += size
		}
		if at != whole {
			t.Errorf("the parts of %d bytes have %d", whole, at)
		}
	}
}

// TestPartsWithAGap goes on behind a part that never arrived, or arrived with another size.
func TestPartsWithAGap(t *testing.T) {
	ctx := context.Background()
	s, err := OpenS3(ctx, s3test.Start(t))
	if err != nil {
		t.Fatal(err)
	}
	const whole = First + 4*PartSize
	for what, parts := range map[string]map[int]int64{"a gap": {1: First + PartSize, 3: PartSize}, "a short part": {1: First + PartSize, 2: PartSize - 1}} {
		state, err := s.Begin(ctx, "a")
		if err != nil {
			t.Fatal(err)
		}
		u, err := parseUpload(state)
		if err != nil {
			t.Fatal(err)
		}
		for n, size := range parts {
			if _, err := s.core.PutObjectPart(ctx, s.bucket, "a", u.id, n, bytes.NewReader(make([]byte, size)), size, minio.PutObjectPartOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		const end = First + 2*PartSize
		state = upload{id: u.id, whole: whole, end: end}.String()
		if _, _, err := s.Append(ctx, "a", state, end, whole, bytes.NewReader(make([]byte, 2*PartSize))); !problem.Is(err, problem.Damaged) {
			t.Errorf("append behind %s: %v", what, err)
		}
		if err := s.Finish(ctx, "a", upload{id: u.id, whole: end, end: end}.String()); !problem.Is(err, problem.Damaged) {
			t.Errorf("finish with %s: %v", what, err)
		}
		state, at, err := s.Append(ctx, "a", state, First+PartSize, end, bytes.NewReader(make([]byte, PartSize)))
		if err != nil || at != end {
			t.Errorf("filling %s: end %d, %v", what, at, err)
		}
		if err := s.Abort(ctx, "a", state); err != nil {
			t.Error(err)
		}
	}
}
