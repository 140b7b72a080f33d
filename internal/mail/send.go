package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"os"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"mijuan/internal/problem"
)

// Letter is one mail to one person: plain text.
type Letter struct {
	ID      string // the same for every attempt at one letter, so that who gets it twice can see that
	To      string
	Subject string
	Text    string
}

// sender is the name beside the address that letters come from.
const sender = "密卷"

// Send hands the letter over. With no error the server has taken it; with one it may still have done so, where the line broke between its
// taking it and its saying so.
func (m *Server) Send(ctx context.Context, l Letter) error {
	msg, err := m.compose(l)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case m.line <- struct{}{}:
		defer func() { <-m.line }()
	case <-ctx.Done():
		return m.told(ctx.Err())
	}
	client, err := m.client(ctx)
	if err != nil {
		return err
	}
	err = client.DialAndSendWithContext(ctx, msg)
	if msg.IsDelivered() { // what fails after that, as leave-taking, is nobody's matter
		return nil
	}
	return m.told(err)
}

// Answers asks whether the server is there, is who it should be, and takes the account.
func (m *Server) Answers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	client, err := m.client(ctx)
	if err != nil {
		return err
	}
	c, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return m.told(err)
	}
	_ = client.CloseWithSMTPClient(c) // it has answered
	return nil
}

func (m *Server) compose(l Letter) (*gomail.Msg, error) {
	to, err := Address(l.To)
	if err != nil || to == "" {
		return nil, problem.New(problem.Refused, "收件人的邮箱地址不对").Because(err)
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := errors.Join(msg.FromFormat(sender, m.set.From), msg.To(to)); err != nil {
		return nil, problem.New(problem.Refused, "收件人的邮箱地址不对").Because(err)
	}
	msg.Subject(l.Subject)
	msg.SetMessageIDWithValue(l.ID + "@" + m.set.From[strings.LastIndexByte(m.set.From, '@')+1:])
	msg.SetDate()
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no absence notes, please
	msg.SetBodyString(gomail.TypeTextPlain, l.Text)
	return msg, nil
}

// dial makes the line, by TLS from the first byte where that is asked for.
func (m *Server) dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := &net.Dialer{Timeout: patience / 3}
	if m.set.Security == TLS {
		return (&tls.Dialer{NetDialer: d, Config: m.tls.Clone()}).DialContext(ctx, network, address)
	}
	return d.DialContext(ctx, network, address)
}

// client is a client of the server whose line closes when ctx ends.
func (m *Server) client(ctx context.Context) (*gomail.Client, error) {
	dial := func(_ context.Context, network, address string) (net.Conn, error) {
		c, err := m.dial(ctx, network, address)
		if err == nil { // the library leaves the line open where a greeting fails
			context.AfterFunc(ctx, func() { c.Close() })
		}
		return c, err
	}
	options := []gomail.Option{gomail.WithPort(m.set.Port), gomail.WithTimeout(patience / 2), gomail.WithTLSConfig(m.tls.Clone()), gomail.WithDialContextFunc(dial),
		gomail.WithHELO(m.set.From[strings.LastIndexByte(m.set.From, '@')+1:])} // not this machine's name
	switch m.set.Security {
	case TLS:
		options = append(options, gomail.WithSSL())
	case StartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case None:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if m.set.User != "" {
		options = append(options, gomail.WithUsername(m.set.User), gomail.WithPassword(string(m.set.Secret)),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	c, err := gomail.NewClient(m.set.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("set up the connection to %s: %w", m, err)
	}
	return c, nil
}

// told is what is said of a letter that was not taken.
func (m *Server) told(err error) error {
	cause := fmt.Errorf("ask %s: %w", m, err)
	var refused *gomail.SendError
	if errors.As(err, &refused) { // whose own words hold addresses, which are for no log
		cause = fmt.Errorf("send by %s: %s, reply %d", m, refused.Reason, refused.ErrorCode())
	}
	away := func(format string, args ...any) error {
		return problem.New(problem.Unavailable, format, args...).Because(cause)
	}
	var (
		name      x509.HostnameError
		authority x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
		lookup    *net.DNSError
		protocol  *textproto.Error
	)
	switch {
	case refused != nil && refused.ErrorCode() != 0:
		return m.refused(refused, cause)
	case errors.As(err, &name):
		return away("邮件服务器的证书不是发给 %s 的", m.set.Host)
	case errors.As(err, &authority):
		return away("邮件服务器的证书不是由受信任的机构签发的；自建机构的证书请填在这里")
	case errors.As(err, &invalid):
		return away("邮件服务器的证书已经过期，或者不能用作服务器证书")
	case errors.As(err, &record):
		return away("邮件服务器在这个端口上不用 TLS；请核对端口和连接方式")
	case errors.As(err, &lookup):
		return away("找不到邮件服务器 %s", m.set.Host)
	case strings.Contains(fmt.Sprint(err), "does not support STARTTLS"):
		return away("邮件服务器不支持 STARTTLS；不加密就不发送")
	case strings.Contains(fmt.Sprint(err), "SMTP AUTH"), errors.As(err, &protocol) && protocol.Code >= 530 && protocol.Code <= 538:
		return away("邮件服务器不接受这个账号或密码")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return away("邮件服务器没有及时回答：%s", m.String())
	}
	return away("连不上邮件服务器 %s", m.String())
}

// refused is what the server said of the letter.
func (m *Server) refused(said *gomail.SendError, cause error) error {
	code, kind := said.ErrorCode(), problem.Unavailable
	switch {
	case code >= 530 && code <= 538: // wants an account
		return problem.New(kind, "邮件服务器要求先用账号登录").Because(cause)
	case said.Reason == gomail.ErrSMTPMailFrom:
		return problem.New(kind, "邮件服务器不接受发件地址 %s（答复 %d）", m.set.From, code).Because(cause)
	case !said.IsTemp() && said.Reason == gomail.ErrSMTPRcptTo:
		return problem.New(problem.Refused, "邮件服务器不接受收件人的邮箱地址（答复 %d）", code).Because(cause)
	case !said.IsTemp():
		return problem.New(problem.Refused, "邮件服务器拒收这封邮件（答复 %d）", code).Because(cause)
	}
	return problem.New(kind, "邮件服务器暂时不收（答复 %d）", code).Because(cause)
}
