package render

import (
	"fmt"

	"mijuan/internal/problem"
)

// failure is what a worker could not do and why; it crosses the pipe and becomes a problem on the other side.
type failure struct {
	Why   why
	A, B  int    // numbers of the sentence
	Cause string // for the operator; names no content
}

type why byte

const (
	emptyFile   why = iota + 1
	broken          // malformed or cut off
	encrypted       // needs a password to open
	unsupported     // a variant of its format that cannot be read
	tooLarge        // A×B pixels
	noSuchPage      // of A pages
	notViewable     // no pages can be made of its type
	unread          // the source failed; the pool knows its error
	overLimit       // took too long or too much memory
)

func (f *failure) Error() string {
	return fmt.Sprintf("failure %d (%d, %d): %s", f.Why, f.A, f.B, f.Cause)
}

// fail makes a failure of an error that a decoder gave.
func fail(w why, cause error) *failure {
	f := &failure{Why: w}
	if cause != nil {
		f.Cause = cause.Error()
	}
	return f
}

// problem is the failure as people read it.
func (f *failure) problem() *problem.Error {
	var p *problem.Error
	switch f.Why {
	case emptyFile:
		p = problem.New(problem.Invalid, "文件是空的，没有可以显示的内容")
	case encrypted:
		p = problem.New(problem.Invalid, "文件设有打开密码，无法显示；请取得没有密码的版本")
	case unsupported:
		p = problem.New(problem.Invalid, "文件用了不支持的压缩或颜色格式，无法显示")
	case tooLarge:
		p = problem.New(problem.TooLarge, "图片尺寸过大（%d×%d 像素），无法显示", f.A, f.B)
	case noSuchPage:
		p = problem.New(problem.Invalid, "没有这一页，全文共 %d 页", f.A).In("page")
	case notViewable:
		p = problem.New(problem.Invalid, "这种文件还不能在阅览器里显示")
	case overLimit:
		p = problem.New(problem.Invalid, "处理这个文件超出了时间或内存的限制，无法显示")
	default: // broken, and what only a broken worker would say
		p = problem.New(problem.Invalid, "文件已损坏或不完整，无法显示")
	}
	if f.Cause != "" {
		p = p.Because(f)
	}
	return p
}

// unavailable is the problem of a pool that has no worker to offer.
func unavailable(cause error) error {
	return problem.New(problem.Unavailable, "页面显示服务暂时不可用，请稍后再试").Because(cause)
}
