package store

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"mijuan/internal/problem"
)

var (
	errText error = problem.New(problem.Invalid, "文字里有不能保存的字符").Because(errors.New("store: text must be UTF-8 without NUL"))
	errType       = errors.New("store: only TEXT, BIGINT and BYTEA are portable")
)

// portable turns arguments into the few types that both engines take alike, and refuses what only one of them would.
func portable(args []any) ([]any, error) {
	out := make([]any, len(args))
	for i, a := range args {
		v, err := portableOne(a)
		if err != nil {
			return nil, fmt.Errorf("argument $%d: %w", i+1, err)
		}
		out[i] = v
	}
	return out, nil
}

func portableOne(a any) (any, error) {
	switch v := a.(type) {
	case nil, int64, []byte:
		return v, nil
	case int:
		return int64(v), nil
	case string:
		return v, checkText(v)
	}
	v, err := driver.DefaultParameterConverter.ConvertValue(a)
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case string:
		return v, checkText(v)
	case bool, float64, time.Time:
		return nil, fmt.Errorf("%w, not %T", errType, a)
	}
	return v, nil
}

func checkText(s string) error {
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		return errText
	}
	return nil
}
