package web

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"rsc.io/qr"

	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
)

var noticePage = template.Must(template.ParseFS(pages, "pages/notice.html"))

// printed is what the printed form of a notice says, beside the notice itself.
type printed struct {
	Notice             *app.PrintedNotice
	IssuedOn, Deadline string       // as 2021年4月21日
	Link               string       // to the public check
	Code               template.URL // the link as a picture, in a data URI
}

// PrintNotice serves /notices/{id}/print: a rectification notice on A4, in Chinese
// as it is a document of the bureau, with a code that leads to the public check.
// It opens for a signed link only; 404 for any other, whatever is wrong with it.
// publicURL is the base of the check's address; empty: the address of the request.
func PrintNotice(publicURL string, find func(ctx context.Context, noticeID, until, signature string) (*app.PrintedNotice, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protect(w.Header(), policyFor(""))
		w.Header().Set("Cache-Control", "no-store")
		n, err := find(r.Context(), r.PathValue("id"), r.URL.Query().Get("until"), r.URL.Query().Get("signature"))
		switch {
		case fault.Is(err, fault.NotFound):
			http.Error(w, "链接无效或已过期，请重新打开。\nThis link is not valid, or no longer. Ask for a new one.", http.StatusNotFound)
			return
		case err != nil:
			http.Error(w, "暂时无法打印，请稍后重试。\nPrinting is not available now. Try again later.", http.StatusServiceUnavailable)
			return
		}
		var page bytes.Buffer
		p, err := printedOf(n, verifyBase(publicURL, r))
		if err == nil {
			err = noticePage.Execute(&page, p)
		}
		if err != nil {
			http.Error(w, "internal error", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = page.WriteTo(w)
	})
}

// verifyBase is the address under which the public check is reached.
func verifyBase(publicURL string, r *http.Request) string {
	if publicURL != "" {
		return strings.TrimSuffix(publicURL, "/")
	}
	scheme := "http"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return (&url.URL{Scheme: scheme, Host: r.Host}).String()
}

func printedOf(n *app.PrintedNotice, base string) (printed, error) {
	p := printed{Notice: n, IssuedOn: inChinese(n.IssuedOn), Deadline: inChinese(n.DeadlineOn), Link: base + "/verify/" + url.PathEscape(n.Code)}
	code, err := qr.Encode(p.Link, qr.M)
	if err != nil {
		return p, fmt.Errorf("code of a notice: %w", err)
	}
	p.Code = template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(code.PNG())) //nolint:gosec // a picture that was made here
	return p, nil
}

// inChinese is a date as documents write it.
func inChinese(d clock.Date) string {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return string(d)
	}
	return t.Format("2006年1月2日")
}
