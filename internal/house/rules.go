package house

import (
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"mijuan/internal/access"
	"mijuan/policy"
)

// RuleFiles are the firm's own rules where it has some, else the product's.
func RuleFiles(data string) fs.FS {
	own := filepath.Join(data, policyDir)
	if _, err := os.Stat(own); err == nil {
		return os.DirFS(own)
	}
	return policy.FS
}

// shipped are the rules that come with the program. They are checked once.
var shipped = sync.OnceValues(func() (*access.Rules, error) { return access.Load(policy.FS) })

func (s Settings) rules() (*access.Rules, error) {
	own := RuleFiles(s.Data)
	if own == fs.FS(policy.FS) || s.recovering {
		return shipped()
	}
	return access.Load(own)
}
