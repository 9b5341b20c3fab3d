package embedded

import (
	"encoding/xml"
	"io"
	stdlog "log"
	"net/http"
	"net/http/httputil"
	"strings"
)

// Handler is the way of clients to the store, to be mounted at "/<bucket>/" on
// the server's own port. Host and path go through unchanged, for both are signed.
//
// Only GET, HEAD and PUT of single objects pass, and only with a signature; the
// store itself checks it. Pages of any origin may use a signed request: the
// signature is the permission. While the store is down the answer is 503.
func (s *Server) Handler() http.Handler {
	proxy := &httputil.ReverseProxy{
		Transport: s.transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = "http", "object-store.internal"
			r.Out.Host = r.In.Host
		},
		ModifyResponse: func(answer *http.Response) error {
			guard(answer.Header)
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() == nil { // else the client has gone, and nobody reads the answer
				s.opts.Log.Warn().Err(err).Msg("the object store can't be reached")
			}
			w.Header().Set("Retry-After", "1")
			refuse(w, http.StatusServiceUnavailable, "ServiceUnavailable", "The object store can't be reached at the moment. Try again.")
		},
		ErrorLog: stdlog.New(io.Discard, "", 0), // ErrorHandler has logged what matters; this would name objects
	}
	prefix := "/" + s.opts.Bucket + "/"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		switch r.Method {
		case http.MethodOptions:
			preflight(w.Header())
			w.WriteHeader(http.StatusNoContent)
			return
		case http.MethodGet, http.MethodHead, http.MethodPut:
		default:
			w.Header().Set("Allow", "GET, HEAD, PUT, OPTIONS")
			refuse(w, http.StatusMethodNotAllowed, "MethodNotAllowed", "The specified method is not allowed against this resource.")
			return
		}
		if !reachable(r.URL.Path, prefix) || !signed(r) {
			refuse(w, http.StatusForbidden, "AccessDenied", "Access Denied")
			return
		}
		if !framed(r) {
			refuse(w, http.StatusLengthRequired, "MissingContentLength", "You must provide the Content-Length HTTP header, and a body only with PUT.")
			return
		}
		w.Header().Set("Access-Control-Expose-Headers", "ETag, Content-Range, Accept-Ranges")
		proxy.ServeHTTP(w, r)
	})
}

// reachable reports whether a path names an object of the bucket, in no
// roundabout way.
func reachable(path, prefix string) bool {
	key, ok := strings.CutPrefix(path, prefix)
	if !ok || key == "" {
		return false
	}
	for segment := range strings.SplitSeq(key, "/") {
		if segment == "" || segment[0] == '.' {
			return false
		}
	}
	return true
}

// signed reports whether a request carries a signature at all.
func signed(r *http.Request) bool {
	return r.URL.Query().Get("X-Amz-Signature") != "" || r.Header.Get("Authorization") != ""
}

// framed reports whether a request's body has a length known beforehand, and
// belongs to a PUT. The store leaves other bodies it refuses on the line, where
// they would be taken for the next request, perhaps of another client.
func framed(r *http.Request) bool {
	if r.Method == http.MethodPut {
		return r.ContentLength >= 0
	}
	return r.ContentLength == 0
}

// preflight allows what signed requests need, and nothing more.
func preflight(h http.Header) {
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, PUT")
	h.Set("Access-Control-Allow-Headers", "Content-Type, If-None-Match, Range, X-Amz-Checksum-Sha256")
	h.Set("Access-Control-Max-Age", "600")
}

// guard keeps an uploaded file from acting as a page of ours: it comes from the
// same origin as the dashboard.
func guard(h http.Header) {
	for name := range h {
		if strings.HasPrefix(name, "Access-Control-") {
			h.Del(name)
		}
	}
	h.Del("Server")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox")
}

// refuse answers as S3 does.
func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	answer := struct {
		XMLName xml.Name `xml:"Error"`
		Code    string
		Message string
	}{Code: code, Message: message}
	_, _ = io.WriteString(w, xml.Header)
	_ = xml.NewEncoder(w).Encode(answer) // a client that has gone gets nothing
}
