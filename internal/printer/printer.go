// Package printer speaks the Internet Printing Protocol (IPP, RFC 8010 and 8011) to the firm's designated printers: what a printer
// takes and how it stands, sending a document, following the job, finding it again and cancelling it. Over ipps the printer is known
// by its certificate alone. What was sent and whether it may have arrived are told apart exactly (ErrUnsure), since paper that may
// have come out must be looked for. The package also sets page images as the documents that printers take; nothing touches a disk.
package printer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/OpenPrinting/goipp"

	"mijuan/internal/problem"
)

// ErrUnsure in the chain of an error of Print says that the printer may have the job all the same: find out with Find.
var ErrUnsure = errors.New("the printer may have got it")

// ErrBusy in the chain says that the printer has other work and asks to come back.
var ErrBusy = errors.New("the printer is busy")

// Limits of a conversation.
const (
	MaxDocument = 512 << 20 // bytes of one document
	maxAnswer   = 1 << 20
	dialTime    = 5 * time.Second
	askTime     = 15 * time.Second // of a question; sending a document has the caller's deadline
)

// Printer is one printer. It is safe for concurrent use.
type Printer struct {
	address Address
	client  *http.Client
	last    atomic.Uint32
}

// Open makes a printer of an address; it does not connect.
func Open(a Address) (*Printer, error) {
	a, err := a.Clean()
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: dialTime, Control: control}
	transport := &http.Transport{Proxy: nil, DialContext: dialer.DialContext, TLSHandshakeTimeout: dialTime, DisableCompression: true, MaxIdleConns: 1,
		IdleConnTimeout: 5 * time.Second, TLSClientConfig: a.pinned()}
	return &Printer{address: a, client: &http.Client{Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil
}

// pinned trusts the one certificate whose fingerprint stands in the register, whoever signed it: printers sign their own.
func (a Address) pinned() *tls.Config {
	want, _ := hex.DecodeString(a.Pin)
	return &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true, VerifyConnection: func(s tls.ConnectionState) error {
		if len(s.PeerCertificates) > 0 {
			is := sha256.Sum256(s.PeerCertificates[0].Raw)
			if subtle.ConstantTimeCompare(is[:], want) == 1 {
				return nil
			}
		}
		return problem.New(problem.Refused, "打印机出示的证书与登记的指纹不符，没有发送任何内容")
	}}
}

// Close lets idle connections go.
func (p *Printer) Close() { p.client.CloseIdleConnections() }

// ask sends an operation, with the document after it if there is one, and gives the answer of a printer that did what was asked.
func (p *Printer) ask(ctx context.Context, op goipp.Op, document []byte, attributes ...goipp.Attribute) (*goipp.Message, error) {
	if document == nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, askTime)
		defer cancel()
	}
	m := goipp.NewRequest(goipp.DefaultVersion, op, p.last.Add(1))
	m.Operation.Add(goipp.MakeAttribute("attributes-charset", goipp.TagCharset, goipp.String("utf-8")))
	m.Operation.Add(goipp.MakeAttribute("attributes-natural-language", goipp.TagLanguage, goipp.String("zh-cn")))
	m.Operation.Add(goipp.MakeAttribute("printer-uri", goipp.TagURI, goipp.String(p.address.URI)))
	for _, a := range attributes {
		if jobTemplate[a.Name] {
			m.Job.Add(a)
		} else {
			m.Operation.Add(a)
		}
	}
	head, err := m.EncodeBytes()
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", op, err)
	}
	return p.exchange(ctx, op, head, document)
}

// jobTemplate are the attributes that stand in a request's job group.
var jobTemplate = map[string]bool{"copies": true, "sides": true, "media": true, "print-scaling": true}

func (p *Printer) exchange(ctx context.Context, op goipp.Op, head, document []byte) (*goipp.Message, error) {
	var begun atomic.Bool // bytes may have reached the printer
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { begun.Store(true) }})
	body := io.MultiReader(bytes.NewReader(head), bytes.NewReader(document))
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.address.target(), body)
	if err != nil {
		return nil, err
	}
	r.ContentLength = int64(len(head) + len(document))
	r.Header.Set("Content-Type", goipp.ContentType)
	answer, err := p.client.Do(r)
	if err != nil {
		return nil, silent(err, begun.Load())
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		cause := fmt.Errorf("%s: HTTP %d", op, answer.StatusCode)
		if document != nil && answer.StatusCode >= http.StatusInternalServerError {
			cause = errors.Join(ErrUnsure, cause)
		}
		return nil, problem.New(problem.Unavailable, "打印机没有受理：%s", answer.Status).Because(cause)
	}
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err != nil || len(raw) > maxAnswer {
		return nil, silent(errors.Join(err, fmt.Errorf("%d bytes of an answer to %s", len(raw), op)), true)
	}
	m := &goipp.Message{}
	if err := m.DecodeBytes(raw); err != nil {
		return nil, silent(fmt.Errorf("read the answer to %s: %w", op, err), true)
	}
	return m, refused(m)
}

// silent is the problem of a printer from which no answer came. begun says that it may have heard.
func silent(err error, begun bool) error {
	if problem.KindOf(err) == problem.Refused { // the certificate, or where a name led to: nothing was sent
		return err
	}
	if begun {
		err = errors.Join(ErrUnsure, err)
	}
	return problem.New(problem.Unavailable, "连不上打印机：请检查电源、网络和登记的地址").Because(err)
}

// refused is the problem of an answer that says no.
func refused(m *goipp.Message) error {
	status := goipp.Status(m.Code)
	if status < 0x0100 { // successful-ok and its kin
		return nil
	}
	cause := errors.New(status.String())
	switch status {
	case goipp.StatusErrorBusy:
		return problem.New(problem.Unavailable, "打印机正忙，请稍候").Because(errors.Join(ErrBusy, cause))
	case goipp.StatusErrorNotAcceptingJobs, goipp.StatusErrorServiceUnavailable, goipp.StatusErrorTemporary:
		return problem.New(problem.Unavailable, "打印机暂停受理任务").Because(cause)
	case goipp.StatusErrorDocumentFormatNotSupported:
		return problem.New(problem.Conflict, "打印机不接受这种文件格式").Because(cause)
	case goipp.StatusErrorNotFound, goipp.StatusErrorGone:
		return problem.New(problem.Absent, "打印机没有这项任务").Because(cause)
	case goipp.StatusErrorNotPossible:
		return problem.New(problem.Conflict, "打印机说这项任务已经不能变更").Because(cause)
	}
	return problem.New(problem.Conflict, "打印机拒绝了任务（%s）", status.String()).Because(cause)
}
